import { type Client, DynamoError } from "./client.ts";
import type { RawRecord } from "./records.ts";

/** How far a stream has been read. No sequence: nothing of the shard yet. */
export interface Position {
  readonly shardId: string;
  readonly sequence?: string;
}

/** One read: the records of one shard, in order, and where they leave off. */
export interface Page {
  readonly records: readonly RawRecord[];
  readonly shardId: string;
}

/** Reads a stream of the engine from a position on. */
export interface Reader {
  read(): Promise<Page>;
}

interface Shard {
  readonly ShardId: string;
}

/** The engine never has two open shards: it closes one and opens the next, so their order by age is the stream's. */
const shardsOf = async (client: Client, streamArn: string): Promise<string[]> => {
  const { StreamDescription } = await client.call<{ StreamDescription: { Shards: Shard[] } }>(
    "DescribeStream",
    {
      StreamArn: streamArn,
    },
  );
  return StreamDescription.Shards.map((s) => s.ShardId).sort();
};

const iteratorAt = async (
  client: Client,
  streamArn: string,
  { shardId, sequence }: Position,
): Promise<string> => {
  const at = sequence
    ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: sequence }
    : { ShardIteratorType: "TRIM_HORIZON" };
  const input = { StreamArn: streamArn, ShardId: shardId, ...at };
  return (await client.call<{ ShardIterator: string }>("GetShardIterator", input)).ShardIterator;
};

/** Where a reader stands, and the iterator it got there with. */
interface Cursor {
  readonly client: Client;
  readonly streamArn: string;
  position: Position | undefined;
  iterator: string | undefined;
}

/** Moves on to the next shard; false when there is none yet. */
const nextShard = async (cursor: Cursor): Promise<boolean> => {
  const shards = await shardsOf(cursor.client, cursor.streamArn);
  const after = cursor.position;
  const shardId = shards.find((id) => after === undefined || id > after.shardId);
  if (!shardId) return false;
  cursor.position = { shardId };
  cursor.iterator = undefined;
  return true;
};

const readPage = async (cursor: Cursor): Promise<Page> => {
  const { client, streamArn } = cursor;
  if (!cursor.position && !(await nextShard(cursor))) return { records: [], shardId: "" };
  const at = cursor.position as Position;
  cursor.iterator ??= await iteratorAt(client, streamArn, at);
  const input = { ShardIterator: cursor.iterator, Limit: 1_000 };
  const page = await client.call<{ Records: RawRecord[]; NextShardIterator?: string }>("GetRecords", input);
  cursor.iterator = page.NextShardIterator;
  const last = page.Records.at(-1);
  if (last) cursor.position = { shardId: at.shardId, sequence: last.dynamodb.SequenceNumber };
  if (!last && !cursor.iterator && (await nextShard(cursor))) return readPage(cursor);
  return { records: page.Records, shardId: at.shardId };
};

/** What the checkpoint or the iterator named is no longer kept. */
const GONE = new Set(["TrimmedDataAccessException", "ResourceNotFoundException"]);

/** Continues after `start`; undefined starts at the oldest record kept. */
export const createReader = (client: Client, streamArn: string, start: Position | undefined): Reader => {
  const cursor: Cursor = { client, streamArn, position: start, iterator: undefined };
  return {
    async read() {
      try {
        return await readPage(cursor);
      } catch (error) {
        if (!(error instanceof DynamoError)) throw error;
        cursor.iterator = undefined;
        if (GONE.has(error.code)) cursor.position = undefined;
        else if (error.code !== "ExpiredIteratorException") throw error;
        return readPage(cursor);
      }
    },
  };
};

/** Where a stream ends now: `LATEST` made a position that survives a restart. */
export const endOf = async (client: Client, streamArn: string): Promise<Position | undefined> => {
  const shardId = (await shardsOf(client, streamArn)).at(-1);
  if (!shardId) return undefined;
  const reader = createReader(client, streamArn, { shardId });
  let sequence: string | undefined;
  for (let page = await reader.read(); page.records.length > 0; page = await reader.read()) {
    sequence = page.records.at(-1)?.dynamodb.SequenceNumber;
  }
  return { shardId, ...(sequence ? { sequence } : {}) };
};
