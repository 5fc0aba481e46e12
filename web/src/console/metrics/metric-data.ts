import * as v from "valibot";

const Alarm = v.object({
  name: v.string(),
  state: v.picklist(["OK", "ALARM", "INSUFFICIENT_DATA"]),
  reason: v.string(),
  changedAt: v.number(),
  actionsEnabled: v.boolean(),
  actions: v.array(v.string()),
  description: v.optional(v.nullable(v.string())),
  source: v.optional(v.string()),
  rule: v.optional(v.string()),
  watches: v.optional(
    v.object({
      metrics: v.array(
        v.object({ key: v.string(), namespace: v.string(), name: v.string(), statistic: v.string() }),
      ),
      comparison: v.string(),
      threshold: v.number(),
      periods: v.number(),
      datapoints: v.number(),
      periodSeconds: v.number(),
    }),
  ),
});
/** An alarm and its state. */
export type Alarm = v.InferOutput<typeof Alarm>;
/** Every alarm. */
export const Alarms = v.array(Alarm);

const Change = v.object({
  alarm: v.string(),
  from: v.string(),
  to: v.string(),
  reason: v.string(),
  at: v.number(),
});
/** One change of an alarm's state. */
export type Change = v.InferOutput<typeof Change>;
/** Changes of state, the latest first. */
export const Changes = v.array(Change);

const Metric = v.object({
  key: v.string(),
  namespace: v.string(),
  name: v.string(),
  dimensions: v.record(v.string(), v.string()),
  unit: v.string(),
  updated: v.number(),
});
/** A metric that was recorded at least once. */
export type Metric = v.InferOutput<typeof Metric>;
/** Every metric. */
export const Metrics = v.array(Metric);

const Point = v.object({
  at: v.number(),
  sum: v.number(),
  count: v.number(),
  min: v.number(),
  max: v.number(),
});
/** A minute of a metric. */
export type Point = v.InferOutput<typeof Point>;
/** The minutes of a metric that have data, oldest first. */
export const Series = v.object({ unit: v.string(), points: v.array(Point) });

/** What of a minute is drawn. */
export const statistics = ["Sum", "Average", "Minimum", "Maximum", "Count"] as const;
/** What of a minute is drawn. */
export type Statistic = (typeof statistics)[number];

/** One number of a minute. */
export const numberOf = ({ sum, count, min, max }: Point, statistic: Statistic): number =>
  ({ Sum: sum, Average: count === 0 ? 0 : sum / count, Minimum: min, Maximum: max, Count: count })[statistic];

/** Durations and sizes are averaged, what is counted is summed. */
export const fittingStatistic = (unit: string): Statistic =>
  unit === "Count" || unit === "None" ? "Sum" : "Average";

/** `name=value` of each dimension. */
export const dimensionText = ({ dimensions }: Pick<Metric, "dimensions">): string =>
  Object.entries(dimensions)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const signs: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: "≥",
  GreaterThanThreshold: ">",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "≤",
};

/** `Errors Sum ≥ 1 in 1 of 1 periods of 60 s`. */
export const conditionOf = ({ rule, watches }: Alarm): string => {
  if (!watches) return rule ?? "";
  const what = watches.metrics.map(({ name, statistic }) => `${name} ${statistic}`).join(", ");
  const sign = signs[watches.comparison] ?? watches.comparison;
  return `${what} ${sign} ${watches.threshold} in ${watches.datapoints} of ${watches.periods} periods of ${watches.periodSeconds} s`;
};

/** The next round figure above: a scale that does not jump with every point. */
export const ceiling = (most: number): number => {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most) ?? most;
};
