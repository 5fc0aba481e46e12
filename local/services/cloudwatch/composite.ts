import type { State } from "./alarm.ts";

// Source: "AlarmRule" of PutCompositeAlarm, Amazon CloudWatch API reference.
const TOKEN =
  /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^()\s]+))\s*\)|(AND|OR|NOT|TRUE|FALSE)\b|([()]))/y;

type Token = { readonly state: string; readonly alarm: string } | string;

const tokensOf = (rule: string): Token[] | undefined => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (rule.slice(TOKEN.lastIndex).trim() !== "") {
    const [whole, state, double, single, bare, word, sign] = TOKEN.exec(rule) ?? [];
    if (whole === undefined) return undefined;
    const alarm = double ?? single ?? bare;
    tokens.push(state && alarm ? { state, alarm } : (word ?? sign ?? ""));
  }
  return tokens;
};

const nameOf = (alarm: string) => /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(alarm)?.[1] ?? alarm;

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  readonly stateOf: (alarm: string) => State | undefined;
}

const take = (reader: Reader, word: string): boolean => {
  if (reader.tokens[reader.at] !== word) return false;
  reader.at += 1;
  return true;
};

// Both sides are always read: an expression's end must be found whatever its value.
const any = (reader: Reader): boolean => {
  let value = all(reader);
  while (take(reader, "OR")) value = all(reader) || value;
  return value;
};

const all = (reader: Reader): boolean => {
  let value = one(reader);
  while (take(reader, "AND")) value = one(reader) && value;
  return value;
};

const one = (reader: Reader): boolean => {
  if (take(reader, "NOT")) return !one(reader);
  if (take(reader, "(")) {
    const value = any(reader);
    if (!take(reader, ")")) throw new SyntaxError("a bracket is not closed");
    return value;
  }
  const token = reader.tokens[reader.at++];
  if (token === "TRUE" || token === "FALSE") return token === "TRUE";
  if (typeof token !== "object") throw new SyntaxError("a condition is missing");
  return reader.stateOf(nameOf(token.alarm)) === token.state;
};

/** Whether a composite alarm's rule holds; undefined when it is no rule. */
export const holds = (rule: string, stateOf: (alarm: string) => State | undefined): boolean | undefined => {
  const tokens = tokensOf(rule);
  if (!tokens || rule.length > 10_240) return undefined;
  const reader: Reader = { tokens, at: 0, stateOf };
  try {
    const value = any(reader);
    return reader.at === tokens.length ? value : undefined;
  } catch {
    return undefined;
  }
};
