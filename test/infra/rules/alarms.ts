import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { at, list, number, refersTo, text } from "../kit/read.ts";
import { each, rule, together } from "../kit/rule.ts";
import { isDeadLetter, workQueues } from "./messaging.ts";
import { streamMappings } from "./sources.ts";

interface Wanted {
  readonly namespace: string;
  readonly metric: string;
  /** Dimension → value. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly suits?: (alarm: Resource) => boolean;
}

const watches = (alarm: Resource, { namespace, metric, dimensions, suits }: Wanted): boolean =>
  alarm.inputs.namespace === namespace &&
  alarm.inputs.metricName === metric &&
  Object.entries(dimensions).every(([name, value]) => at(alarm.inputs, "dimensions", name) === value) &&
  (suits?.(alarm) ?? true);

const acts = (alarm: Resource) =>
  alarm.inputs.actionsEnabled !== false &&
  list(alarm.inputs.alarmActions).some((action) => text(action) !== "");

const missing = (graph: Graph, wanted: Wanted): string | false =>
  !byType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").some((a) => acts(a) && watches(a, wanted)) &&
  `no alarm on ${wanted.metric}`;

const isP99 = (alarm: Resource) => alarm.inputs.extendedStatistic === "p99";

const firesAtOne = ({ inputs }: Resource) =>
  (inputs.comparisonOperator === "GreaterThanOrEqualToThreshold" && number(inputs.threshold) <= 1) ||
  (inputs.comparisonOperator === "GreaterThanThreshold" && number(inputs.threshold) < 1);

const name = (resource: Resource) => text(resource.outputs.name);

const forFunction = (graph: Graph, fn: Resource) => {
  const base = { namespace: "AWS/Lambda", dimensions: { FunctionName: name(fn) } };
  return [
    missing(graph, { ...base, metric: "Errors" }),
    missing(graph, { ...base, metric: "Throttles" }),
    missing(graph, { ...base, metric: "Duration", suits: isP99 }),
  ];
};

const forQueue = (metric: string, queue: Resource, suits?: Wanted["suits"]): Wanted => ({
  namespace: "AWS/SQS",
  metric,
  dimensions: { QueueName: name(queue) },
  ...(suits && { suits }),
});

const consumerOf = (graph: Graph, mapping: Resource) =>
  byType(graph, "aws:lambda/function:Function").find((fn) => refersTo(mapping.inputs.functionName, fn));

/** Rule 46: the alarms somebody on call would miss first. */
export const alarmRule = rule(46, "What can fail has an alarm that acts", (graph) => {
  const deadLetters = byType(graph, "aws:sqs/queue:Queue").filter((queue) => isDeadLetter(graph, queue));
  return together(
    each(byType(graph, "aws:lambda/function:Function"), (fn) => forFunction(graph, fn)),
    each(workQueues(graph), (queue) => [missing(graph, forQueue("ApproximateAgeOfOldestMessage", queue))]),
    each(deadLetters, (dlq) => [
      missing(graph, forQueue("ApproximateNumberOfMessagesVisible", dlq, firesAtOne)),
    ]),
    each(streamMappings(graph), (mapping) => {
      const consumer = consumerOf(graph, mapping);
      const dimensions = { FunctionName: consumer ? name(consumer) : "" };
      return [missing(graph, { namespace: "AWS/Lambda", metric: "IteratorAge", dimensions })];
    }),
    each(byType(graph, "aws:apigateway/restApi:RestApi"), (api) => [
      missing(graph, { namespace: "AWS/ApiGateway", metric: "5XXError", dimensions: { ApiName: name(api) } }),
    ]),
    each(byType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm"), (alarm) => [
      !acts(alarm) && "tells nobody",
    ]),
  );
});
