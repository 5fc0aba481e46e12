import { evaluateMath, isSeries, type TimeSeries, type Value } from "./math.ts";
import { MathError } from "./math-tokens.ts";
import { keyOf, type MetricId, type MetricStore, periodsOf, statisticOf } from "./series.ts";

/** One line of a GetMetricData call or of an alarm: a metric's statistic, or an expression over others. */
export interface Query {
  readonly id: string;
  readonly label?: string;
  readonly returns: boolean;
  readonly metric?: MetricId & { readonly statistic: string };
  readonly expression?: string;
}

/** What is looked at: `to` is exclusive; both epoch milliseconds, a whole number of periods apart. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly periodMs: number;
}

/** A query's points, oldest first. */
export interface Result {
  readonly id: string;
  readonly label: string;
  readonly points: TimeSeries;
}

const measured = (store: MetricStore, metric: NonNullable<Query["metric"]>, window: Window): TimeSeries => {
  const { from, to, periodMs } = window;
  const found = new Map<number, number>();
  const periods = periodsOf(store.get(keyOf(metric)), from, to, periodMs);
  for (const [at, stats] of [...periods].sort(([a], [b]) => a - b)) {
    const value = statisticOf(stats, metric.statistic);
    if (value !== undefined) found.set(at, value);
  }
  return found;
};

const timesOf = ({ from, to, periodMs }: Window): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / periodMs)) }, (_, i) => from + i * periodMs);

const resolve = (
  id: string,
  queries: ReadonlyMap<string, Query>,
  names: Map<string, Value>,
  open: ReadonlySet<string>,
  window: Window,
) => {
  const query = queries.get(id);
  if (!query?.expression || names.has(id)) return;
  if (open.has(id)) throw new MathError(`The expression ${id} refers to itself`);
  // Ids inside an expression are resolved first, whatever their order in the call.
  for (const [used] of query.expression.matchAll(/[A-Za-z_]\w*/g))
    resolve(used, queries, names, new Set([...open, id]), window);
  const scope = { names, periodMs: window.periodMs, times: timesOf(window) };
  names.set(id, evaluateMath(query.expression, scope));
};

const resultsOf = (query: Query, value: Value | undefined, window: Window): Result[] => {
  const { id, label = query.metric?.name ?? query.expression ?? id } = query;
  if (value === undefined || typeof value === "string") return [];
  if (typeof value === "number")
    return [{ id, label, points: new Map(timesOf(window).map((at) => [at, value])) }];
  if (isSeries(value)) return [{ id, label, points: value }];
  return value.map((points) => ({ id, label, points }));
};

/** Evaluates queries together. Throws MathError where an expression cannot be. */
export const evaluateQueries = (
  store: MetricStore,
  queries: readonly Query[],
  window: Window,
): readonly Result[] => {
  const byId = new Map(queries.map((query) => [query.id, query]));
  const names = new Map<string, Value>();
  for (const { id, metric } of queries) if (metric) names.set(id, measured(store, metric, window));
  for (const { id } of queries) resolve(id, byId, names, new Set(), window);
  return queries.flatMap((query) => (query.returns ? resultsOf(query, names.get(query.id), window) : []));
};
