/** A pattern that CloudWatch Logs would refuse. */
export class InvalidPattern extends Error {}

/** One word of a filter expression. */
export type Token =
  | { readonly type: "symbol"; readonly text: "(" | ")" | "&&" | "||" | "," | "..." }
  | { readonly type: "operator"; readonly text: "=" | "!=" | "<" | ">" | "<=" | ">=" }
  | { readonly type: "string" | "regex" | "word" | "selector"; readonly text: string };

// Longest first. A selector may quote keys that hold dots: $.['a.b'].c or $['x'][0].
const GRAMMAR =
  /\s*(?:(?<symbol>\(|\)|&&|\|\||,|\.\.\.)|(?<operator>!=|<=|>=|=|<|>)|"(?<string>(?:[^"\\]|\\.)*)"|%(?<regex>[^%]*)%|(?<selector>\$(?:\.?\[(?:\d+|\*|'[^']*'|"[^"]*")\]|\.[\w@:-]+)+)|(?<word>[^\s"%()=!<>&|,]+))/y;

/** Splits the inside of `{ … }` or `[ … ]` into tokens. */
export const tokenize = (text: string): Token[] => {
  const tokens: Token[] = [];
  GRAMMAR.lastIndex = 0;
  while (text.slice(GRAMMAR.lastIndex).trim() !== "") {
    const at = GRAMMAR.lastIndex;
    const groups = GRAMMAR.exec(text)?.groups;
    if (!groups) throw new InvalidPattern(`Invalid filter pattern at "${text.slice(at).trim()}"`);
    const [type, value] = Object.entries(groups).find(([, found]) => found !== undefined) ?? ["word", ""];
    const unquoted = type === "string" ? value.replaceAll(/\\(.)/g, "$1") : value;
    tokens.push({ type, text: unquoted } as Token);
  }
  return tokens;
};
