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

/** Reads `a = 1 && (b != "x" || c NOT EXISTS)`; `&&` binds tighter than `||`. */
export const parseExpression = <Subject>(
  tokens: readonly Token[],
  lookup: Lookup<Subject>,
): Test<Subject> => {
  let at = 0;
  const peek = (text: string) => tokens[at]?.type === "symbol" && tokens[at]?.text === text;
  const next = (): Token => {
    const token = tokens[at++];
    if (!token) throw new InvalidPattern("Invalid filter pattern: it ends too soon");
    return token;
  };
  const unary = (): ValueTest | undefined => {
    for (const [name, test] of Object.entries(UNARY)) {
      const words = name.split(" ");
      const matches = words.every((word, i) => {
        const token = tokens[at + i];
        return token?.type === "word" && token.text.toUpperCase() === word;
      });
      if (!matches) continue;
      at += words.length;
      return test;
    }
    return undefined;
  };
  const condition = (): Test<Subject> => {
    if (peek("(")) {
      at += 1;
      const inner = either();
      if (!peek(")")) throw new InvalidPattern("Invalid filter pattern: missing )");
      at += 1;
      return inner;
    }
    const values = lookup(next());
    const single = unary();
    if (single) return (subject) => values(subject).some(single);
    const operator = next();
    if (operator.type !== "operator")
      throw new InvalidPattern(`Invalid filter pattern at "${operator.text}"`);
    const test = comparison(operator.text, next());
    return (subject) => values(subject).some(test);
  };
  const both = (): Test<Subject> => {
    const tests = [condition()];
    while (peek("&&")) {
      at += 1;
      tests.push(condition());
    }
    return (subject) => tests.every((test) => test(subject));
  };
  const either = (): Test<Subject> => {
    const tests = [both()];
    while (peek("||")) {
      at += 1;
      tests.push(both());
    }
    return (subject) => tests.some((test) => test(subject));
  };
  const test = either();
  if (at < tokens.length) throw new InvalidPattern(`Invalid filter pattern at "${tokens[at]?.text}"`);
  return test;
};
