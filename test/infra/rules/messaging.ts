import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { deniesPlainHttp, statements, unnamedSources } from "../kit/policy.ts";
import { arn, at, json, number, referring, text } from "../kit/read.ts";
import { each, rule, together } from "../kit/rule.ts";

const DEFAULT_RETENTION = 345_600; // seconds: what SQS keeps a message for when a queue states nothing

const queues = (graph: Graph) => byType(graph, "aws:sqs/queue:Queue");
const topics = (graph: Graph) => byType(graph, "aws:sns/topic:Topic");

const redrive = (queue: Resource) => {
  const policy = json(queue.inputs.redrivePolicy);
  return { target: text(at(policy, "deadLetterTargetArn")), attempts: Number(at(policy, "maxReceiveCount")) };
};

// Inputs under which something names where its failures go: as data, or as a policy in JSON.
const failurePaths = [
  ["redrivePolicy"],
  ["deadLetterConfig"],
  ["destinationConfig"],
  ["target", "deadLetterConfig"],
];

/** Whether a queue is where failures end: the dead-letter or on-failure target of anything in the graph. */
export const isDeadLetter = (graph: Graph, queue: Resource): boolean =>
  graph.resources
    .flatMap((resource) => failurePaths.map((path) => JSON.stringify(at(resource.inputs, ...path) ?? "")))
    .some((inputs) => [...inputs.matchAll(/arn:[^"\\]+/g)].some(([named]) => named === arn(queue)));

/** Queues that hold work rather than failures; shared with the alarms' rule. */
export const workQueues = (graph: Graph): Resource[] =>
  queues(graph).filter((queue) => redrive(queue).target !== "" || !isDeadLetter(graph, queue));

const sourcesOf = (graph: Graph, dlq: Resource) =>
  queues(graph).filter((queue) => redrive(queue).target === arn(dlq));

const retention = (queue: Resource) => number(queue.inputs.messageRetentionSeconds ?? DEFAULT_RETENTION);

const queuePolicies = (graph: Graph, queue: Resource) =>
  referring(graph, "aws:sqs/queuePolicy:QueuePolicy", "queueUrl", queue).map((policy) =>
    statements(policy.inputs.policy),
  );

const topicPolicies = (graph: Graph, topic: Resource) =>
  referring(graph, "aws:sns/topicPolicy:TopicPolicy", "arn", topic).map((policy) =>
    statements(policy.inputs.policy),
  );

export const messagingRules = [
  rule(20, "Every queue has a redrive policy or is a DLQ", (graph) =>
    each(queues(graph), (queue) => [
      redrive(queue).target === "" &&
        !isDeadLetter(graph, queue) &&
        "a poison message stays until it expires",
    ]),
  ),
  rule(21, "Lambda gets five attempts before a message is given up", (graph) => {
    const consumed = byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping").map(
      (mapping) => mapping.inputs.eventSourceArn,
    );
    return each(
      queues(graph).filter((queue) => consumed.includes(arn(queue))),
      (queue) => [!(redrive(queue).attempts >= 5) && `gives up after ${redrive(queue).attempts} attempts`],
    );
  }),
  rule(22, "A DLQ keeps longer than its source and is of its kind", (graph) =>
    each(
      queues(graph).filter((queue) => isDeadLetter(graph, queue)),
      (dlq) => [
        // Where no queue feeds it, an event does: it must outlive a fortnight's absence, the longest SQS offers.
        sourcesOf(graph, dlq).length === 0 &&
          retention(dlq) < 1_209_600 &&
          "keeps failures less than 14 days",
        sourcesOf(graph, dlq).some((source) => retention(dlq) <= retention(source)) &&
          "keeps no longer than its source",
        sourcesOf(graph, dlq).some((s) => Boolean(s.inputs.fifoQueue) !== Boolean(dlq.inputs.fifoQueue)) &&
          "is not of its source's kind (FIFO or standard)",
      ],
    ),
  ),
  rule(23, "Queues are encrypted", (graph) =>
    each(queues(graph), (queue) => [
      queue.inputs.sqsManagedSseEnabled !== true &&
        text(queue.inputs.kmsMasterKeyId) === "" &&
        "is not said to be encrypted",
    ]),
  ),
  rule(24, "Queues and topics refuse plain HTTP, by one policy", (graph) =>
    together(
      ...[
        { things: queues(graph), policies: queuePolicies },
        { things: topics(graph), policies: topicPolicies },
      ].map(({ things, policies }) =>
        each(things, (thing) => {
          const found = policies(graph, thing);
          return [
            !found.some(deniesPlainHttp) && "plain HTTP is not refused",
            found.length > 1 && "has several policies: the last one written wins",
          ];
        }),
      ),
    ),
  ),
  rule(25, "Services are let in for a named source", (graph) =>
    each(
      [
        ...byType(graph, "aws:sqs/queuePolicy:QueuePolicy"),
        ...byType(graph, "aws:sns/topicPolicy:TopicPolicy"),
      ].filter((policy) => statements(policy.inputs.policy).some((s) => s.allows)),
      (policy) =>
        unnamedSources(statements(policy.inputs.policy)).map(
          (service) => `lets in ${service} for any source`,
        ),
    ),
  ),
  rule(26, "Topics are encrypted and subscriptions redrive", (graph) =>
    together(
      each(topics(graph), (topic) => [text(topic.inputs.kmsMasterKeyId) === "" && "is not encrypted"]),
      each(byType(graph, "aws:sns/topicSubscription:TopicSubscription"), (subscription) => [
        text(at(json(subscription.inputs.redrivePolicy), "deadLetterTargetArn")) === "" &&
          "loses what it cannot deliver",
      ]),
    ),
  ),
];
