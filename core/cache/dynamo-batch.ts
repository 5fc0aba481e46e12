import { setTimeout as wait } from "node:timers/promises";
import { BatchGetCommand, BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { documents } from "#core/kit/dynamo.ts";
import type { Key } from "./cache.keys.ts";

/** Items of a BatchGetItem, and of a BatchWriteItem. */
const MAX_READS = 100;
const MAX_WRITES = 25;
/** Rounds in which nothing got on: the table is throttled for good. */
const MAX_IDLE = 8;
const BACKOFF_MS = 20;
const MAX_BACKOFF_MS = 1_000;

const slices = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

/** What remains is tried again, after a wait (full jitter) where nothing of it was taken. */
const untilDone = async <T>(all: readonly T[], round: (some: readonly T[]) => Promise<readonly T[]>) => {
  let left = all;
  for (let idle = 0; left.length > 0; ) {
    const remains = await round(left);
    idle = remains.length < left.length ? 0 : idle + 1;
    if (idle === MAX_IDLE) throw new Error("The cache's table takes no more requests: it is throttled");
    if (idle > 0) await wait(Math.random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** idle));
    left = remains;
  }
};

/** Items by partition key: a call for a hundred, and more only where they hold over 16 MB or are throttled. */
export const readBatch = async <I extends Key>(
  table: string,
  keys: readonly Key[],
  strong = false,
): Promise<Map<string, I>> => {
  const found = new Map<string, I>();
  const distinct = [...new Map(keys.map((key) => [key.pk, key])).values()];
  const round = async (some: readonly Key[]) => {
    const { Responses, UnprocessedKeys } = await documents().send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: [...some], ConsistentRead: strong } } }),
    );
    for (const item of Responses?.[table] ?? []) found.set(String(item.pk), item as I);
    return (UnprocessedKeys?.[table]?.Keys ?? []) as Key[];
  };
  await Promise.all(slices(distinct, MAX_READS).map((some) => untilDone(some, round)));
  return found;
};

/** A put of an item, or the removal of a key. */
export type Write = { readonly put: Key } | { readonly remove: Key };

/** Writes without condition: 25 a call. Each is the same when it is done twice. */
export const writeBatch = async (table: string, writes: readonly Write[]): Promise<void> => {
  const requests = writes.map((write) =>
    "put" in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: write.remove } },
  );
  const round = async (some: readonly object[]) => {
    const { UnprocessedItems } = await documents().send(
      new BatchWriteCommand({ RequestItems: { [table]: [...some] } }),
    );
    return UnprocessedItems?.[table] ?? [];
  };
  for (const some of slices<object>(requests, MAX_WRITES)) await untilDone(some, round);
};
