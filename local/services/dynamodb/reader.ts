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

/** Continues after `start`; undefined starts at the oldest record kept. */
export const createReader = (client: Client, streamArn: string, start: Position | undefined): Reader => {
  let position = start;
  let iterator: string | undefined;

  const next = async (): Promise<boolean> => {
    const shards = await shardsOf(client, streamArn);
    const after = position;
    const shardId = shards.find((id) => after === undefined || id > after.shardId);
    if (!shardId) return false;
    position = { shardId };
    iterator = undefined;
    return true;
  };

  const read = async (): Promise<Page> => {
    if (!position && !(await next())) return { records: [], shardId: "" };
    const at = position as Position;
    iterator ??= await iteratorAt(client, streamArn, at);
    const input = { ShardIterator: iterator, Limit: 1_000 };
    const page = await client.call<{ Records: RawRecord[]; NextShardIterator?: string }>("GetRecords", input);
    iterator = page.NextShardIterator;
    const last = page.Records.at(-1);
    if (last) position = { shardId: at.shardId, sequence: last.dynamodb.SequenceNumber };
    if (!last && !iterator && (await next())) return read();
    return { records: page.Records, shardId: at.shardId };
  };

  return {
    async read() {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof DynamoError)) throw error;
        iterator = undefined;
        if (error.code === "ExpiredIteratorException") return read();
        if (error.code !== "TrimmedDataAccessException" && error.code !== "ResourceNotFoundException")
          throw error;
        // what the checkpoint named is gone: go on with the oldest record there is
        position = undefined;
        return read();
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
