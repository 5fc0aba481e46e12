import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import pMap from "p-map";
import { now } from "#core/kit/clock.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { newId } from "#core/kit/id.ts";
import { entryKey, markKey, spelled } from "./cache.keys.ts";
import { dropChunks, gather, place } from "./chunks.ts";
import { readBatch } from "./dynamo-batch.ts";
import { type EntryItem, type Operation, toAttributes, toStored, toUpdate, ttlOf } from "./dynamo-entry.ts";
import { announce, changesSince } from "./dynamo-feed.ts";
import { keysIn } from "./dynamo-keys.ts";
import { MARK_MS } from "./life.ts";
import { type CacheStore, type Change, type Draft, FENCE_MS, type Stored, Unflushed } from "./store.ts";

/** The second tier in a DynamoDB table: see `infra.schema.ts` for its keys. */
export interface DynamoStore extends CacheStore {
  /**
   * Appends changes to the feed that `changes` reads: what the consumer of the table's stream does with `toChanges`. The first of them
   * was done at `since`, epoch ms.
   */
  announce(changes: readonly Change[], since?: number): Promise<void>;
}

// What an answer that is lost may do, as the client then tries again: a set, a delete and a bump may count twice (the version
// answered is the one that stands), a fill and a lease know themselves again. Chunks may be written and never belong to a head.

/** The store over `table`. A read is 1 call (large values: 2), a write 1 (large values: 2). */
export const createDynamoStore = (table: string): DynamoStore => ({
  name: "dynamodb",
  get: (key, how = {}) => get(table, key, how.marks ?? [], how.strong ?? false),
  getMany: async (keys, how = {}) => {
    const { items, marks } = await read(table, keys, how.marks ?? [], how.strong ?? false);
    return { entries: await hydrate(table, items, how.strong), marks };
  },
  set: (key, draft) => replace(table, key, draft, "set"),
  // A batch of DynamoDB's counts no versions, and a transaction costs twice: one call each, 25 at a time.
  setMany: async (drafts) => {
    const versions = await pMap(drafts, ([key, draft]) => replace(table, key, draft, "set"), {
      concurrency: 25,
    });
    return new Map([...drafts.keys()].map((key, n) => [key, versions[n] ?? 0]));
  },
  fill: (key, draft, expected, holder) => fill(table, key, draft, expected, holder),
  delete: (key, keptUntil) => {
    const tombstone = { body: null, freshUntil: 0, keptUntil, marks: {}, loadMs: 0 };
    return replace(table, key, tombstone, "delete");
  },
  lease: (key, lease, expected, at) => take(table, key, lease, expected, at),
  release: (key, holder) => release(table, key, holder),
  marks: async (names, strong = false) => (await read(table, [], names, strong)).marks,
  bump: (mark) => bump(table, mark),
  changes: (cursor) => changesSince(table, cursor),
  keys: (prefix) => keysIn(table, prefix),
  announce: (changes, since) => announce(table, changes, undefined, since),
});

const get = async (table: string, key: string, marks: readonly string[], strong: boolean) => {
  if (marks.length > 0) {
    const found = await read(table, [key], marks, strong);
    const [entry] = await hydrate(table, found.items, strong);
    return { entry, marks: found.marks };
  }
  const { Item } = await documents().send(
    new GetCommand({ TableName: table, Key: entryKey(key), ConsistentRead: strong }),
  );
  const [entry] = await hydrate(table, [Item as EntryItem | undefined], strong);
  return { entry, marks: {} };
};

/** Items and versions of marks in one BatchGetItem (for each hundred). */
const read = async (table: string, keys: readonly string[], names: readonly string[], strong: boolean) => {
  const wanted = [...keys.map(entryKey), ...names.map(markKey)];
  const found = await readBatch<EntryItem>(table, wanted, strong);
  const marks = Object.fromEntries(names.map((name) => [name, found.get(markKey(name).pk)?.v ?? 0]));
  return { items: keys.map((key) => found.get(entryKey(key).pk)), marks };
};

const hydrate = async (
  table: string,
  items: readonly (EntryItem | undefined)[],
  strong = false,
): Promise<(Stored | undefined)[]> => {
  const at = now();
  const present = items.filter((item) => item !== undefined);
  const bodies = await gather(table, present, strong);
  return items.map((item) => item && toStored(item, bodies.get(item.pk), at));
};

const placed = (table: string, draft: Draft) =>
  place(table, draft.body, ttlOf(draft.keptUntil, draft.dirty === true, now()));

/** One UpdateItem whatever is there, but for what is dirty. The old version comes back, and with it the chunks to drop. */
const replace = async (table: string, key: string, draft: Draft, operation: Operation): Promise<number> => {
  const where = await placed(table, draft);
  const update = toUpdate(toAttributes(key, draft, where, operation, now()), "v");
  if (draft.dirty) {
    update.UpdateExpression = update.UpdateExpression.replace(/^SET /, "SET #e = if_not_exists(#e, :e), ");
    update.ExpressionAttributeNames["#e"] = "e";
    update.ExpressionAttributeValues[":e"] = now();
  }
  const { old } = await attempt(table, key, {
    ...update,
    ...(!draft.dirty && { ConditionExpression: "attribute_not_exists(#d)" }),
    ReturnValues: "UPDATED_OLD",
  });
  if (!old) throw new Unflushed(key);
  await dropChunks(table, old, where);
  return (old.v ?? 0) + 1;
};

const fill = async (table: string, key: string, draft: Draft, expected: number, holder?: string) => {
  const where = await placed(table, draft);
  const w = newId("fil");
  const update = toUpdate({ ...toAttributes(key, draft, where, "fill", now()), w, v: expected + 1 });
  update.ExpressionAttributeValues[":expected"] = expected;
  if (holder !== undefined) update.ExpressionAttributeValues[":holder"] = holder;
  const { entry, old } = await attempt(table, key, {
    ...update,
    ConditionExpression: `(attribute_not_exists(#v) OR #v = :expected)${holder === undefined ? "" : " AND #lh = :holder"}`,
    ReturnValues: "UPDATED_OLD" as const,
  });
  if (old) await dropChunks(table, old, where);
  return old || entry?.w === w ? expected + 1 : undefined;
};

type Conditional = Omit<ConstructorParameters<typeof UpdateCommand>[0], "TableName" | "Key">;

/** A write that may be refused: `old` attributes where it took place, the `entry` in the way where it did not. */
const attempt = async (
  table: string,
  key: string,
  update: Conditional,
): Promise<{ old?: Partial<EntryItem>; entry?: EntryItem }> => {
  try {
    const { Attributes } = await documents().send(
      new UpdateCommand({
        TableName: table,
        Key: entryKey(key),
        ...update,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return { old: Attributes ?? {} };
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return error.Item ? { entry: unmarshall(error.Item) as EntryItem } : {};
  }
};

type Lease = Parameters<CacheStore["lease"]>[1];

const take = async (
  table: string,
  key: string,
  lease: Lease,
  expected: number,
  at: number,
): ReturnType<CacheStore["lease"]> => {
  const spelt = spelled(key);
  // Where nothing is, the lease is all there is, and TTL ends it; else the entry's own end stands.
  const alone = { ttl: Math.ceil((lease.until + FENCE_MS) / 1_000), ...(spelt && { k: spelt }) };
  const update = toUpdate({ o: "lease", lh: lease.holder, lu: lease.until, ...(expected === 0 && alone) });
  update.ExpressionAttributeNames["#v"] = "v";
  Object.assign(update.ExpressionAttributeValues, {
    ":now": at,
    ...(expected > 0 && { ":expected": expected }),
  });
  const { old, entry } = await attempt(table, key, {
    ...update,
    ConditionExpression: `(attribute_not_exists(#lu) OR #lu <= :now OR #lh = :lh) AND ${expected > 0 ? "#v = :expected" : "attribute_not_exists(#v)"}`,
  });
  if (old) return { taken: true, entry: undefined };
  // TTL has removed what the caller saw: nothing is known of the key any more.
  if (!entry && expected > 0) return take(table, key, lease, 0, at);
  const [found] = await hydrate(table, [entry], true);
  return { taken: false, entry: found };
};

const release = async (table: string, key: string, holder: string) => {
  const update = toUpdate({ o: "lease", lh: undefined, lu: undefined });
  update.ExpressionAttributeValues[":holder"] = holder;
  await attempt(table, key, { ...update, ConditionExpression: "#lh = :holder" });
};

const bump = async (table: string, mark: string): Promise<number> => {
  const spelt = spelled(mark);
  const at = now();
  const ttl = Math.ceil((at + MARK_MS) / 1_000);
  const update = toUpdate({ o: "bump" satisfies Operation, ttl, ...(spelt && { k: spelt }) });
  const { Attributes } = await documents().send(
    new UpdateCommand({
      TableName: table,
      Key: markKey(mark),
      UpdateExpression: `${update.UpdateExpression}, #v = if_not_exists(#v, :at) + :one`,
      ExpressionAttributeNames: { ...update.ExpressionAttributeNames, "#v": "v" },
      ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ":at": at, ":one": 1 },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  return Number(Attributes?.v);
};
