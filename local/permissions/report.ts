import type { Graph } from "../graph/graph.ts";
import type { Role } from "./graph/roles.ts";
import { nameOfResource } from "./names.ts";
import type { Statement } from "./policy/document.ts";

/** One action on one resource that a role may do. */
export interface GrantUse {
  readonly action: string;
  /** As the stack calls it. */
  readonly resource: string;
  readonly policy: string;
  readonly source?: string;
  readonly uses: number;
}

/** One refusal, and how often it was given. */
export interface Denial {
  /** Component of the function, or the ARN of what AWS acted for. */
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  readonly why: string;
  readonly source?: string;
  /** The line that would allow it, ready to paste into the stack; where a policy of the function's role is what lacks. */
  readonly grant?: string;
  count: number;
}

/** What one function, or one role of AWS's services, may do and did. */
export interface Holder {
  /** Component of the function, or the role's name. */
  readonly name: string;
  readonly handler?: string;
  readonly source?: string;
  readonly grants: readonly GrantUse[];
}

/** What was granted, used and refused since the start. */
export interface Report {
  readonly app: string;
  readonly holders: readonly Holder[];
  readonly denials: readonly Denial[];
}

const grantsOf = (graph: Graph, statements: readonly Statement[]): GrantUse[] =>
  statements.flatMap(({ grants, origin }) =>
    grants.map(({ action, resource, uses }) => ({
      action,
      resource: nameOfResource(graph, resource),
      policy: origin.policy,
      ...(origin.source ? { source: origin.source } : {}),
      uses,
    })),
  );

/** Draws up the report. Roles that several functions share are told once, under the first. */
export const drawUp = (
  graph: Graph,
  roles: ReadonlyMap<string, Role>,
  denials: Iterable<Denial>,
): Report => ({
  app: graph.app,
  holders: [...roles.values()].map((role) => {
    const spec = graph.functions.find((f) => f.roleArn === role.arn);
    const source = spec?.source ?? role.source;
    return {
      name: spec?.component ?? role.name,
      ...(spec ? { handler: spec.handler } : {}),
      ...(source ? { source } : {}),
      grants: grantsOf(graph, role.identity),
    };
  }),
  denials: [...denials].map((denial) => ({ ...denial })),
});

const keyOf = (grant: GrantUse) => JSON.stringify([grant.action, grant.resource, grant.policy, grant.source]);

const mergeHolders = (a: Holder, b: Holder): Holder => {
  const uses = new Map(b.grants.map((grant) => [keyOf(grant), grant]));
  const known = new Set(a.grants.map(keyOf));
  return {
    ...a,
    grants: [
      ...a.grants.map((grant) => ({ ...grant, uses: grant.uses + (uses.get(keyOf(grant))?.uses ?? 0) })),
      ...b.grants.filter((grant) => !known.has(keyOf(grant))),
    ],
  };
};

/** Adds up the reports of several runs of one app: a grant is unused when no run used it. */
export const merge = (reports: readonly Report[]): Report => {
  const holders = new Map<string, Holder>();
  for (const holder of reports.flatMap((report) => report.holders)) {
    const key = holder.handler ? holder.name : `${holder.name.replace(/-[^-]+$/, "")} ${holder.source}`;
    const known = holders.get(key);
    holders.set(key, known ? mergeHolders(known, holder) : holder);
  }
  return {
    app: reports[0]?.app ?? "",
    holders: [...holders.values()],
    denials: reports.flatMap((report) => report.denials),
  };
};

/** What was granted and never used, one line for each function and line of the stacks. */
export const unusedLines = ({ holders }: Report): string[] =>
  holders.flatMap(({ name, source, grants }) => {
    const unused = Object.groupBy(
      grants.filter((grant) => grant.uses === 0),
      (grant) => grant.resource,
    );
    const parts = Object.entries(unused).map(
      ([resource, list = []]) => `${list.map((grant) => grant.action).join(", ")} on ${resource}`,
    );
    return parts.length === 0 ? [] : [`${name} (${source ?? "?"}): ${parts.join(" · ")}`];
  });
