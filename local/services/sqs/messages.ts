import type { Caller } from "../../kit/credentials.ts";
import { type MessageAttribute, type MessageAttributes, md5OfAttributes } from "./digest.ts";
import { sqsErrors } from "./errors.ts";
import type { Outgoing } from "./send.ts";
import type { Message, Queue } from "./state.ts";

/** A SendMessage request, or one entry of a batch. */
export type Entry = Readonly<Record<string, unknown>>;

const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;
const ATTRIBUTE_NAME = /^(?!\.)(?!aws\.|amazon\.)(?!.*\.\.)[\w\-.]{1,256}(?<!\.)$/i;

/** Checks one message and turns it into what the engine takes; `size` counts towards the batch limit. */
export const outgoing = (
  queue: Queue,
  entry: Entry,
  from: { senderId: string; trace?: string },
): { message: Outgoing; size: number } => {
  const body = entry.MessageBody;
  if (typeof body !== "string" || body === "") throw sqsErrors.missing("MessageBody");
  if (FORBIDDEN.test(body)) throw sqsErrors.badContents();
  const attributes = attributesOf(entry.MessageAttributes);
  const size = Buffer.byteLength(body) + sizeOf(attributes);
  if (size > queue.settings.maxBytes)
    throw sqsErrors.invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.settings.maxBytes} bytes.`,
    );
  const groupId = identifier(entry, "MessageGroupId");
  const dedupId = identifier(entry, "MessageDeduplicationId");
  if (dedupId !== undefined && !queue.settings.fifo) throw unfit("MessageDeduplicationId", dedupId);
  const system = systemOf(entry);
  const trace = system.AWSTraceHeader?.StringValue ?? from.trace;
  const systemDigest = md5OfAttributes(system);
  const delayMs = delayOf(queue, entry.DelaySeconds);
  const message: Outgoing = {
    body,
    attributes,
    senderId: from.senderId,
    ...(groupId === undefined ? {} : { groupId }),
    ...(dedupId === undefined ? {} : { dedupId }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(trace === undefined ? {} : { trace }),
    ...(systemDigest === undefined ? {} : { systemDigest }),
  };
  return { message, size };
};

const unfit = (name: string, value: unknown) =>
  sqsErrors.badValue(value, name, "The request include parameter that is not valid for this queue type.");

const delayOf = (queue: Queue, value: unknown): number | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 900)
    throw sqsErrors.badValue(value, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.");
  // A FIFO queue delays all its messages alike, else they would overtake one another.
  if (queue.settings.fifo) {
    if (value > 0) throw unfit("DelaySeconds", value);
    return undefined;
  }
  return value * 1000;
};

const identifier = (entry: Entry, name: string): string | undefined => {
  const value = entry[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || !ID.test(value))
    throw sqsErrors.badValue(
      value,
      name,
      `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  return value;
};

const systemOf = (entry: Entry): MessageAttributes => {
  const system = attributesOf(entry.MessageSystemAttributes, 1);
  const other = Object.keys(system).find((name) => name !== "AWSTraceHeader");
  if (other !== undefined) throw sqsErrors.invalid(`Message system attribute name '${other}' is invalid.`);
  return system;
};

const attributesOf = (value: unknown, limit = 10): MessageAttributes => {
  if (value === undefined || value === null) return {};
  const entries = Object.entries(value as Record<string, MessageAttribute>);
  if (entries.length > limit)
    throw sqsErrors.invalid(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`,
    );
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
  return Object.fromEntries(
    entries.map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { DataType, ...(BinaryValue === undefined ? { StringValue: StringValue ?? "" } : { BinaryValue }) },
    ]),
  );
};

const checkAttribute = (name: string, attribute: MessageAttribute): void => {
  if (!ATTRIBUTE_NAME.test(name)) throw sqsErrors.invalid(`Message attribute name '${name}' is invalid.`);
  const type = /^(String|Number|Binary)(\..{1,248})?$/.exec(attribute?.DataType ?? "")?.[1];
  if (!type)
    throw sqsErrors.invalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const value = type === "Binary" ? attribute.BinaryValue : attribute.StringValue;
  if (typeof value !== "string" || value === "")
    throw sqsErrors.invalid(
      `The message attribute '${name}' must contain a non-empty message attribute value for message attribute type '${attribute.DataType}'.`,
    );
  if (type === "Number" && !Number.isFinite(Number(value)))
    throw sqsErrors.invalid(`Can't cast the value of message attribute '${name}' to a number.`);
  if (type === "String" && FORBIDDEN.test(value)) throw sqsErrors.badContents();
};

const sizeOf = (attributes: MessageAttributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue === undefined
        ? Buffer.byteLength(StringValue ?? "")
        : Buffer.byteLength(BinaryValue, "base64")),
    0,
  );

/** All system attributes of a received message, by SQS's names. */
export const systemAttributes = (message: Message): Record<string, string> => ({
  SenderId: message.senderId,
  SentTimestamp: String(message.sentAt),
  ApproximateReceiveCount: String(message.receives),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
  ...(message.sequence === undefined ? {} : { SequenceNumber: message.sequence }),
  ...(message.dedupId === undefined ? {} : { MessageDeduplicationId: message.dedupId }),
  ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
  ...(message.trace === undefined ? {} : { AWSTraceHeader: message.trace }),
  ...(message.deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterSource }),
});

/** A message as ReceiveMessage returns it, with only the attributes asked for. */
export const received = (
  message: Message,
  system: readonly string[],
  custom: readonly string[],
): Record<string, unknown> => {
  const all = systemAttributes(message);
  const attributes = Object.fromEntries(
    Object.entries(all).filter(([name]) => system.includes("All") || system.includes(name)),
  );
  const picked = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => custom.some((want) => wants(want, name))),
  );
  const digest = md5OfAttributes(picked);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: message.md5,
    Body: message.body,
    ...(Object.keys(attributes).length > 0 ? { Attributes: attributes } : {}),
    ...(digest ? { MessageAttributes: picked, MD5OfMessageAttributes: digest } : {}),
  };
};

const wants = (want: string, name: string): boolean =>
  want === "All" ||
  want === ".*" ||
  want === name ||
  (want.endsWith(".*") && name.startsWith(want.slice(0, -1)));

/** Who sent, as IAM's unique ids name a role's session or a user. */
export const senderOf = (caller: Caller | undefined): string => {
  if (!caller) return "AIDALOCALANONYMOUS";
  if (!caller.functionArn) return caller.accessKeyId;
  return `${caller.accessKeyId.replace(/^ASIA/, "AROA")}:${caller.functionArn.split(":")[6] ?? "function"}`;
};
