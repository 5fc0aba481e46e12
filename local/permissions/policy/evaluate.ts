import type { Context } from "./context.ts";
import { NOTHING } from "./context.ts";
import { aboutAction, aboutResource, compileDocument, conditionsHold, type Statement } from "./document.ts";
import { type Named, named, type Subject } from "./principal.ts";

/** What a single document says of one action on one resource. */
export type Decision = "allow" | "deny" | "none";

/** What decides about a subject. */
export interface Policies {
  /** Of the subject's role. */
  readonly identity: readonly Statement[];
  /** The role's permissions boundary; undefined when it has none. */
  readonly boundary?: readonly Statement[];
  /** Of the resource itself; undefined when it has none. */
  readonly resource?: readonly Statement[];
}

/** One thing to be allowed. */
export interface Question {
  readonly subject: Subject;
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

/** Where a refusal comes from, in the order of AWS's messages. */
export type Refusal =
  | "deny-identity"
  | "deny-boundary"
  | "deny-resource"
  | "no-identity"
  | "no-boundary"
  | "no-resource";

/** The outcome, and the statements that made it. */
export interface Verdict {
  readonly allowed: boolean;
  readonly refusal?: Refusal;
  readonly statements: readonly Statement[];
}

const applies = (statement: Statement, action: string, { resource, context }: Question): boolean =>
  aboutAction(statement, action) &&
  aboutResource(statement, resource, context) &&
  conditionsHold(statement, context);

interface Said {
  readonly denies?: Statement;
  readonly allows: readonly Statement[];
}

const ask = (statements: readonly Statement[], action: string, question: Question): Said => {
  const allows: Statement[] = [];
  for (const statement of statements) {
    if (!applies(statement, action, question)) continue;
    if (!statement.allows) return { denies: statement, allows: [] };
    allows.push(statement);
  }
  return { allows };
};

interface ResourceSaid {
  readonly denies?: Statement;
  readonly allows: readonly { readonly statement: Statement; readonly by: Named }[];
}

const askResource = (statements: readonly Statement[], action: string, question: Question): ResourceSaid => {
  const allows: { statement: Statement; by: Named }[] = [];
  for (const statement of statements) {
    const by = statement.principals ? named(statement.principals, question.subject) : "no";
    if (by === "no" || !applies(statement, action, question)) continue;
    // A denial of the account is one of everybody in it.
    if (!statement.allows) return { denies: statement, allows: [] };
    allows.push({ statement, by });
  }
  return { allows };
};

const refuse = (refusal: Refusal, statement?: Statement): Verdict => ({
  allowed: false,
  refusal,
  statements: statement ? [statement] : [],
});

const allow = (statements: readonly Statement[]): Verdict => ({ allowed: true, statements });

/**
 * AWS's evaluation within one account: an explicit deny anywhere ends it; then the resource's policy or the role's own
 * allows, the latter only within the boundary. Services and anonymous callers have the resource's policy alone.
 * Source: IAM user guide, "Policy evaluation logic".
 */
export const decide = (policies: Policies, question: Question): Verdict => {
  const action = question.action.toLowerCase();
  const isRole = question.subject.kind === "role";
  const identity: Said = isRole ? ask(policies.identity, action, question) : { allows: [] };
  if (identity.denies) return refuse("deny-identity", identity.denies);
  const boundary = isRole && policies.boundary ? ask(policies.boundary, action, question) : undefined;
  if (boundary?.denies) return refuse("deny-boundary", boundary.denies);
  const resource = askResource(policies.resource ?? [], action, question);
  if (resource.denies) return refuse("deny-resource", resource.denies);
  const within = boundary === undefined || boundary.allows.length > 0;
  // A role's ARN in a resource's policy stays within the role's boundary; its session's ARN does not.
  const granted = resource.allows.filter(({ by }) => by === "session" || (by !== "account" && within));
  if (identity.allows.length > 0 && within) return allow(identity.allows);
  if (granted.length > 0) return allow(granted.map(({ statement }) => statement));
  if (!isRole) return refuse("no-resource");
  const wanted = identity.allows.length > 0 || resource.allows.some(({ by }) => by !== "account");
  return refuse(wanted ? "no-boundary" : "no-identity");
};

const SUBJECT: Subject = { kind: "anonymous" };

/** Evaluates one document that names nobody, as an authorizer returns it. What AWS would not take as a policy decides nothing. */
export const evaluate = (
  document: unknown,
  action: string,
  resource: string,
  context: Context = NOTHING,
): Decision => {
  let statements: Statement[];
  try {
    statements = compileDocument(document, { policy: "policy" });
  } catch {
    return "none";
  }
  const said = ask(statements, action.toLowerCase(), { subject: SUBJECT, action, resource, context });
  if (said.denies) return "deny";
  return said.allows.length > 0 ? "allow" : "none";
};
