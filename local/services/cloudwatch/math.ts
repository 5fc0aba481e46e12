import { functions } from "./math-functions.ts";
import { MathError, type Token, tokensOf } from "./math-tokens.ts";

// Source: "Using math expressions with CloudWatch metrics", Amazon CloudWatch user guide.

/** Values by start of their period, epoch milliseconds. */
export type TimeSeries = ReadonlyMap<number, number>;

/** What an expression, or a part of one, comes to. */
export type Value = number | string | TimeSeries | readonly TimeSeries[];

/** What names in an expression stand for. */
export interface Scope {
  readonly names: ReadonlyMap<string, Value>;
  readonly periodMs: number;
  /** Starts of all periods asked for. */
  readonly times: readonly number[];
}

/** A time series. */
export const isSeries = (value: Value): value is TimeSeries => value instanceof Map;

const OPERATORS: Readonly<Record<string, readonly [power: number, apply: (a: number, b: number) => number]>> =
  {
    "||": [1, (a, b) => Number(a !== 0 || b !== 0)],
    OR: [1, (a, b) => Number(a !== 0 || b !== 0)],
    "&&": [2, (a, b) => Number(a !== 0 && b !== 0)],
    AND: [2, (a, b) => Number(a !== 0 && b !== 0)],
    "==": [3, (a, b) => Number(a === b)],
    "!=": [3, (a, b) => Number(a !== b)],
    "<": [4, (a, b) => Number(a < b)],
    ">": [4, (a, b) => Number(a > b)],
    "<=": [4, (a, b) => Number(a <= b)],
    ">=": [4, (a, b) => Number(a >= b)],
    "+": [5, (a, b) => a + b],
    "-": [5, (a, b) => a - b],
    "*": [6, (a, b) => a * b],
    "/": [6, (a, b) => a / b],
    "^": [7, (a, b) => a ** b],
  };
const UNARY_POWER = 6;

// A period that one side lacks, or where the result is no number (division by zero), has no value.
const each = (times: Iterable<number>, value: (at: number) => number | undefined): TimeSeries => {
  const found = new Map<number, number>();
  for (const at of times) {
    const one = value(at);
    if (one !== undefined && Number.isFinite(one)) found.set(at, one);
  }
  return found;
};

/** Applies `f` to two values, period by period; an array of series element by element. */
export const combine = (a: Value, b: Value, f: (a: number, b: number) => number): Value => {
  if (typeof a === "string" || typeof b === "string") throw new MathError("A text is no operand");
  if (typeof a === "number" && typeof b === "number") return f(a, b);
  if (Array.isArray(a)) return a.map((one: TimeSeries) => combine(one, b, f) as TimeSeries);
  if (Array.isArray(b)) return b.map((one: TimeSeries) => combine(a, one, f) as TimeSeries);
  const at = (value: Value, time: number) => (isSeries(value) ? value.get(time) : (value as number));
  return each((isSeries(a) ? a : (b as TimeSeries)).keys(), (time) => {
    const [x, y] = [at(a, time), at(b, time)];
    return x === undefined || y === undefined ? undefined : f(x, y);
  });
};

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  readonly scope: Scope;
}

const MAX_DEPTH = 64;

const take = (reader: Reader, sign: string): boolean => {
  const token = reader.tokens[reader.at];
  if (token?.kind !== "sign" || token.text !== sign) return false;
  reader.at += 1;
  return true;
};

const expect = (reader: Reader, sign: string) => {
  if (!take(reader, sign)) throw new MathError(`"${sign}" is missing`);
};

const items = (reader: Reader, end: string, depth: number): Value[] => {
  const found: Value[] = [];
  if (take(reader, end)) return found;
  do found.push(expression(reader, 0, depth + 1));
  while (take(reader, ","));
  expect(reader, end);
  return found;
};

const named = (reader: Reader, name: string, depth: number): Value => {
  if (take(reader, "(")) {
    const call = functions[name.toUpperCase()];
    if (!call) throw new MathError(`The function ${name} is not served locally`);
    return call(items(reader, ")", depth), reader.scope);
  }
  const value = reader.scope.names.get(name);
  if (value !== undefined) return value;
  if (name === "REPEAT" || name === "LINEAR") return name;
  throw new MathError(`No metric or expression has the id ${name}`);
};

const operand = (reader: Reader, depth: number): Value => {
  const token = reader.tokens[reader.at];
  if (!token) throw new MathError("The expression ends too early");
  reader.at += 1;
  if (token.kind === "number") return token.value;
  if (token.kind === "text") return token.text;
  if (token.kind === "name") return named(reader, token.text, depth);
  if (token.text === "-") return combine(0, expression(reader, UNARY_POWER, depth + 1), (a, b) => a - b);
  if (token.text === "[") return items(reader, "]", depth).filter(isSeries);
  if (token.text !== "(") throw new MathError(`"${token.text}" stands where a value should`);
  const inner = expression(reader, 0, depth + 1);
  expect(reader, ")");
  return inner;
};

/** Precedence climbing: https://eli.thegreenplace.net/2012/08/02/parsing-expressions-by-precedence-climbing */
const expression = (reader: Reader, power: number, depth: number): Value => {
  if (depth > MAX_DEPTH) throw new MathError("The expression is nested too deeply");
  let left = operand(reader, depth);
  for (;;) {
    const token = reader.tokens[reader.at];
    const operator = token && token.kind !== "number" ? OPERATORS[token.text] : undefined;
    if (!operator || operator[0] <= power) return left;
    reader.at += 1;
    left = combine(left, expression(reader, operator[0], depth + 1), operator[1]);
  }
};

/** Evaluates a metric math expression. Throws MathError with a sentence where it cannot be. */
export const evaluateMath = (text: string, scope: Scope): Value => {
  const reader: Reader = { tokens: tokensOf(text), at: 0, scope };
  const value = expression(reader, 0, 0);
  if (reader.at < reader.tokens.length) throw new MathError(`"${text}" goes on after its end`);
  return value;
};
