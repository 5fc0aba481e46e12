import { InvalidPattern } from "./pattern-error.ts";

/** Compiles EventBridge's wildcard: `*` is any run of characters, `\*` an asterisk, `\\` a backslash. */
export const wildcard = (pattern: string): ((value: string) => boolean) => {
  const parts = split(pattern);
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return (value) => value === first;
  // Greedy from the left is exact for patterns made of literals and stars, and never backtracks.
  return (value) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last))
      return false;
    let from = first.length;
    for (const part of rest) {
      const found = value.indexOf(part, from);
      if (found < 0) return false;
      from = found + part.length;
    }
    return from <= value.length - last.length;
  };
};

// Positions in messages count the opening quote that EventBridge sees, hence the + 1.
const split = (pattern: string): string[] => {
  const parts = [""];
  const push = (text: string) => {
    parts[parts.length - 1] += text;
  };
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    const next = pattern.charAt(i + 1);
    if (char === "\\") {
      if (next !== "*" && next !== "\\") throw new InvalidPattern(`Invalid escape character at pos ${i + 1}`);
      push(next);
      i++;
    } else if (char !== "*") push(char);
    else if (next === "*") throw new InvalidPattern(`Consecutive wildcard characters at pos ${i + 1}`);
    else parts.push("");
  }
  return parts;
};
