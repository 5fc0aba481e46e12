import type { Graph } from "../graph/graph.ts";
import type { Clock } from "../kit/clock.ts";
import type { Access } from "./access/access.ts";
import { type Facts, globalKeys } from "./context.ts";
import type { ResourcePolicies } from "./graph/resource-policies.ts";
import type { Role } from "./graph/roles.ts";
import { type Context, contextOf, firstOf } from "./policy/context.ts";
import { aboutAction, type Grant, grantsUsed, type Statement } from "./policy/document.ts";
import { decide, type Policies, type Verdict } from "./policy/evaluate.ts";
import type { Subject } from "./policy/principal.ts";

/** One thing somebody wants to do. */
export interface Wish {
  readonly subject: Subject;
  readonly role?: Role;
  readonly access: Access;
  readonly facts: Omit<Facts, "graph" | "clock" | "resource" | "role">;
}

/** Decides wishes, counts what was used, and remembers what cannot be decided otherwise. */
export interface Decisions {
  decide(wish: Wish): Verdict;
  /** Forgets what was remembered: a resource's policy has changed. */
  forget(): void;
}

interface Remembered {
  readonly verdict: Verdict;
  readonly grants: readonly Grant[];
}

interface Candidates extends Policies {
  readonly varies: boolean;
}

// Objects and log streams have names without end.
const REMEMBER = 20_000;

const about = (statements: readonly Statement[], action: string) =>
  statements.filter((statement) => aboutAction(statement, action));

/** A role's statements about an action: worked out once. */
const createCandidates = () => {
  const known = new WeakMap<Role, Map<string, Candidates>>();
  const none: Candidates = { identity: [], varies: false };
  return (role: Role | undefined, action: string): Candidates => {
    if (!role) return none;
    let byAction = known.get(role);
    if (!byAction) {
      byAction = new Map();
      known.set(role, byAction);
    }
    let found = byAction.get(action);
    if (!found) {
      const identity = about(role.identity, action);
      const boundary = role.boundary && about(role.boundary, action);
      const varies = [...identity, ...(boundary ?? [])].some((statement) => statement.varies);
      found = { identity, ...(boundary ? { boundary } : {}), varies };
      byAction.set(action, found);
    }
    return found;
  };
};

const serviceKeys = ({ context }: Access): Context => {
  if (!context) return () => undefined;
  let read: Context | undefined;
  return (key) => {
    read ??= contextOf(context());
    return read(key);
  };
};

const grantsOf = (verdict: Verdict, access: Access, context: Context): Grant[] =>
  verdict.statements.flatMap((statement) =>
    grantsUsed(statement, access.action.toLowerCase(), access.resource, context),
  );

const subjectKey = (subject: Subject, { sourceArn = "" }: Wish["facts"]) => {
  if (subject.kind === "role") return subject.sessionArn;
  return subject.kind === "service" ? `${subject.service} ${sourceArn}` : "";
};

/** Decides by the roles' own policies and those of the resources. */
export const createDecisions = (graph: Graph, clock: Clock, resources: ResourcePolicies): Decisions => {
  const candidates = createCandidates();
  const remembered = new Map<string, Remembered>();

  const count = ({ verdict, grants }: Remembered): Verdict => {
    for (const grant of grants) grant.uses += 1;
    return verdict;
  };

  return {
    decide(wish) {
      const { subject, role, access, facts } = wish;
      const { action, resource } = access;
      const key = `${subjectKey(subject, facts)} ${action} ${resource}`;
      const known = remembered.get(key);
      if (known) return count(known);
      const own = candidates(role, action.toLowerCase());
      const theirs = about(resources.of(resource) ?? [], action.toLowerCase());
      const context = firstOf(
        serviceKeys(access),
        globalKeys({ ...facts, ...(role ? { role } : {}), graph, clock, resource }),
      );
      const verdict = decide({ ...own, resource: theirs }, { subject, action, resource, context });
      const found: Remembered = { verdict, grants: grantsOf(verdict, access, context) };
      if (!own.varies && !theirs.some((statement) => statement.varies)) {
        if (remembered.size > REMEMBER) remembered.clear();
        remembered.set(key, found);
      }
      return count(found);
    },
    forget: () => remembered.clear(),
  };
};
