const compiled = new Map<string, RegExp>();
// Authorizers may put user input in a pattern: the memo must not grow without end.
const MEMO_LIMIT = 2_000;

const escapeChar = (text: string) => text.replace(/[.+^${}()|[\]\\*?]/g, "\\$&");

const toExpression = (pattern: string): RegExp => {
  const source = [...pattern]
    .map((char) => (char === "*" ? "[\\s\\S]*" : char === "?" ? "[\\s\\S]" : escapeChar(char)))
    .join("")
    // Many stars in a row mean one, and would make a hostile pattern slow.
    .replace(/(?:\[\\s\\S\]\*){2,}/g, "[\\s\\S]*");
  return new RegExp(`^${source}$`);
};

/** IAM's wildcards: `*` any run of characters (slashes and colons too), `?` any one. */
export const matches = (pattern: string, subject: string): boolean => {
  if (pattern === "*" || pattern === subject) return true;
  if (!pattern.includes("*") && !pattern.includes("?")) return false;
  let expression = compiled.get(pattern);
  if (!expression) {
    expression = toExpression(pattern);
    if (compiled.size > MEMO_LIMIT) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.test(subject);
};

/** An ARN's six parts: the last keeps its colons. */
const arnParts = (arn: string): string[] | undefined => {
  const parts = arn.split(":");
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(":")];
};

/** ArnLike and ArnEquals: each of the six parts is compared by itself. */
export const arnMatches = (pattern: string, subject: string): boolean => {
  if (pattern === "*") return true;
  const [wanted, given] = [arnParts(pattern), arnParts(subject)];
  return (
    wanted !== undefined && given !== undefined && wanted.every((part, at) => matches(part, given[at] ?? ""))
  );
};
