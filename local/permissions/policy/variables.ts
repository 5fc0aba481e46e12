import type { Context } from "./context.ts";

// `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and `${*}`, `${?}`, `${$}` for the characters themselves.
const VARIABLE = /\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}/g;
// Private-use characters stand for `*` and `?` that are meant literally: values never contain them.
const STAR = "\uE000";
const MARK = "\uE001";

/** Whether a text of a policy of 2012-10-17 asks for a value of the request. */
export const hasVariables = (text: string): boolean => text.includes("${");

const literal = (value: string) => value.replaceAll("*", STAR).replaceAll("?", MARK);

/**
 * Fills in policy variables; undefined when one has no value and no default: such a text matches nothing.
 * A value's own `*` and `?` stay literal.
 */
export const fillIn = (text: string, context: Context): string | undefined => {
  let missing = false;
  const filled = text.replace(VARIABLE, (_, name: string, fallback: string | undefined) => {
    if (name === "*") return STAR;
    if (name === "?") return MARK;
    if (name === "$") return "$";
    const values = context(name.toLowerCase());
    // A key of several values cannot be a variable.
    const value = values?.length === 1 ? values[0] : fallback;
    if (value === undefined) missing = true;
    return literal(value ?? "");
  });
  return missing ? undefined : filled;
};

/** A subject as it must look beside a filled-in pattern with literal wildcards. */
export const beside = (pattern: string, subject: string): string =>
  pattern.includes(STAR) || pattern.includes(MARK) ? literal(subject) : subject;
