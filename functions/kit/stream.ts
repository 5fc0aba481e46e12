import { unmarshall } from "@aws-sdk/util-dynamodb";
import middy from "@middy/core";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { log } from "#core/kit/log.ts";
import { observed } from "./observe.ts";

/** A change of one item. */
export interface StreamChange {
  /** Unique and stable over retries. */
  readonly id: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  /** DynamoDB's TTL made it, nobody else. */
  readonly expired: boolean;
  /** When it was made, epoch ms; DynamoDB tells the second. */
  readonly at?: number;
}

/**
 * The stream door: changes are handled in order, `size` at a time, so that one call downstream can carry several. The first
 * chunk that fails is reported by its first sequence number: Lambda takes up there again, and bisects. Records of one
 * stream depend on their order, so nothing after a failure is tried (Powertools' processor would call record by record).
 */
export const stream = (size: number, run: (changes: readonly StreamChange[]) => Promise<void>) =>
  middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(observed())
    .handler(async ({ Records }) => {
      for (let start = 0; start < Records.length; start += size) {
        const chunk = Records.slice(start, start + size);
        try {
          await run(chunk.map(toChange));
        } catch (error) {
          log.error("changes failed", error as Error);
          return { batchItemFailures: [{ itemIdentifier: chunk[0]?.dynamodb?.SequenceNumber ?? "" }] };
        }
      }
      return { batchItemFailures: [] };
    });

type Image = Parameters<typeof unmarshall>[0];

const toChange = (record: DynamoDBRecord): StreamChange => {
  const { OldImage, NewImage, ApproximateCreationDateTime: at } = record.dynamodb ?? {};
  const identity = (record as { userIdentity?: { principalId?: string } }).userIdentity;
  return {
    id: record.eventID ?? "",
    ...(OldImage && { before: unmarshall(OldImage as Image) }),
    ...(NewImage && { after: unmarshall(NewImage as Image) }),
    expired: identity?.principalId === "dynamodb.amazonaws.com",
    ...(at !== undefined && { at: at * 1_000 }),
  };
};
