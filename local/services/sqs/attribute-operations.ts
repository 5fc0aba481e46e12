import { type Operation, queueOf, type SqsContext, stringMap, strings } from "./context.ts";
import { queueByArn, settle, wake } from "./engine.ts";
import { sqsErrors } from "./errors.ts";
import { heapPush } from "./heap.ts";
import { checkAttributes, type QueueAttributes, settingsOf } from "./settings.ts";
import type { Queue } from "./state.ts";

/** Refuses a redrive policy whose target is missing or of the other kind. */
export const checkRedrive = (context: SqsContext, attributes: QueueAttributes, fifo: boolean): void => {
  const { redrive } = settingsOf(attributes);
  if (!redrive) return;
  const bad = (reason: string) => sqsErrors.badValue(attributes.RedrivePolicy, "RedrivePolicy", reason);
  const target = queueByArn(context.engine, redrive.arn);
  if (!target) throw bad("Dead letter target does not exist.");
  if (target.settings.fifo !== fifo) throw bad("Dead letter queue must be same type of queue as the source.");
};

const getQueueAttributes: Operation = (context, input) => {
  const queue = queueOf(context, input);
  settle(context.engine, queue);
  const all: Record<string, string> = {
    ...queue.attributes,
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(queue.counts.ready),
    ApproximateNumberOfMessagesNotVisible: String(queue.counts.flying),
    ApproximateNumberOfMessagesDelayed: String(queue.counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
  const names = strings(input, "AttributeNames");
  if (names.includes("All")) return { Attributes: all };
  const known = names.flatMap((name): [string, string][] => {
    const value = all[name];
    if (value !== undefined) return [[name, value]];
    // Known names without a value are left out; a name SQS does not know is an error.
    if (!OPTIONAL.has(name)) throw sqsErrors.unknownAttribute(name);
    return [];
  });
  return known.length > 0 ? { Attributes: Object.fromEntries(known) } : {};
};

const OPTIONAL = new Set([
  "Policy",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
]);

const setPolicy = ({ cloud }: SqsContext, { arn }: Queue, policy: string): void => {
  try {
    cloud.permissions?.setResourcePolicy(arn, policy || undefined);
  } catch {
    throw sqsErrors.badAttribute("Policy", "Invalid value for the parameter Policy.");
  }
};

const setQueueAttributes: Operation = async (context, input) => {
  const queue = queueOf(context, input);
  const changes = stringMap(input, "Attributes");
  checkAttributes(changes, queue.settings.fifo);
  if (changes.FifoQueue !== undefined && changes.FifoQueue !== queue.attributes.FifoQueue)
    throw sqsErrors.badAttribute("FifoQueue", "Modifying queue type is not supported.");
  // An empty policy takes the policy away.
  const merged = Object.entries({ ...queue.attributes, ...changes }).filter(([, value]) => value !== "");
  const attributes = Object.fromEntries(merged);
  checkRedrive(context, attributes, queue.settings.fifo);
  if (changes.Policy !== undefined) setPolicy(context, queue, changes.Policy);
  queue.attributes = attributes;
  queue.settings = settingsOf(attributes);
  queue.modifiedAt = context.cloud.clock.now();
  queue.sweepAt = queue.modifiedAt;
  if (queue.settings.fifo && changes.DelaySeconds !== undefined) delayAnew(queue);
  context.engine.journal.defined(queue);
  wake(context.engine, queue);
  await context.engine.journal.committed();
  return {};
};

// The delay of a FIFO queue is retroactive, so that its order holds.
const delayAnew = (queue: Queue): void => {
  for (const message of queue.messages.values()) {
    if (message.state !== "delayed") continue;
    message.visibleAt = message.sentAt + queue.settings.delayMs;
    heapPush(queue.hidden, message.visibleAt, message);
  }
};

/** Operations on a queue's attributes. */
export const attributeOperations: Readonly<Record<string, Operation>> = {
  GetQueueAttributes: getQueueAttributes,
  SetQueueAttributes: setQueueAttributes,
};
