import type { Names } from "./names.ts";
import type { Item } from "./sizes.ts";

/** A record as `GetRecords` yields it. */
export interface RawRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly [image: string]: unknown;
  };
  readonly userIdentity?: { readonly PrincipalId: string; readonly Type: string };
}

/** A record as Lambda hands it to a function, with what the poller must know of it. */
export interface StreamRecord {
  readonly event: Readonly<Record<string, unknown>>;
  readonly shardId: string;
  readonly sequence: string;
  /** Epoch ms by the cloud's clock. */
  readonly createdAt: number;
  readonly bytes: number;
  /** The trace that wrote it, as far as it is known. */
  readonly writer?: string;
}

/** What turns a raw record into an event. */
export interface RecordContext {
  readonly names: Names;
  readonly streamArn: string;
  readonly shardId: string;
  /** How far the cloud's clock is ahead of the system's, ms: the engine dates records by the latter. */
  readonly ahead: number;
  /** True when the local cloud's own sweep deleted this item for its TTL. */
  readonly expired: (keys: Item, minute: number) => boolean;
}

/** Shapes a record as Lambda's event has it, which differs from the API's in the case of `userIdentity`. */
export const toRecord = (raw: RawRecord, context: RecordContext): StreamRecord => {
  const { dynamodb, userIdentity } = raw;
  const minute = dynamodb.ApproximateCreationDateTime * 1_000;
  // the engine dates records by the minute, AWS by the second: what is read live was written just now
  const createdAt = Math.min(Date.now(), minute + 59_999) + context.ahead;
  const byTtl = userIdentity || (raw.eventName === "REMOVE" && context.expired(dynamodb.Keys, minute));
  return {
    event: {
      eventID: raw.eventID.replaceAll("-", ""),
      eventName: raw.eventName,
      eventVersion: raw.eventVersion,
      eventSource: "aws:dynamodb",
      awsRegion: context.names.region,
      dynamodb: { ...dynamodb, ApproximateCreationDateTime: Math.floor(createdAt / 1_000) },
      ...(byTtl ? { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } } : {}),
      eventSourceARN: context.streamArn,
    },
    shardId: context.shardId,
    sequence: dynamodb.SequenceNumber,
    createdAt,
    bytes: dynamodb.SizeBytes,
  };
};
