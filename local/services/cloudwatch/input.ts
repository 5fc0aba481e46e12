import * as v from "valibot";
import type { Query } from "./queries.ts";
import { isStatistic, type MetricId } from "./series.ts";
import { CloudWatchError } from "./wire.ts";

// Scalars come as JSON's, as CBOR's, or as text in the query protocol: one schema reads all three.
const number = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.nonEmpty())]),
  v.transform(Number),
  v.finite("must be a finite number"),
);
const boolean = v.pipe(
  v.union([v.boolean(), v.picklist(["true", "false"])]),
  v.transform((value) => value === true || value === "true"),
);
const toDate = (value: string | number | Date) => {
  if (value instanceof Date) return value;
  const asNumber = Number(value);
  return new Date(Number.isNaN(asNumber) ? value : asNumber * 1_000);
};
const time = v.pipe(
  v.union([v.number(), v.string(), v.date()]),
  v.transform(toDate),
  v.check((date) => !Number.isNaN(date.getTime()), "must be a time"),
);
const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
/** In the query protocol an empty list is an empty text. */
const list = <S extends v.GenericSchema>(item: S, max: number) =>
  v.optional(
    v.union([
      v.pipe(
        v.literal(""),
        v.transform((): v.InferOutput<S>[] => []),
      ),
      v.pipe(v.array(item), v.maxLength(max)),
    ]),
    [],
  );

const Dimension = v.object({ Name: text(255), Value: text(1_024) });
const dimensions = list(Dimension, 30);
const period = v.pipe(
  number,
  v.check(
    (value) => [10, 20, 30].includes(value) || (value >= 60 && value % 60 === 0),
    "must be 10, 20, 30 or a multiple of 60",
  ),
);
const statistic = v.pipe(v.string(), v.check(isStatistic, "is no statistic served locally"));

const Metric = v.object({ Namespace: text(255), MetricName: text(255), Dimensions: dimensions });
const MetricStat = v.object({ Metric, Period: period, Stat: statistic, Unit: v.optional(v.string()) });
const DataQuery = v.object({
  Id: v.pipe(
    v.string(),
    v.regex(/^[a-z][a-zA-Z0-9_]*$/, "must start with a lower-case letter"),
    v.maxLength(255),
  ),
  MetricStat: v.optional(MetricStat),
  Expression: v.optional(text(2_048)),
  Label: v.optional(v.string()),
  ReturnData: v.optional(boolean, true),
  Period: v.optional(period),
});

const StatisticSet = v.object({ SampleCount: number, Sum: number, Minimum: number, Maximum: number });
const Datum = v.object({
  MetricName: text(255),
  Dimensions: dimensions,
  Timestamp: v.optional(time),
  Value: v.optional(number),
  StatisticValues: v.optional(StatisticSet),
  Values: list(number, 150),
  Counts: list(number, 150),
  Unit: v.optional(text(64), "None"),
});

/** Inputs of the operations that are served. */
export const PutMetricData = v.object({ Namespace: text(255), MetricData: list(Datum, 1_000) });
export const GetMetricData = v.object({
  MetricDataQueries: list(DataQuery, 500),
  StartTime: time,
  EndTime: time,
  ScanBy: v.optional(v.picklist(["TimestampDescending", "TimestampAscending"]), "TimestampDescending"),
});
export const GetMetricStatistics = v.object({
  ...Metric.entries,
  StartTime: time,
  EndTime: time,
  Period: period,
  Statistics: list(statistic, 5),
  ExtendedStatistics: list(statistic, 10),
});
export const ListMetrics = v.object({
  Namespace: v.optional(text(255)),
  MetricName: v.optional(text(255)),
  Dimensions: list(v.object({ Name: text(255), Value: v.optional(text(1_024)) }), 30),
  NextToken: v.optional(v.string()),
});

const arns = list(text(1_024), 5);
const AlarmActions = {
  ActionsEnabled: v.optional(boolean, true),
  OKActions: arns,
  AlarmActions: arns,
  InsufficientDataActions: arns,
  AlarmDescription: v.optional(v.pipe(v.string(), v.maxLength(1_024))),
};
export const PutMetricAlarm = v.object({
  AlarmName: text(255),
  ...AlarmActions,
  MetricName: v.optional(text(255)),
  Namespace: v.optional(text(255)),
  Statistic: v.optional(statistic),
  ExtendedStatistic: v.optional(statistic),
  Dimensions: dimensions,
  Period: v.optional(period),
  EvaluationPeriods: v.pipe(number, v.integer(), v.minValue(1)),
  DatapointsToAlarm: v.optional(v.pipe(number, v.integer(), v.minValue(1))),
  Threshold: v.optional(number),
  ComparisonOperator: v.string(),
  TreatMissingData: v.optional(v.picklist(["breaching", "notBreaching", "ignore", "missing"]), "missing"),
  Metrics: list(DataQuery, 20),
});
export const PutCompositeAlarm = v.object({ AlarmName: text(255), AlarmRule: text(10_240), ...AlarmActions });
export const AlarmNames = v.object({ AlarmNames: list(text(255), 100) });
export const SetAlarmState = v.object({
  AlarmName: text(255),
  StateValue: v.picklist(["OK", "ALARM", "INSUFFICIENT_DATA"]),
  StateReason: v.pipe(v.string(), v.maxLength(1_023)),
});
export const DescribeAlarms = v.object({
  AlarmNames: list(text(255), 100),
  AlarmNamePrefix: v.optional(text(255)),
  AlarmTypes: list(v.picklist(["MetricAlarm", "CompositeAlarm"]), 2),
  StateValue: v.optional(v.picklist(["OK", "ALARM", "INSUFFICIENT_DATA"])),
});
export const AlarmHistory = v.object({
  AlarmName: v.optional(text(255)),
  MaxRecords: v.optional(number, 100),
});
export const Dashboard = v.object({ DashboardName: text(255) });
export const PutDashboard = v.object({ DashboardName: text(255), DashboardBody: v.string() });
export const Dashboards = v.object({ DashboardNamePrefix: v.optional(text(255)) });

/** Reads an input, or refuses it by the field that is wrong. */
export const read = <S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> => {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const missing = issue.type !== "object" && issue.received === "undefined";
  const where = v.getDotPath(issue) ?? "input";
  if (missing)
    throw new CloudWatchError("MissingRequiredParameterException", `The parameter ${where} is required.`);
  throw new CloudWatchError(
    "InvalidParameterValueException",
    `The value for parameter ${where} is not valid: ${issue.message}.`,
  );
};

/** A metric as it is named in calls. */
export const metricId = (metric: v.InferOutput<typeof Metric>): MetricId => ({
  namespace: metric.Namespace,
  name: metric.MetricName,
  dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
});

/** Queries as they are evaluated, and the period they share: the longest that one of them asks for. */
export const queriesOf = (
  given: readonly v.InferOutput<typeof DataQuery>[],
): { queries: readonly Query[]; periodMs: number } => {
  const queries = given.map(
    ({ Id: id, MetricStat: stat, Expression: expression, Label: label, ReturnData }) => {
      if ((stat === undefined) === (expression === undefined)) {
        const message = `Query ${id} needs either MetricStat or Expression.`;
        throw new CloudWatchError("InvalidParameterCombinationException", message);
      }
      return {
        id,
        returns: ReturnData,
        ...(label ? { label } : {}),
        ...(expression ? { expression } : {}),
        ...(stat ? { metric: { ...metricId(stat.Metric), statistic: stat.Stat } } : {}),
      };
    },
  );
  const periods = given.map(({ MetricStat: stat, Period }) => stat?.Period ?? Period ?? 0);
  return { queries, periodMs: Math.max(60, ...periods) * 1_000 };
};
