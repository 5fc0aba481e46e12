/** Metric data: one series for each namespace, name and set of dimensions, in minutes, then in hours. */

export type Dimensions = Readonly<Record<string, string>>;

/** What identifies a series. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** Statistics of what was measured within one period. */
export interface Stats {
  readonly sum: number;
  /** Samples. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** Samples by value, rounded to 1 %: percentiles come from here. */
  readonly histogram: ReadonlyMap<number, number>;
}

/** One point given: a value, or several with how often each was seen. */
export interface Sample {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly values: readonly number[];
  /** As many as `values`; 1 each when absent. */
  readonly counts?: readonly number[];
  /** A statistic set's own sum, least and greatest, where the values were never seen. */
  readonly set?: { readonly sum: number; readonly count: number; readonly min: number; readonly max: number };
  readonly unit?: string;
}

/** One series. */
export interface Series extends MetricId {
  readonly unit: string;
  /** By start of the period, epoch milliseconds, oldest first as they came. */
  readonly minutes: Map<number, Mutable>;
  readonly hours: Map<number, Mutable>;
  updated: number;
}

interface Mutable {
  sum: number;
  count: number;
  min: number;
  max: number;
  readonly histogram: Map<number, number>;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Minutes are kept for three hours, hours for fifteen days: a process that runs for long must not grow. */
const KEPT_MS = { minutes: 3 * HOUR, hours: 15 * 24 * HOUR };
/** Series beyond this push out the one that was longest silent. */
const MAX_SERIES = 5_000;

/** Every series, by key. */
export type MetricStore = Map<string, Series>;

/** The text that identifies a series. */
export const keyOf = ({ namespace, name, dimensions }: MetricId): string =>
  [
    namespace,
    name,
    ...Object.entries(dimensions)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  ].join("\0");

// Values within 1 % of one another share a bucket, as in CloudWatch's own SEH1 sketch.
const bucketOf = (value: number): number => {
  if (value === 0 || !Number.isFinite(value)) return 0;
  const exponent = Math.round(Math.log(Math.abs(value)) / Math.log(1.01));
  return Math.sign(value) * Number((1.01 ** exponent).toPrecision(4));
};

const empty = (): Mutable => ({ sum: 0, count: 0, min: Infinity, max: -Infinity, histogram: new Map() });

const add = (into: Mutable, sample: Sample) => {
  const { values, counts, set } = sample;
  if (set) {
    into.sum += set.sum;
    into.count += set.count;
    into.min = Math.min(into.min, set.min);
    into.max = Math.max(into.max, set.max);
  }
  values.forEach((value, i) => {
    const times = counts?.[i] ?? 1;
    into.sum += value * times;
    into.count += times;
    into.min = Math.min(into.min, value);
    into.max = Math.max(into.max, value);
    const bucket = bucketOf(value);
    into.histogram.set(bucket, (into.histogram.get(bucket) ?? 0) + times);
  });
};

const floor = (at: number, step: number) => Math.floor(at / step) * step;

const put = (periods: Map<number, Mutable>, start: number, sample: Sample) => {
  const period = periods.get(start) ?? empty();
  periods.set(start, period);
  add(period, sample);
};

const forget = (periods: Map<number, Mutable>, before: number) => {
  for (const start of periods.keys()) if (start < before) periods.delete(start);
};

const open = (store: MetricStore, id: MetricId, unit: string): Series => {
  const key = keyOf(id);
  const known = store.get(key);
  if (known) return known;
  if (store.size >= MAX_SERIES) {
    const silent = [...store].reduce((a, b) => (a[1].updated <= b[1].updated ? a : b));
    store.delete(silent[0]);
  }
  const series: Series = { ...id, unit, minutes: new Map(), hours: new Map(), updated: 0 };
  store.set(key, series);
  return series;
};

/** Adds samples to a series, which comes to be with its first. */
export const record = (store: MetricStore, id: MetricId, sample: Sample, now: number): void => {
  const series = open(store, id, sample.unit ?? "None");
  series.updated = now;
  const minute = floor(sample.at, MINUTE);
  const fresh = !series.minutes.has(minute);
  put(series.minutes, minute, sample);
  put(series.hours, floor(sample.at, HOUR), sample);
  if (!fresh) return;
  forget(series.minutes, now - KEPT_MS.minutes);
  forget(series.hours, now - KEPT_MS.hours);
};

const merge = (into: Mutable, from: Mutable) => {
  into.sum += from.sum;
  into.count += from.count;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  for (const [bucket, times] of from.histogram)
    into.histogram.set(bucket, (into.histogram.get(bucket) ?? 0) + times);
};

/** Statistics of each period of `periodMs` counted from `from` (inclusive) to `to` (exclusive), where there are any; by start. */
export const periodsOf = (
  series: Series | undefined,
  from: number,
  to: number,
  periodMs: number,
): Map<number, Stats> => {
  const found = new Map<number, Mutable>();
  // A period of minutes reads minutes; what is older than they are kept, or asked for by the hour, reads hours.
  const coarse = periodMs % HOUR === 0 && periodMs >= HOUR;
  for (const [start, stats] of (coarse ? series?.hours : series?.minutes) ?? []) {
    if (start < from || start >= to) continue;
    const slot = from + floor(start - from, periodMs);
    const period = found.get(slot) ?? empty();
    found.set(slot, period);
    merge(period, stats);
  }
  return found;
};

/** The value below which `percent` of the samples lie; of a statistic set alone, undefined: its values were never seen. */
const percentile = ({ histogram, min, max }: Stats, percent: number): number | undefined => {
  const total = [...histogram.values()].reduce((sum, times) => sum + times, 0);
  if (total === 0) return undefined;
  let left = (percent / 100) * total;
  for (const [value, times] of [...histogram].sort(([a], [b]) => a - b)) {
    left -= times;
    if (left <= 1e-9) return Math.min(max, Math.max(min, value));
  }
  return max;
};

const PLAIN: Readonly<Record<string, (stats: Stats) => number>> = {
  Sum: ({ sum }) => sum,
  SampleCount: ({ count }) => count,
  Average: ({ sum, count }) => (count === 0 ? 0 : sum / count),
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

/** `Sum`, `Average`, `p99`, …: true when `statistic` is one that `statisticOf` knows. */
export const isStatistic = (statistic: string): boolean =>
  Object.hasOwn(PLAIN, statistic) || /^p(100|\d{1,2}(\.\d{1,10})?)$/.test(statistic);

/** A period's statistic; undefined where it cannot be told. */
export const statisticOf = (stats: Stats, statistic: string): number | undefined =>
  Object.hasOwn(PLAIN, statistic) ? PLAIN[statistic]?.(stats) : percentile(stats, Number(statistic.slice(1)));
