import * as Input from "./input.ts";
import { MathError } from "./math-tokens.ts";
import { evaluateQueries, type Window } from "./queries.ts";
import { keyOf, periodsOf, record, type Sample, type Series, statisticOf } from "./series.ts";
import type { Operation } from "./state.ts";
import { CloudWatchError } from "./wire.ts";

const { read } = Input;
/** CloudWatch takes data up to two weeks old and two hours ahead. */
const DAY_MS = 86_400_000;
const OLDEST_MS = 14 * DAY_MS;
const AHEAD_MS = 2 * 3_600_000;
const MAX_DATAPOINTS = 1_440;
const PAGE = 500;

const sampleOf = (datum: ReturnType<typeof readData>["MetricData"][number], now: number): Sample => {
  const { Timestamp, Value, Values, Counts, StatisticValues: set, Unit: unit } = datum;
  const at = Timestamp?.getTime() ?? now;
  if (at < now - OLDEST_MS || at > now + AHEAD_MS) {
    const message = `The timestamp of ${datum.MetricName} must be within two weeks in the past and two hours in the future.`;
    throw new CloudWatchError("InvalidParameterValueException", message);
  }
  if (Counts.length > 0 && Counts.length !== Values.length) {
    const message = `Values and Counts of ${datum.MetricName} must be of the same length.`;
    throw new CloudWatchError("InvalidParameterValueException", message);
  }
  if (set)
    return {
      at,
      unit,
      values: [],
      set: { sum: set.Sum, count: set.SampleCount, min: set.Minimum, max: set.Maximum },
    };
  const values = Values.length > 0 ? Values : Value === undefined ? [] : [Value];
  if (values.length > 0) return { at, unit, values, ...(Counts.length > 0 ? { counts: Counts } : {}) };
  const message = `At least one of Value, Values and StatisticValues is required for ${datum.MetricName}.`;
  throw new CloudWatchError("MissingRequiredParameterException", message);
};

const readData = (input: unknown) => read(Input.PutMetricData, input);

/** Keeps data that code measured. */
export const putMetricData: Operation = ({ store, cloud }, input) => {
  const { Namespace, MetricData } = readData(input);
  if (Namespace.startsWith("AWS/")) {
    const message = "The value AWS/ for parameter Namespace is invalid: it is reserved.";
    throw new CloudWatchError("InvalidParameterValueException", message);
  }
  const now = cloud.clock.now();
  // All are read before any is kept: a call is taken whole or not at all.
  const samples = MetricData.map((datum) => ({
    id: Input.metricId({ Namespace, ...datum }),
    sample: sampleOf(datum, now),
  }));
  for (const { id, sample } of samples) record(store, id, sample, now);
  return {};
};

const align = (at: number, periodMs: number) => Math.floor(at / periodMs) * periodMs;

const windowOf = (start: Date, end: Date, periodMs: number) => {
  const [from, to] = [align(start.getTime(), periodMs), end.getTime()];
  if (from < to) return { from, to, periodMs };
  throw new CloudWatchError(
    "ValidationError",
    "The parameter StartTime must be less than the parameter EndTime.",
  );
};

/** Points that the expressions of one call may be worked out at, all together: a minute's expression over all that is kept, 46 times. */
const MAX_WORKED_OUT = 1_000_000;

/** A window without the years of which nothing is kept: expressions are worked out at each of its points. */
const keptWindow = (window: Window, expressions: number, now: number): Window => {
  const { periodMs } = window;
  const from = Math.max(window.from, align(now - OLDEST_MS - DAY_MS, periodMs));
  const to = Math.min(window.to, now + AHEAD_MS + periodMs);
  if (((to - from) / periodMs) * expressions <= MAX_WORKED_OUT) return { from, to, periodMs };
  throw new CloudWatchError(
    "ValidationError",
    "The expressions have too many data points: ask for fewer, a longer Period or a shorter time.",
  );
};

const queryData: Operation = ({ store, cloud }, input) => {
  const given = read(Input.GetMetricData, input);
  const { queries, periodMs } = Input.queriesOf(given.MetricDataQueries);
  const asked = windowOf(given.StartTime, given.EndTime, periodMs);
  const expressions = queries.filter(({ expression }) => expression !== undefined).length;
  const window = keptWindow(asked, expressions, cloud.clock.now());
  const newest = given.ScanBy === "TimestampDescending";
  const results = evaluateQueries(store, queries, window).map(({ id, label, points }) => {
    const sorted = [...points].sort(([a], [b]) => (newest ? b - a : a - b));
    return {
      Id: id,
      Label: label,
      Timestamps: sorted.map(([at]) => new Date(at)),
      Values: sorted.map(([, value]) => value),
      StatusCode: "Complete",
    };
  });
  return { MetricDataResults: results, Messages: [] };
};

/** One metric's statistics, period by period. */
export const getMetricStatistics: Operation = ({ store }, input) => {
  const given = read(Input.GetMetricStatistics, input);
  const window = windowOf(given.StartTime, given.EndTime, Math.max(60, given.Period) * 1_000);
  if ((window.to - window.from) / window.periodMs > MAX_DATAPOINTS) {
    const message = `You have requested more than ${MAX_DATAPOINTS} datapoints: ask for a longer Period or a shorter time.`;
    throw new CloudWatchError("InvalidParameterCombinationException", message);
  }
  if (given.Statistics.length + given.ExtendedStatistics.length === 0) {
    throw new CloudWatchError(
      "MissingRequiredParameterException",
      "Statistics or ExtendedStatistics is required.",
    );
  }
  const series = store.get(keyOf(Input.metricId(given)));
  const periods = periodsOf(series, window.from, window.to, window.periodMs);
  const Datapoints = [...periods].map(([at, stats]) => ({
    Timestamp: new Date(at),
    Unit: series?.unit ?? "None",
    ...Object.fromEntries(given.Statistics.map((name) => [name, statisticOf(stats, name)])),
    ...(given.ExtendedStatistics.length > 0 && {
      ExtendedStatistics: Object.fromEntries(
        given.ExtendedStatistics.map((name) => [name, statisticOf(stats, name)]),
      ),
    }),
  }));
  return { Label: given.MetricName, Datapoints };
};

const named = ({ namespace, name, dimensions }: Series) => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

/** Which metrics there are. */
export const listMetrics: Operation = ({ store }, input) => {
  const given = read(Input.ListMetrics, input);
  const from = given.NextToken === undefined ? 0 : Number(given.NextToken);
  if (!Number.isInteger(from) || from < 0)
    throw new CloudWatchError(
      "InvalidParameterValueException",
      "The value for parameter NextToken is not valid.",
    );
  const found = [...store.values()].filter(
    ({ namespace, name, dimensions }) =>
      (given.Namespace ?? namespace) === namespace &&
      (given.MetricName ?? name) === name &&
      given.Dimensions.every(
        ({ Name, Value }) =>
          Object.hasOwn(dimensions, Name) && (Value ?? dimensions[Name]) === dimensions[Name],
      ),
  );
  const next = from + PAGE < found.length ? { NextToken: String(from + PAGE) } : {};
  return { Metrics: found.slice(from, from + PAGE).map(named), ...next };
};

/** Several metrics, and expressions over them. */
export const getMetricData: Operation = (state, input) => {
  try {
    return queryData(state, input);
  } catch (error) {
    if (error instanceof MathError) throw new CloudWatchError("ValidationError", error.message);
    throw error;
  }
};
