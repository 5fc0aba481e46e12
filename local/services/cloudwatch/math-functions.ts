import type { Scope, TimeSeries, Value } from "./math.ts";
import { MathError } from "./math-tokens.ts";

type Call = (args: readonly Value[], scope: Scope) => Value;

const seriesOf = (value: Value | undefined): TimeSeries => {
  if (value instanceof Map) return value;
  throw new MathError("A time series is expected");
};

const numbersOf = (value: Value | undefined): number[] => {
  if (typeof value === "number") return [value];
  return [...seriesOf(value).values()];
};

/** Of an array: one series, period by period over its members. Of one series: a number, over its periods. */
const over =
  (fold: (values: readonly number[]) => number): Call =>
  ([value]) => {
    if (!Array.isArray(value)) return fold(numbersOf(value));
    const members = value as readonly TimeSeries[];
    const times = new Set(members.flatMap((one) => [...one.keys()]));
    return new Map([...times].sort((a, b) => a - b).map((at) => [at, fold(valuesAt(members, at))]));
  };

const valuesAt = (members: readonly TimeSeries[], at: number) =>
  members.flatMap((one) => {
    const value = one.get(at);
    return value === undefined ? [] : [value];
  });

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((one) => (one - middle) ** 2)));
};

/** One value at a time. */
const map =
  (f: (value: number) => number): Call =>
  ([value]) => {
    if (typeof value === "number") return f(value);
    if (Array.isArray(value)) return (value as readonly TimeSeries[]).map((one) => mapSeries(one, f));
    return mapSeries(seriesOf(value), f);
  };

const mapSeries = (series: TimeSeries, f: (value: number) => number): TimeSeries =>
  new Map([...series].map(([at, value]) => [at, f(value)]));

/** Each value with the one before it. */
const pairs = (series: TimeSeries, f: (now: number, before: number, ms: number) => number): TimeSeries => {
  const sorted = [...series].sort(([a], [b]) => a - b);
  return new Map(
    sorted.slice(1).map(([at, value], i) => {
      const [before, previous] = sorted[i] ?? [at, value];
      return [at, f(value, previous, at - before)];
    }),
  );
};

const fill: Call = ([value, filler], { times }) => {
  const series = seriesOf(value);
  if (filler === "LINEAR") throw new MathError("FILL with LINEAR is not served locally");
  let last: number | undefined;
  const found = new Map<number, number>();
  for (const at of times) {
    const known = series.get(at) ?? (filler === "REPEAT" ? last : Number(filler));
    last = known;
    if (known !== undefined) found.set(at, known);
  }
  return found;
};

const when: Call = ([condition = 0, yes = 0, no], { times }) => {
  const at = (value: Value | undefined, time: number) =>
    typeof value === "number" ? value : value === undefined ? undefined : seriesOf(value).get(time);
  if (typeof condition === "number") return condition !== 0 ? yes : (no ?? new Map());
  const found = new Map<number, number>();
  for (const time of times) {
    const holds = at(condition, time);
    const value = holds === undefined ? undefined : at(holds !== 0 ? yes : no, time);
    if (value !== undefined) found.set(time, value);
  }
  return found;
};

const running: Call = ([value]) => {
  let total = 0;
  const sorted = [...seriesOf(value)].sort(([a], [b]) => a - b);
  return new Map(
    sorted.map(([at, one]) => {
      total += one;
      return [at, total];
    }),
  );
};

const metrics: Call = ([filter], { names }) =>
  [...names].flatMap(([id, value]) =>
    value instanceof Map && (filter === undefined || id.includes(String(filter))) ? [value] : [],
  );

/** Functions of metric math, by name. */
export const functions: Readonly<Record<string, Call>> = {
  METRICS: metrics,
  SUM: over(sum),
  AVG: over(mean),
  MIN: over((values) => Math.min(...values)),
  MAX: over((values) => Math.max(...values)),
  STDDEV: over(deviation),
  ABS: map(Math.abs),
  CEIL: map(Math.ceil),
  FLOOR: map(Math.floor),
  LOG: map(Math.log),
  LOG10: map(Math.log10),
  FILL: fill,
  IF: when,
  RUNNING_SUM: running,
  DIFF: ([value]) => pairs(seriesOf(value), (now, before) => now - before),
  RATE: ([value]) => pairs(seriesOf(value), (now, before, ms) => (now - before) / (ms / 1_000)),
  PERIOD: (_, { periodMs }) => periodMs / 1_000,
  DATAPOINT_COUNT: over((values) => values.length),
  FIRST: ([value]) => numbersOf(value)[0] ?? 0,
  LAST: ([value]) => numbersOf(value).at(-1) ?? 0,
  TIME_SERIES: ([value], { times }) =>
    typeof value === "number" ? new Map(times.map((at) => [at, value])) : seriesOf(value),
};
