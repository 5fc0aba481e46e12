import { InvalidPattern, type Token } from "./pattern-tokens.ts";
import { comparison, type Found, type ValueTest } from "./pattern-values.ts";

/** Tests a whole event, through a function that looks its fields up. */
export type Test<Subject> = (subject: Subject) => boolean;

/** How a grammar names what it compares: `$.a.b` in JSON, a column in a space-delimited pattern. */
export type Lookup<Subject> = (name: Token) => (subject: Subject) => readonly Found[];

const UNARY: Record<string, ValueTest> = {
  "IS NULL": (found) => found.exists && found.value === null,
  "IS TRUE": (found) => found.exists && found.value === true,
  "IS FALSE": (found) => found.exists && found.value === false,
  "NOT EXISTS": (found) => !found.exists,
  EXISTS: (found) => found.exists,
};

interface Position {
  readonly tokens: readonly Token[];
  at: number;
}

interface Reader<Subject> extends Position {
  readonly lookup: Lookup<Subject>;
}

/** Moves past `text` if it comes next. */
const accept = (reader: Position, text: string): boolean => {
  const token = reader.tokens[reader.at];
  const found = token?.type === "symbol" && token.text === text;
  if (found) reader.at += 1;
  return found;
};

const next = (reader: Position): Token => {
  const token = reader.tokens[reader.at++];
  if (!token) throw new InvalidPattern("Invalid filter pattern: it ends too soon");
  return token;
};

const unary = (reader: Position): ValueTest | undefined => {
  for (const [name, test] of Object.entries(UNARY)) {
    const words = name.split(" ");
    const matches = words.every((word, i) => {
      const token = reader.tokens[reader.at + i];
      return token?.type === "word" && token.text.toUpperCase() === word;
    });
    if (!matches) continue;
    reader.at += words.length;
    return test;
  }
  return undefined;
};

const condition = <Subject>(reader: Reader<Subject>): Test<Subject> => {
  if (accept(reader, "(")) {
    const inner = either(reader);
    if (!accept(reader, ")")) throw new InvalidPattern("Invalid filter pattern: missing )");
    return inner;
  }
  const values = reader.lookup(next(reader));
  const single = unary(reader);
  if (single) return (subject) => values(subject).some(single);
  const operator = next(reader);
  if (operator.type !== "operator") throw new InvalidPattern(`Invalid filter pattern at "${operator.text}"`);
  const test = comparison(operator.text, next(reader));
  return (subject) => values(subject).some(test);
};

const both = <Subject>(reader: Reader<Subject>): Test<Subject> => {
  const tests = [condition(reader)];
  while (accept(reader, "&&")) tests.push(condition(reader));
  return (subject) => tests.every((test) => test(subject));
};

const either = <Subject>(reader: Reader<Subject>): Test<Subject> => {
  const tests = [both(reader)];
  while (accept(reader, "||")) tests.push(both(reader));
  return (subject) => tests.some((test) => test(subject));
};

/** Reads `a = 1 && (b != "x" || c NOT EXISTS)`; `&&` binds tighter than `||`. */
export const parseExpression = <Subject>(
  tokens: readonly Token[],
  lookup: Lookup<Subject>,
): Test<Subject> => {
  const reader: Reader<Subject> = { tokens, lookup, at: 0 };
  const test = either(reader);
  if (reader.at < tokens.length)
    throw new InvalidPattern(`Invalid filter pattern at "${tokens[reader.at]?.text}"`);
  return test;
};
