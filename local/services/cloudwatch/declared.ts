import type { InferOutput } from "valibot";
import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import type { Alarm, MetricRule, State } from "./alarm.ts";
import { isComparison } from "./alarm.ts";
import { PutCompositeAlarm, PutMetricAlarm, queriesOf, read } from "./input.ts";
import type { Query } from "./queries.ts";
import { CloudWatchError } from "./wire.ts";

type Metric = InferOutput<typeof PutMetricAlarm>;

const arnOf = ({ region, accountId }: Graph, name: string) =>
  `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;

const actionsOf = (given: {
  readonly OKActions: readonly string[];
  readonly AlarmActions: readonly string[];
  readonly InsufficientDataActions: readonly string[];
}): Readonly<Record<State, readonly string[]>> => ({
  OK: given.OKActions,
  ALARM: given.AlarmActions,
  INSUFFICIENT_DATA: given.InsufficientDataActions,
});

const watched = (given: Metric): { queries: readonly Query[]; periodMs: number } => {
  if (given.Metrics.length > 0) {
    const found = queriesOf(given.Metrics);
    if (found.queries.filter(({ returns }) => returns).length === 1) return found;
    const message = "Exactly one element of Metrics must have ReturnData true.";
    throw new CloudWatchError("InvalidParameterCombinationException", message);
  }
  const { MetricName: name, Namespace: namespace, Period: period } = given;
  const statistic = given.Statistic ?? given.ExtendedStatistic;
  if (!name || !namespace || !period || !statistic) {
    const message =
      "MetricName, Namespace, Period and a Statistic or ExtendedStatistic are required, or Metrics.";
    throw new CloudWatchError("MissingRequiredParameterException", message);
  }
  const dimensions = Object.fromEntries(given.Dimensions.map(({ Name, Value }) => [Name, Value]));
  const metric = { namespace, name, dimensions, statistic };
  return { queries: [{ id: "m1", returns: true, metric }], periodMs: Math.max(60, period) * 1_000 };
};

const ruleOf = (given: Metric): MetricRule => {
  if (!isComparison(given.ComparisonOperator) || given.Threshold === undefined) {
    const message = `The comparison ${given.ComparisonOperator} without a fixed threshold (anomaly detection) is not served locally.`;
    throw new CloudWatchError("InvalidParameterValueException", message);
  }
  const datapointsToAlarm = given.DatapointsToAlarm ?? given.EvaluationPeriods;
  if (datapointsToAlarm > given.EvaluationPeriods) {
    const message = "DatapointsToAlarm must not be greater than EvaluationPeriods.";
    throw new CloudWatchError("InvalidParameterCombinationException", message);
  }
  const rule = {
    ...watched(given),
    threshold: given.Threshold,
    comparison: given.ComparisonOperator,
    evaluationPeriods: given.EvaluationPeriods,
    datapointsToAlarm,
    treatMissing: given.TreatMissingData,
  };
  if (rule.evaluationPeriods * rule.periodMs <= 7 * 86_400_000) return rule;
  const message =
    "Metrics cannot be checked across more than seven days (EvaluationPeriods * Period must be <= 604800).";
  throw new CloudWatchError("InvalidParameterCombinationException", message);
};

const fresh = (graph: Graph, name: string, now: number) => ({
  name,
  arn: arnOf(graph, name),
  state: "INSUFFICIENT_DATA" as const,
  reason: "Unchecked: Initial alarm creation",
  changedAt: now,
  updatedAt: now,
});

/** An alarm from the input of PutMetricAlarm. */
export const metricAlarm = (graph: Graph, input: unknown, now: number): Alarm => {
  const given = read(PutMetricAlarm, input);
  const { AlarmName: name, ActionsEnabled: actionsEnabled } = given;
  return {
    ...fresh(graph, name, now),
    settings: given,
    rule: ruleOf(given),
    actions: actionsOf(given),
    actionsEnabled,
  };
};

/** An alarm from the input of PutCompositeAlarm. */
export const compositeAlarm = (graph: Graph, input: unknown, now: number): Alarm => {
  const given = read(PutCompositeAlarm, input);
  const { AlarmName: name, ActionsEnabled: actionsEnabled, AlarmRule: composite } = given;
  return {
    ...fresh(graph, name, now),
    settings: given,
    composite,
    actions: actionsOf(given),
    actionsEnabled,
  };
};

const pairs = (dimensions: unknown) =>
  Object.entries((dimensions ?? {}) as Record<string, string>).map(([Name, Value]) => ({ Name, Value }));

const seconds = (value: unknown) => (value === undefined ? undefined : Number(value));

const query = (raw: Readonly<Record<string, unknown>>) => {
  const metric = raw.metric as Readonly<Record<string, unknown>> | undefined;
  return {
    Id: raw.id,
    Label: raw.label,
    Expression: raw.expression,
    ReturnData: raw.returnData ?? false,
    Period: seconds(raw.period),
    ...(metric && {
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metricName,
          Dimensions: pairs(metric.dimensions),
        },
        Period: seconds(metric.period),
        Stat: metric.stat,
        Unit: metric.unit,
      },
    }),
  };
};

const shared = ({ inputs, outputs, name }: Resource) => ({
  AlarmName: inputs.name ?? outputs.name ?? inputs.alarmName ?? name,
  AlarmDescription: inputs.alarmDescription,
  ActionsEnabled: inputs.actionsEnabled,
  OKActions: inputs.okActions,
  AlarmActions: inputs.alarmActions,
  InsufficientDataActions: inputs.insufficientDataActions,
});

const fromGraph = (graph: Graph, resource: Resource, now: number): Alarm => {
  const { inputs, type, source } = resource;
  const declared = type.includes("compositeAlarm")
    ? compositeAlarm(graph, { ...shared(resource), AlarmRule: inputs.alarmRule }, now)
    : metricAlarm(
        graph,
        {
          ...shared(resource),
          MetricName: inputs.metricName,
          Namespace: inputs.namespace,
          Statistic: inputs.statistic,
          ExtendedStatistic: inputs.extendedStatistic,
          Dimensions: pairs(inputs.dimensions),
          Period: seconds(inputs.period),
          EvaluationPeriods: inputs.evaluationPeriods,
          DatapointsToAlarm: inputs.datapointsToAlarm,
          Threshold: inputs.threshold,
          ComparisonOperator: inputs.comparisonOperator,
          TreatMissingData: inputs.treatMissingData,
          Metrics: ((inputs.metricQueries ?? []) as Readonly<Record<string, unknown>>[]).map(query),
        },
        now,
      );
  return source ? { ...declared, source } : declared;
};

/** The graph's alarms by name. One that is not served here is named, and left out. */
export const declaredAlarms = (
  graph: Graph,
  now: number,
  print: (line: string) => void,
): Map<string, Alarm> => {
  const types = ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"];
  const alarms = new Map<string, Alarm>();
  for (const resource of types.flatMap((type) => byType(graph, type))) {
    try {
      const alarm = fromGraph(graph, resource, now);
      alarms.set(alarm.name, alarm);
    } catch (error) {
      if (!(error instanceof CloudWatchError)) throw error;
      print(
        `✗ alarm ${resource.name} (${resource.source ?? resource.urn}) is not evaluated: ${error.message}`,
      );
    }
  }
  return alarms;
};
