import { sqsErrors } from "./errors.ts";

/** What a queue's attributes mean to the engine; times in milliseconds. */
export interface Settings {
  readonly visibilityMs: number;
  readonly retentionMs: number;
  readonly maxBytes: number;
  readonly delayMs: number;
  readonly waitMs: number;
  readonly fifo: boolean;
  readonly contentDedup: boolean;
  /** Whether a deduplication id is unique in the queue or in its message group. */
  readonly dedupByGroup: boolean;
  readonly redrive?: { readonly arn: string; readonly maxReceives: number };
  /** ARNs of queues that may use this one as a dead-letter queue; undefined allows all. */
  readonly allowedSources?: readonly string[];
}

export type QueueAttributes = Readonly<Record<string, string>>;

// Minimum, maximum and default, as of the SetQueueAttributes reference; the size limit is 1 MiB since August 2025.
const NUMBERS: Readonly<Record<string, readonly [number, number, number]>> = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
  KmsDataKeyReusePeriodSeconds: [60, 86_400, 300],
};
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  FifoQueue: ["true", "false"],
  ContentBasedDeduplication: ["true", "false"],
  DeduplicationScope: ["queue", "messageGroup"],
  FifoThroughputLimit: ["perQueue", "perMessageGroupId"],
  SqsManagedSseEnabled: ["true", "false"],
};
const FIFO_ONLY = ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
const FREE = ["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"];
const REPORTED_BY_DEFAULT = ["KmsDataKeyReusePeriodSeconds"];

/** The attributes of a new queue that was given nothing. */
export const defaultAttributes = (fifo: boolean): QueueAttributes => ({
  ...Object.fromEntries(
    Object.entries(NUMBERS)
      .filter(([name]) => !REPORTED_BY_DEFAULT.includes(name))
      .map(([name, [, , value]]) => [name, String(value)]),
  ),
  SqsManagedSseEnabled: "true",
  ...(fifo
    ? {
        FifoQueue: "true",
        ContentBasedDeduplication: "false",
        DeduplicationScope: "queue",
        FifoThroughputLimit: "perQueue",
      }
    : {}),
});

/** Refuses names and values SQS refuses. */
export const checkAttributes = (attributes: QueueAttributes, fifo: boolean): void => {
  for (const [name, value] of Object.entries(attributes)) {
    const range = NUMBERS[name];
    const choices = CHOICES[name];
    if (!range && !choices && !FREE.includes(name)) throw sqsErrors.unknownAttribute(name);
    if (!fifo && FIFO_ONLY.includes(name)) throw sqsErrors.unknownAttribute(name);
    if (range && !inRange(value, range)) throw sqsErrors.badAttribute(name);
    if (choices && !choices.includes(value)) throw sqsErrors.badAttribute(name);
    if (name === "RedrivePolicy") redriveOf(value);
    if (name === "RedriveAllowPolicy") allowedOf(value);
  }
};

const inRange = (value: string, [min, max]: readonly [number, number, number]): boolean =>
  /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max;

const json = (value: string, name: string): Record<string, unknown> => {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Reported below, as any other malformed policy.
  }
  throw sqsErrors.badAttribute(
    name,
    "Amazon SQS can't create the redrive policy, as it's in an unsupported format.",
  );
};

const redriveOf = (value: string | undefined): Settings["redrive"] => {
  if (!value) return undefined;
  const policy = json(value, "RedrivePolicy");
  const arn = policy.deadLetterTargetArn;
  const maxReceives = Number(policy.maxReceiveCount);
  if (typeof arn !== "string" || !Number.isInteger(maxReceives) || maxReceives < 1 || maxReceives > 1000)
    throw sqsErrors.badAttribute(
      "RedrivePolicy",
      "Invalid value for maxReceiveCount or deadLetterTargetArn.",
    );
  return { arn, maxReceives };
};

const allowedOf = (value: string | undefined): readonly string[] | undefined => {
  if (!value) return undefined;
  const policy = json(value, "RedriveAllowPolicy");
  if (policy.redrivePermission === "denyAll") return [];
  if (policy.redrivePermission !== "byQueue") return undefined;
  return Array.isArray(policy.sourceQueueArns) ? policy.sourceQueueArns.map(String) : [];
};

/** Reads checked attributes. */
export const settingsOf = (attributes: QueueAttributes): Settings => {
  const seconds = (name: string) => Number(attributes[name] ?? NUMBERS[name]?.[2] ?? 0) * 1000;
  const redrive = redriveOf(attributes.RedrivePolicy);
  const allowedSources = allowedOf(attributes.RedriveAllowPolicy);
  return {
    visibilityMs: seconds("VisibilityTimeout"),
    retentionMs: seconds("MessageRetentionPeriod"),
    maxBytes: seconds("MaximumMessageSize") / 1000,
    delayMs: seconds("DelaySeconds"),
    waitMs: seconds("ReceiveMessageWaitTimeSeconds"),
    fifo: attributes.FifoQueue === "true",
    contentDedup: attributes.ContentBasedDeduplication === "true",
    dedupByGroup: attributes.DeduplicationScope === "messageGroup",
    ...(redrive ? { redrive } : {}),
    ...(allowedSources ? { allowedSources } : {}),
  };
};
