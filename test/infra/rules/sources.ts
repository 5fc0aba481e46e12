import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { arn, input, list, number, refersTo, text } from "../kit/read.ts";
import { each, rule } from "../kit/rule.ts";

const mappings = (graph: Graph, isSource: (sourceArn: string) => boolean): Resource[] =>
  byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping").filter((mapping) =>
    isSource(text(mapping.inputs.eventSourceArn)),
  );

const isQueue = (sourceArn: string) => sourceArn.includes(":sqs:");
const isStream = (sourceArn: string) => sourceArn.includes(":kinesis:") || sourceArn.includes("/stream/");

/** Stream mappings of the graph; shared with the alarms' rule. */
export const streamMappings = (graph: Graph): Resource[] => mappings(graph, isStream);

const reportsFailures = (mapping: Resource) =>
  list(mapping.inputs.functionResponseTypes).includes("ReportBatchItemFailures");

const tooShort = (graph: Graph, mapping: Resource): string | false => {
  const queue = byType(graph, "aws:sqs/queue:Queue").find((q) => arn(q) === mapping.inputs.eventSourceArn);
  const fn = byType(graph, "aws:lambda/function:Function").find((f) =>
    refersTo(mapping.inputs.functionName, f),
  );
  if (!queue || !fn) return "its queue or its function is not in the graph";
  const window = number(mapping.inputs.maximumBatchingWindowInSeconds ?? 0);
  const needed = 6 * number(fn.inputs.timeout) + window;
  const stated = number(queue.inputs.visibilityTimeoutSeconds);
  return !(stated >= needed) && `the queue hides messages for ${stated} s; ${needed} s are needed`;
};

export const sourceRules = [
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: six times the timeout plus the batch window.
  rule(16, "Queues hide messages six times as long as their function may run", (graph) =>
    each(mappings(graph, isQueue), (mapping) => [tooShort(graph, mapping)]),
  ),
  rule(17, "Batches report which items failed", (graph) =>
    each(
      mappings(graph, (source) => isQueue(source) || isStream(source)),
      (mapping) => [!reportsFailures(mapping) && "one failure fails the whole batch"],
    ),
  ),
  rule(18, "Queue consumers have a maximum concurrency", (graph) =>
    each(mappings(graph, isQueue), (mapping) => [
      !(number(input(mapping, "scalingConfig", "maximumConcurrency")) >= 2) &&
        "states no maximum concurrency",
    ]),
  ),
  rule(19, "Streams note what fails, retry finitely and bisect", (graph) =>
    each(streamMappings(graph), (mapping) => {
      const attempts = number(mapping.inputs.maximumRetryAttempts);
      const age = number(mapping.inputs.maximumRecordAgeInSeconds);
      return [
        text(input(mapping, "destinationConfig", "onFailure", "destinationArn")) === "" &&
          "drops what fails without a note",
        !(attempts >= 0) && "retries for ever",
        !(age > 0) && "retries records of any age",
        mapping.inputs.bisectBatchOnFunctionError !== true && "does not bisect a failing batch",
      ];
    }),
  ),
];
