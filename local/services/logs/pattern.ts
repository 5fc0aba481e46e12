import { parseExpression } from "./pattern-expression.ts";
import { InvalidPattern, type Token, tokenize } from "./pattern-tokens.ts";
import { type Found, selector } from "./pattern-values.ts";

/** Decides whether a log event's message passes a filter. */
export type Matcher = (message: string) => boolean;

const jsonPattern = (inside: string): Matcher => {
  const test = parseExpression<unknown>(tokenize(inside), (token) => {
    if (token.type !== "selector")
      throw new InvalidPattern(`"${token.text}" is not a selector such as $.field`);
    return selector(token.text);
  });
  return (message) => {
    if (!message.trimStart().startsWith("{") && !message.trimStart().startsWith("[")) return false;
    try {
      return test(JSON.parse(message));
    } catch {
      return false;
    }
  };
};

type Columns = ReadonlyMap<string, string>;

/** Columns of a space-delimited line: bracketed and quoted parts are one column each. */
const splitLine = (line: string): string[] =>
  [...line.matchAll(/\[([^\]]*)\]|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");

const columnsPattern = (inside: string): Matcher => {
  const fields: Token[][] = [[]];
  for (const token of tokenize(inside)) {
    if (token.type === "symbol" && token.text === ",") fields.push([]);
    else fields.at(-1)?.push(token);
  }
  const names = fields.map(([first], i) => (first?.type === "word" ? first.text : (first?.text ?? `w${i}`)));
  const gap = names.indexOf("...");
  const tests = fields
    .filter((tokens) => tokens.length > 1)
    .map((tokens) =>
      parseExpression<Columns>(tokens, (name) => (columns): Found[] => {
        const value = columns.get(name.text);
        return [value === undefined ? { exists: false } : { exists: true, value }];
      }),
    );
  return (message) => {
    const line = splitLine(message);
    const fits = gap < 0 ? line.length === names.length : line.length >= names.length - 1;
    if (!fits) return false;
    const shift = line.length - names.length;
    const columns = new Map(
      names.map((name, i) => [name, line[gap >= 0 && i > gap ? i + shift : i] ?? ""] as const),
    );
    return tests.every((test) => test(columns));
  };
};

const TERM = /\s*(?<mark>[-?])?(?:"(?<quoted>(?:[^"\\]|\\.)*)"|%(?<regex>[^%]*)%|(?<word>[^\s"]+))/y;

const termsPattern = (pattern: string): Matcher => {
  const all: Matcher[] = [];
  const any: Matcher[] = [];
  TERM.lastIndex = 0;
  while (pattern.slice(TERM.lastIndex).trim() !== "") {
    const groups = TERM.exec(pattern)?.groups;
    if (!groups) throw new InvalidPattern(`Invalid filter pattern "${pattern}"`);
    const text = groups.quoted?.replaceAll(/\\(.)/g, "$1") ?? groups.word ?? "";
    const regex = groups.regex === undefined ? undefined : new RegExp(groups.regex);
    const contains: Matcher = regex ? (message) => regex.test(message) : (message) => message.includes(text);
    if (groups.mark === "?") any.push(contains);
    else all.push(groups.mark === "-" ? (message) => !contains(message) : contains);
  }
  // CloudWatch ignores ?terms that stand beside other terms.
  return all.length > 0
    ? (message) => all.every((test) => test(message))
    : (message) => any.some((test) => test(message));
};

/** Compiles CloudWatch Logs' filter pattern: empty, terms, `[columns]` or `{ json }`. */
export const compilePattern = (pattern: string): Matcher => {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) {
    if (!text.endsWith("}")) throw new InvalidPattern("Invalid filter pattern: missing }");
    return jsonPattern(text.slice(1, -1));
  }
  if (text.startsWith("[") && text.endsWith("]")) return columnsPattern(text.slice(1, -1));
  return termsPattern(text);
};
