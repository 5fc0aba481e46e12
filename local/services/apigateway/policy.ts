import { fields, list, text } from "../../front/read.ts";

/** What an IAM policy says about one action on one resource. */
export type Decision = "allow" | "deny" | "none";

const patterns = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((item) => text(item) ?? []);

const expressions = new Map<string, RegExp>();

/** IAM's wildcards: `*` any run of characters (slashes too), `?` any one. */
const matches = (pattern: string, subject: string): boolean => {
  if (pattern === "*" || pattern === subject) return true;
  let expression = expressions.get(pattern);
  if (!expression) {
    const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[\\s\\S]*");
    expression = new RegExp(`^${source.replaceAll("?", "[\\s\\S]")}$`);
    // Authorizers may put user input in a pattern: the memo must not grow without end.
    if (expressions.size > 1_000) expressions.clear();
    expressions.set(pattern, expression);
  }
  return expression.test(subject);
};

const covers = (statement: unknown, action: string, resource: string): boolean => {
  const { Action, NotAction, Resource, NotResource } = fields(statement);
  const lower = action.toLowerCase();
  const acted = NotAction
    ? !patterns(NotAction).some((p) => matches(p.toLowerCase(), lower))
    : patterns(Action).some((p) => matches(p.toLowerCase(), lower));
  if (!acted) return false;
  return NotResource
    ? !patterns(NotResource).some((p) => matches(p, resource))
    : patterns(Resource).some((p) => matches(p, resource));
};

/** Evaluates a policy document: an explicit deny wins, then any allow. */
export const evaluate = (document: unknown, action: string, resource: string): Decision => {
  const raw = fields(document).Statement;
  const statements = Array.isArray(raw) ? list(raw) : [raw];
  let decision: Decision = "none";
  for (const statement of statements) {
    if (!covers(statement, action, resource)) continue;
    if (fields(statement).Effect === "Deny") return "deny";
    // Conditions are not evaluated: such a Deny holds and such an Allow does not, so nothing passes that AWS would stop.
    if (fields(statement).Effect === "Allow" && !fields(statement).Condition) decision = "allow";
  }
  return decision;
};
