import { createHash, randomUUID } from "node:crypto";
import type { AwsRequest } from "../../kit/cloud.ts";
import { type QueryFields, textOf } from "../../kit/query.ts";
import { snsErrors } from "./errors.ts";
import { readAttributes, sizeOf } from "./message-attributes.ts";
import type { Message, SnsContext, Topic } from "./model.ts";
import { textFor } from "./reach.ts";

/** Bytes of a message with its attributes, and of a batch. */
export const LARGEST_MESSAGE = 262_144;

/** How long a FIFO topic remembers a deduplication id, ms. */
const DEDUPLICATION_MS = 300_000;

/** A message as it was sent, checked; not yet published. */
export interface Draft {
  readonly message: Message;
  /** Bytes that count towards limits. */
  readonly size: number;
}

const ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

const identifier = (input: QueryFields, name: string): string | undefined => {
  const value = textOf(input, name);
  if (value !== undefined && !ID.test(value))
    throw snsErrors.invalid(
      name,
      `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
    );
  return value;
};

const textsOf = (text: string): Record<string, string> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw snsErrors.invalid("Message Structure - JSON message body failed to parse");
  }
  const given =
    typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? Object.entries(parsed) : [];
  const texts = Object.fromEntries(
    given.filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
  if (!Object.hasOwn(texts, "default"))
    throw snsErrors.invalid("Message Structure - No default entry in JSON message body");
  return texts;
};

// Source: API reference of Publish: ASCII, no line breaks, up to 100 characters, starting with a visible one.
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,99}$/;

const fifoFields = (topic: Topic | undefined, input: QueryFields, text: string) => {
  const groupId = identifier(input, "MessageGroupId");
  const dedupId = identifier(input, "MessageDeduplicationId");
  if (!topic?.fifo) {
    if (dedupId !== undefined)
      throw snsErrors.invalid(
        "MessageDeduplicationId",
        "The request includes MessageDeduplicationId parameter that is not valid for this topic type",
      );
    return groupId === undefined ? {} : { groupId };
  }
  if (groupId === undefined)
    throw snsErrors.invalid("The MessageGroupId parameter is required for FIFO topics");
  if (dedupId !== undefined) return { groupId, dedupId };
  if (topic.attributes.ContentBasedDeduplication !== "true")
    throw snsErrors.invalid(
      "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  return { groupId, dedupId: createHash("sha256").update(text).digest("hex") };
};

/** Checks what was sent, before anything of it is published. `path` stands before names in errors of batches. */
export const draft = (
  context: SnsContext,
  topic: Topic | undefined,
  input: QueryFields,
  request: Pick<AwsRequest, "headers">,
  path = "",
): Draft => {
  const text = textOf(input, "Message");
  if (!text) throw snsErrors.invalid("Empty message");
  const attributes = readAttributes(input, path);
  const size = Buffer.byteLength(text) + sizeOf(attributes);
  if (size > LARGEST_MESSAGE && path === "") throw snsErrors.invalid("Message too long");
  const subject = textOf(input, "Subject");
  if (subject !== undefined && !SUBJECT.test(subject)) throw snsErrors.invalid("Subject");
  const structure = textOf(input, "MessageStructure");
  if (structure !== undefined && structure !== "json") throw snsErrors.invalid("MessageStructure");
  const texts = structure === "json" ? textsOf(text) : undefined;
  const trace = request.headers["x-amzn-trace-id"];
  const message: Message = {
    id: randomUUID(),
    ...(topic ? { topicArn: topic.arn } : {}),
    text: texts?.default ?? text,
    ...(texts ? { texts } : {}),
    ...(subject === undefined ? {} : { subject }),
    attributes,
    at: context.clock.now(),
    ...(trace ? { trace } : {}),
    ...fifoFields(topic, input, text),
    signatureVersion: topic?.attributes.SignatureVersion === "2" ? "2" : "1",
  };
  return { message, size };
};

/** What a publisher is told. A duplicate gets the identity of the message it repeats. */
export interface Receipt {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

const recall = (context: SnsContext, key: string) => {
  const oldest = context.clock.now() - DEDUPLICATION_MS;
  for (const [old, { at }] of context.seen.entries()) {
    if (at > oldest) break;
    context.seen.delete(old);
  }
  return context.seen.get(key);
};

/** The next sequence number of a FIFO topic: 20 digits, rising, over restarts too. */
const nextSequence = (context: SnsContext, topic: Topic): string => {
  const last = BigInt(context.sequences.get(topic.arn) ?? "10000000000000000000");
  const next = String(last + 1n);
  context.sequences.set(topic.arn, next);
  return next;
};

const fanOut = (context: SnsContext, topic: Topic, message: Message): void => {
  const subscribers = context.registry
    .of(topic.arn)
    .filter(
      (subscription) =>
        !subscription.pending &&
        context.registry.filterOf(subscription)(message, textFor(message, subscription.protocol)),
    );
  context.deliveries.accept(message, subscribers);
};

/** Publishes to a topic's subscribers. The answer may be given once the ledger has committed. */
export const publishTo = (context: SnsContext, topic: Topic, message: Message): Receipt => {
  if (!topic.fifo) {
    fanOut(context, topic, message);
    return { MessageId: message.id };
  }
  const group = topic.attributes.FifoThroughputScope === "MessageGroup" ? `${message.groupId}\n` : "";
  const key = `${topic.arn}\n${group}${message.dedupId}`;
  const duplicate = recall(context, key);
  if (duplicate) return { MessageId: duplicate.id, SequenceNumber: duplicate.sequence };
  const sequence = nextSequence(context, topic);
  context.seen.set(key, { id: message.id, sequence, at: context.clock.now() });
  fanOut(context, topic, { ...message, sequence });
  return { MessageId: message.id, SequenceNumber: sequence };
};
