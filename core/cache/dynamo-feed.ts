import { PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { now } from "#core/kit/clock.ts";
import { documents } from "#core/kit/dynamo.ts";
import { newId } from "#core/kit/id.ts";
import { feedSort } from "./cache.keys.ts";
import { feedPartition } from "./infra.schema.ts";
import type { CacheStore, Change } from "./store.ts";

/** How long the feed is kept: a process that slept for longer trusts no copy. */
const KEPT_MS = 10 * 60_000;
/** Read again each time: clocks that differ by 5 s, and an item that took as long to arrive. */
const OVERLAP_MS = 10_000;
/** An item that took longer than this to be written is written again, under a later time. */
const LATE_MS = 4_000;
/** Bytes of JSON in an item of the feed: 1 WCU a kilobyte, whichever way it is cut; long items save calls. */
const ITEM_BYTES = 64 * 1_024;

/**
 * Appends what happened to the feed; done twice, its readers hear it twice under the same ids. One call, 1 WCU per KB of keys.
 * The feed is one partition: it takes 1 MB of keys a second, and 6,000 processes that ask each second.
 */
export const announce = async (
  table: string,
  changes: readonly Change[],
  channel?: string,
  /** When the first of them was done, epoch ms. */
  since?: number,
): Promise<void> => {
  for (const text of packed(changes)) {
    for (;;) {
      const at = now();
      const item = { pk: feedPartition(channel), sk: feedSort(at, newId("chg")), j: text };
      const ttl = Math.ceil((at + 2 * KEPT_MS) / 1_000);
      const late = since !== undefined && { l: Math.max(0, at - since) };
      await documents().send(new PutCommand({ TableName: table, Item: { ...item, ttl, ...late } }));
      if (now() - at <= LATE_MS) break;
    }
  }
};

const packed = (changes: readonly Change[]): string[] => {
  const lists: Change[][] = [];
  let room = 0;
  for (const change of changes) {
    const size = JSON.stringify(change).length * 3;
    if (room < size) {
      lists.push([]);
      room = Math.max(ITEM_BYTES, size);
    }
    lists.at(-1)?.push(change);
    room -= size;
  }
  return lists.map((list) => JSON.stringify(list));
};

/**
 * Until when the reader has read, by its own clock, the newest time it met in the feed (0: it was empty), and which items of the
 * overlap it knows. It reads on from the earlier of both: one whose clock is an hour ahead misses nothing that others tell.
 */
const Cursor = v.object({ at: v.number(), newest: v.optional(v.number()), seen: v.array(v.string()) });

/** A cursor that costs no call: it tells of all from now on, and once more of the ten seconds before. */
export const cursorFromNow = (): string => JSON.stringify({ at: now(), seen: [] });

/** One Query: 0.5 RCU per 4 KB of what is new and of the last ten seconds. */
export const changesSince = async (
  table: string,
  cursor: string | undefined,
  channel?: string,
): ReturnType<CacheStore["changes"]> => {
  const started = now();
  const feed = feedPartition(channel);
  if (cursor === undefined) return begun(started, await newestOf(table, feed));
  const from = v.parse(Cursor, JSON.parse(cursor));
  const gap = started - from.at > KEPT_MS - OVERLAP_MS;
  if (gap) return { ...begun(started, await newestOf(table, feed)), gap };
  const items = await itemsAfter(table, feed, feedSort(startOf(from)));
  const known = new Set(from.seen);
  const fresh = items.filter(({ sk }) => !known.has(sk));
  const newest = items.reduce((last, { sk }) => Math.max(last, timeOf(sk)), from.newest ?? from.at);
  const start = feedSort(startOf({ at: started, newest }));
  const seen = items.map(({ sk }) => sk).filter((sk) => sk >= start);
  return {
    changes: fresh.flatMap(({ j }) => JSON.parse(j) as Change[]),
    ...(fresh.length > 0 && { lagMs: Math.max(...fresh.map(({ l = 0 }) => l)) }),
    cursor: JSON.stringify({ at: started, newest, seen }),
    gap,
  };
};

const startOf = ({ at, newest = at }: { readonly at: number; readonly newest?: number | undefined }) =>
  Math.max(0, Math.min(at, newest) - OVERLAP_MS);

const timeOf = (sk: string) => Number(sk.split("#", 1)[0]);

/** Who starts hears nothing of the past, save once more of the ten seconds before the newest there is. */
const begun = (at: number, newest: string | undefined) => {
  const seen = newest === undefined ? [] : [newest];
  const cursor = JSON.stringify({ at, newest: newest === undefined ? 0 : timeOf(newest), seen });
  return { changes: [], cursor, gap: false };
};

const newestOf = async (table: string, feed: string): Promise<string | undefined> => {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "pk = :feed",
      ExpressionAttributeValues: { ":feed": feed },
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  return Items[0]?.sk as string | undefined;
};

interface FeedItem {
  readonly sk: string;
  readonly j: string;
  /** How late it was told, ms. */
  readonly l?: number;
}

const itemsAfter = async (table: string, feed: string, sort: string): Promise<FeedItem[]> => {
  const items: FeedItem[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documents().send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :feed AND sk >= :from",
        ExpressionAttributeValues: { ":feed": feed, ":from": sort },
        ExclusiveStartKey: start,
      }),
    );
    items.push(...((page.Items ?? []) as FeedItem[]));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
};
