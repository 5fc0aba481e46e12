import { md5OfAttributes } from "./digest.ts";
import { systemAttributes } from "./messages.ts";
import type { Message, Queue } from "./state.ts";

/** One record of the event Lambda hands to a queue's consumer. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, object>>;
  readonly md5OfBody: string;
  readonly md5OfMessageAttributes?: string;
  readonly eventSource: "aws:sqs";
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

/** A received message as an event record. */
export const recordOf = (queue: Queue, message: Message): SqsRecord => {
  const digest = md5OfAttributes(message.attributes);
  return {
    messageId: message.id,
    receiptHandle: message.receipt ?? "",
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(BinaryValue === undefined ? { stringValue: StringValue } : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: message.md5,
    ...(digest ? { md5OfMessageAttributes: digest } : {}),
    eventSource: "aws:sqs",
    eventSourceARN: queue.arn,
    awsRegion: queue.arn.split(":")[3] ?? "",
  };
};

/**
 * Which messages of a batch a partial-failure answer leaves undone. Malformed answers fail the whole batch, as AWS has it:
 * an empty or missing identifier, a wrong key, an id that is not in the batch.
 */
export const failuresOf = (payload: unknown, ids: ReadonlySet<string>): ReadonlySet<string> => {
  if (payload === null || payload === undefined) return new Set();
  const failures = (payload as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === null || failures === undefined) return new Set();
  if (!Array.isArray(failures)) return ids;
  const named = failures.map(
    (item: unknown) => (item as { itemIdentifier?: unknown } | null)?.itemIdentifier,
  );
  const known = named.filter((id) => typeof id === "string").filter((id) => ids.has(id));
  return known.length === failures.length ? new Set(known) : ids;
};
