import type { On } from "./rule.schema.ts";

/** Where a fault may strike: a call, a delivery, an invocation. Rules are matched against this. */
export interface Point {
  readonly service: string;
  /** `PutItem`; REST calls match by `GET /path` too. */
  readonly operation: readonly string[];
  /** Names of the function concerned; empty when there is none. */
  readonly function: readonly string[];
  /** Names of the resources concerned. */
  readonly target: readonly string[];
  readonly key: readonly string[];
  /** The running invocation, when the point is within one. */
  readonly invocation?: string | undefined;
}

/** Keys are user data: a regular expression is given no more than this of one. */
const LONGEST = 2_048;
const REGEXP = /^\/(.+)\/([imsu]*)$/s;

/** `*` is any text, `?` one character, `/…/` a regular expression. */
export const toRegExp = (pattern: string): RegExp => {
  const [, source, flags] = REGEXP.exec(pattern) ?? [];
  if (source !== undefined) return new RegExp(source, flags);
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
};

type Test = (point: Point) => boolean;

const testOf = (patterns: string | readonly string[], read: (point: Point) => readonly string[]): Test => {
  const tests = [patterns].flat().map(toRegExp);
  return (point) => read(point).some((text) => tests.some((test) => test.test(text.slice(0, LONGEST))));
};

const READ: Readonly<Record<keyof On, (point: Point) => readonly string[]>> = {
  service: (point) => [point.service],
  operation: (point) => point.operation,
  function: (point) => point.function,
  target: (point) => point.target,
  key: (point) => point.key,
};

/** Compiles what a rule is on. */
export const matcher = (on: On): Test => {
  const tests = (Object.keys(READ) as (keyof On)[]).flatMap((name) => {
    const patterns = on[name];
    return patterns === undefined ? [] : [testOf(patterns, READ[name])];
  });
  return (point) => tests.every((test) => test(point));
};
