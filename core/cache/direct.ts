import { now } from "#core/kit/clock.ts";
import { writeRecord } from "./records.ts";
import { type CacheStore, type Draft, Unflushed } from "./store.ts";
import { settle } from "./write-behind.ts";

/**
 * The store, save that a `set` writes the record first, then the entry (write-through). 3 calls: a strong read, as what is
 * still owed to the record must come before this, the record, the entry. Where two write at once neither knows whose record
 * is the last, so the entry is dropped, for the next reader to load.
 */
export const writingThrough = (store: CacheStore, value: string): CacheStore => ({
  ...store,
  set: async (key, draft) => {
    const seen = await settle(store, key);
    await writeRecord(key, value);
    const version = await putAfter(store, key, draft, seen?.version);
    return version ?? dropped(store, key);
  },
});

/** The store, save that a `set` writes the record, then drops the entry (cache-aside). 3 calls. */
export const writingAside = (store: CacheStore, value: string): CacheStore => ({
  ...store,
  set: async (key) => {
    await settle(store, key);
    await writeRecord(key, value);
    return dropped(store, key);
  },
});

/** Puts the entry where nobody came in between since `seen`; undefined where somebody did. */
const putAfter = async (store: CacheStore, key: string, draft: Draft, seen: number | undefined) => {
  if (seen === undefined) return store.fill(key, draft, 0);
  try {
    // A set and no fill: who has a copy in memory must hear of it.
    const version = await store.set(key, draft);
    return version === seen + 1 ? version : undefined;
  } catch (error) {
    if (error instanceof Unflushed) return undefined;
    throw error;
  }
};

/** Drops the entry. What is dirty by now is newer than the record just written: it stays, and answers for the key. */
const dropped = async (store: CacheStore, key: string): Promise<number> => {
  try {
    return await store.delete(key, now());
  } catch (error) {
    if (!(error instanceof Unflushed)) throw error;
    return (await store.get(key, { strong: true })).entry?.version ?? 0;
  }
};
