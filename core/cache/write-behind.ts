import * as v from "valibot";
import { now } from "#core/kit/clock.ts";
import { metrics } from "#core/kit/metrics.ts";
import { decode } from "./codec.ts";
import { flushRecord } from "./records.ts";
import { type CacheStore, type Draft, type Stored, Unflushed } from "./store.ts";

/** Asks that an entry be brought to its record. Which one is all it says: the newest version is read when it is done. */
export const Deferred = v.strictObject({
  key: v.string(),
  /** Epoch ms at which the entry's change was seen. */
  at: v.number(),
});
export type Deferred = v.InferOutput<typeof Deferred>;

const MAX_TRIES = 20;

/**
 * Brings the newest version of an entry to its record, once: 1 strong read, 1 write of the record, 1 of the entry; n writes
 * of the key since the last flush cost no more. The mark goes only from the version that was flushed, so a write that comes
 * in between keeps it, and its own message brings it. Broken off anywhere, done twice or late, it comes to the same.
 */
export const flush = async (store: CacheStore, key: string): Promise<"clean" | "flushed" | "outrun"> => {
  const { entry } = await store.get(key, { strong: true });
  if (!isDirty(entry)) return "clean";
  // Not written: somebody flushed this version, or a newer one, which the fill will find.
  if (await flushRecord(key, String(decode(entry.body)), entry))
    metrics.addMetric("CacheFlushes", "Count", 1);
  return (await store.fill(key, toDraft(entry), entry.version)) === undefined ? "outrun" : "flushed";
};

/** Does what a message asks, and notes how long the write waited. */
export const flushDeferred = async (store: CacheStore, { key, at }: Deferred): Promise<void> => {
  if ((await flush(store, key)) === "clean") return;
  metrics.addMetric("CacheWriteBehindAge", "Milliseconds", Math.max(0, now() - at));
};

const isDirty = (entry: Stored | undefined): entry is Stored & { readonly body: Uint8Array } =>
  entry?.dirty === true && entry.body !== null;

/** What a record is owed: the newest that was written and has not reached it. 1 strong read. */
export const readOwed = async (store: CacheStore, key: string): Promise<string | undefined> => {
  const { entry } = await store.get(key, { strong: true });
  return isDirty(entry) ? String(decode(entry.body)) : undefined;
};

const toDraft = ({ version: _, born: __, lease: ___, dirty: ____, ...draft }: Stored): Draft => draft;

/** What stands under a key once nothing of it is owed to its record any more. 1 strong read where nothing is. */
export const settle = async (store: CacheStore, key: string): Promise<Stored | undefined> => {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const { entry } = await store.get(key, { strong: true });
    if (!isDirty(entry)) return entry;
    await flush(store, key);
  }
  throw new Error(`${key} is being written by many at once`);
};

/** The store, save that what is dirty is brought to its record before anything takes its place: no more calls otherwise. */
export const settling = (store: CacheStore): CacheStore => {
  const after = async <T>(key: string, act: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Unflushed) || tries === MAX_TRIES) throw error;
        await settle(store, key);
      }
    }
  };
  return {
    ...store,
    set: (key, draft) => after(key, () => store.set(key, draft)),
    delete: (key, keptUntil) => after(key, () => store.delete(key, keptUntil)),
  };
};
