import { attributeOperations, checkRedrive } from "./attribute-operations.ts";
import {
  integer,
  type Operation,
  queueOf,
  required,
  type SqsContext,
  stringMap,
  strings,
} from "./context.ts";
import { clear } from "./engine.ts";
import { sqsErrors } from "./errors.ts";
import { urlOf } from "./queues.ts";
import { checkAttributes, type QueueAttributes } from "./settings.ts";
import { createQueue as emptyQueue, type Queue } from "./state.ts";

/** How long a deleted queue's name rests, and how far apart purges must be, ms. */
const REST_MS = 60_000;

const createQueue: Operation = async (context, input) => {
  const name = required(input, "QueueName");
  const attributes = stringMap(input, "Attributes");
  const fifo = name.endsWith(".fifo");
  if (!/^[\w-]{1,80}$/.test(fifo ? name.slice(0, -5) : name) || name.length > 80)
    throw sqsErrors.invalid(
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    );
  if (fifo !== (attributes.FifoQueue === "true"))
    throw sqsErrors.invalid(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
    );
  const existing = context.engine.queues.get(name);
  if (existing) return sameQueue(existing, attributes);
  const now = context.cloud.clock.now();
  if (now - (context.deletedAt.get(name) ?? Number.NEGATIVE_INFINITY) < REST_MS)
    throw sqsErrors.deletedRecently();
  checkAttributes(attributes, fifo);
  checkRedrive(context, attributes, fifo);
  const { region, accountId } = context.cloud.graph;
  const arn = `arn:aws:sqs:${region}:${accountId}:${name}`;
  const queue = emptyQueue(
    { name, arn, url: urlOf(context.cloud, name), runtime: true },
    attributes,
    stringMap(input, "tags"),
    now,
  );
  context.engine.queues.set(name, queue);
  context.engine.journal.defined(queue);
  await context.engine.journal.committed();
  return { QueueUrl: queue.url };
};

const sameQueue = (queue: Queue, attributes: QueueAttributes): object => {
  const differing = Object.keys(attributes).find((name) => attributes[name] !== queue.attributes[name]);
  if (differing !== undefined) throw sqsErrors.queueExists(differing);
  return { QueueUrl: queue.url };
};

const getQueueUrl: Operation = (context, input) => {
  const queue = context.engine.queues.get(required(input, "QueueName"));
  if (!queue) throw sqsErrors.noQueue();
  return { QueueUrl: queue.url };
};

const listQueues: Operation = (context, input) => {
  const prefix = typeof input.QueueNamePrefix === "string" ? input.QueueNamePrefix : "";
  const names = [...context.engine.queues.keys()].filter((name) => name.startsWith(prefix)).sort();
  return page(input, names, (name) => context.engine.queues.get(name)?.url, "QueueUrls");
};

const listDeadLetterSourceQueues: Operation = (context, input) => {
  const { arn } = queueOf(context, input);
  const names = [...context.engine.queues.values()]
    .filter((queue) => queue.settings.redrive?.arn === arn)
    .map((queue) => queue.name)
    .sort();
  return page(input, names, (name) => context.engine.queues.get(name)?.url, "queueUrls");
};

const page = (
  input: Readonly<Record<string, unknown>>,
  names: readonly string[],
  url: (name: string) => string | undefined,
  key: string,
): object => {
  const max = integer(input, "MaxResults", [1, 1000]) ?? 1000;
  const token =
    typeof input.NextToken === "string" ? Buffer.from(input.NextToken, "base64url").toString() : "";
  const rest = names.filter((name) => name > token);
  const shown = rest.slice(0, max);
  const last = shown.at(-1);
  return {
    ...(shown.length > 0 ? { [key]: shown.map(url) } : {}),
    ...(rest.length > max && last ? { NextToken: Buffer.from(last).toString("base64url") } : {}),
  };
};

const deleteQueue: Operation = async (context, input) => {
  const queue = queueOf(context, input);
  context.engine.queues.delete(queue.name);
  context.deletedAt.set(queue.name, context.cloud.clock.now());
  clear(queue);
  queue.disarm?.();
  context.engine.journal.dropped(queue.name);
  await context.engine.journal.committed();
  return {};
};

const purgeQueue: Operation = (context, input) => purge(context, queueOf(context, input));

/** Deletes every message of a queue, at most once a minute. */
export const purge = async (context: SqsContext, queue: Queue): Promise<object> => {
  const now = context.cloud.clock.now();
  if (queue.purgedAt !== undefined && now - queue.purgedAt < REST_MS) throw sqsErrors.purging(queue.name);
  queue.purgedAt = now;
  clear(queue);
  context.engine.journal.purged(queue);
  await context.engine.journal.committed();
  return {};
};

const tag =
  (change: (queue: Queue, input: Readonly<Record<string, unknown>>) => Record<string, string>): Operation =>
  (context, input) => {
    const queue = queueOf(context, input);
    queue.tags = change(queue, input);
    context.engine.journal.defined(queue);
    return {};
  };

/** Operations on queues. */
export const queueOperations: Readonly<Record<string, Operation>> = {
  CreateQueue: createQueue,
  DeleteQueue: deleteQueue,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
  ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
  ...attributeOperations,
  PurgeQueue: purgeQueue,
  TagQueue: tag((queue, input) => ({ ...queue.tags, ...stringMap(input, "Tags") })),
  UntagQueue: tag((queue, input) => {
    const keys = strings(input, "TagKeys");
    return Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !keys.includes(key)));
  }),
  ListQueueTags: (context, input) => ({ Tags: queueOf(context, input).tags }),
};
