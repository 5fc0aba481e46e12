import { type Condition, compileConditions, MalformedPolicy } from "./conditions.ts";
import type { Context } from "./context.ts";
import { compilePrincipals, type Principals } from "./principal.ts";
import { beside, fillIn, hasVariables } from "./variables.ts";
import { matches } from "./wildcard.ts";

/** Where a statement stands: for messages and the report. */
export interface Origin {
  /** `inline policy "…"`, `managed policy AWSLambdaBasicExecutionRole`, `policy of the queue`. */
  readonly policy: string;
  /** `stacks/orders.ts:24` */
  readonly source?: string;
}

/** One action pattern on one resource pattern, and how often it let something through. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
  uses: number;
}

/** A statement ready to be asked. */
export interface Statement {
  readonly origin: Origin;
  readonly allows: boolean;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources: readonly string[];
  readonly notResources?: readonly string[];
  readonly principals?: Principals;
  readonly conditions: readonly Condition[];
  /** True when the same action on the same resource may be decided otherwise next time. */
  readonly varies: boolean;
  /** Allow statements only. */
  readonly grants: readonly Grant[];
}

interface Raw {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: unknown;
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === "string");

const compile = (raw: Raw, origin: Origin): Statement => {
  if (raw.Effect !== "Allow" && raw.Effect !== "Deny")
    throw new MalformedPolicy(`Effect is ${JSON.stringify(raw.Effect)}, not "Allow" or "Deny"`);
  const resources = texts(raw.Resource);
  const notResources = raw.NotResource === undefined ? undefined : texts(raw.NotResource);
  const actions = texts(raw.Action);
  const notActions = raw.NotAction === undefined ? undefined : texts(raw.NotAction);
  const conditions = compileConditions(raw.Condition);
  const principals = compilePrincipals(raw);
  const shown = notResources?.map((r) => `not ${r}`) ?? resources;
  const pairs = (notActions?.map((a) => `not ${a}`) ?? actions).flatMap((action) =>
    shown.map((resource) => ({ action, resource, uses: 0 })),
  );
  return {
    origin,
    allows: raw.Effect === "Allow",
    actions: actions.map((a) => a.toLowerCase()),
    ...(notActions ? { notActions: notActions.map((a) => a.toLowerCase()) } : {}),
    resources,
    ...(notResources ? { notResources } : {}),
    ...(principals ? { principals } : {}),
    conditions,
    varies: conditions.length > 0 || [...resources, ...(notResources ?? [])].some(hasVariables),
    grants: raw.Effect === "Allow" ? pairs : [],
  };
};

/** Compiles a policy document, as an object or as JSON. Throws `MalformedPolicy` where AWS would refuse it. */
export const compileDocument = (document: unknown, origin: Origin): Statement[] => {
  let parsed = document;
  if (typeof document === "string") {
    try {
      parsed = JSON.parse(document);
    } catch {
      throw new MalformedPolicy("The policy is not JSON");
    }
  }
  if (typeof parsed !== "object" || parsed === null) throw new MalformedPolicy("The policy is no object");
  const { Statement: list } = parsed as { Statement?: unknown };
  return (Array.isArray(list) ? list : [list]).map((raw: unknown) => {
    if (typeof raw !== "object" || raw === null) throw new MalformedPolicy("A statement is no object");
    return compile(raw, origin);
  });
};

const resourceMatches = (pattern: string, resource: string, context: Context): boolean => {
  if (!hasVariables(pattern)) return matches(pattern, resource);
  const filled = fillIn(pattern, context);
  return filled !== undefined && matches(filled, beside(filled, resource));
};

/** Whether a statement is about an action (in lower case). */
export const aboutAction = ({ actions, notActions }: Statement, action: string): boolean =>
  notActions
    ? !notActions.some((pattern) => matches(pattern, action))
    : actions.some((pattern) => matches(pattern, action));

/** Whether a statement is about a resource. */
export const aboutResource = (statement: Statement, resource: string, context: Context): boolean => {
  const { resources, notResources } = statement;
  return notResources
    ? !notResources.some((pattern) => resourceMatches(pattern, resource, context))
    : resources.some((pattern) => resourceMatches(pattern, resource, context));
};

/** Whether all conditions of a statement hold. */
export const conditionsHold = ({ conditions }: Statement, context: Context): boolean =>
  conditions.every((condition) => condition(context));

/** The grants of an allowing statement by which an action (in lower case) on a resource is let through. */
export const grantsUsed = (
  statement: Statement,
  action: string,
  resource: string,
  context: Context,
): Grant[] =>
  statement.grants.filter(
    (grant) =>
      (statement.notActions !== undefined || matches(grant.action.toLowerCase(), action)) &&
      (statement.notResources !== undefined || resourceMatches(grant.resource, resource, context)),
  );
