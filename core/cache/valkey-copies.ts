import { now } from "#core/kit/clock.ts";
import type { HotKeys } from "./hot-keys.ts";
import type { Stored } from "./store.ts";
import { decodeEntry, encodeEntry } from "./valkey-entry.ts";
import type { Reach } from "./valkey-reach.ts";
import { COPIED, COPY, run, send } from "./valkey-scripts.ts";
import { copyAt, entryAt, type Shard, type Shards } from "./valkey-shards.ts";

/** How long a copy lives: by so much it may be behind, if a server that holds one cannot be told of a write. */
export const COPY_MS = 1_000;

/** Copies of the keys that are read most, on other servers than theirs. */
export interface Copies {
  /** From one of the servers that hold a hot key, by chance. Undefined: the key is not hot, or its owner was drawn: ask it. */
  read(key: string): Promise<Stored | undefined>;
  /** After a write of an entry that was copied: none of its copies is read any more. */
  drop(key: string, version: number): Promise<void>;
}

/** `n` servers hold a hot key, its owner among them. */
export const createCopies = (shards: Shards, reach: Reach, hot: HotKeys, n: number): Copies => {
  const put = (shard: Shard, key: string, bytes: Buffer, version: number, ms: number) =>
    reach(shard, () => run(shard.client, COPY, [copyAt(shard, key)], [bytes, ms, version]));

  // The owner notes it first: whoever writes from then on drops the copy, and a copy that comes later than the drop is refused.
  const make = async (shard: Shard, key: string): Promise<Stored | undefined> => {
    const owner = shards.of(key);
    const started = performance.now();
    const bytes = (await reach(owner, () =>
      run(owner.client, COPIED, [entryAt(owner, key)], [2 * COPY_MS]),
    )) as Buffer | null;
    const entry = decodeEntry(bytes, now());
    const inTime = performance.now() - started < COPY_MS;
    // The note holds for two copies' lives: an answer that took one of them comes too late to be kept.
    if (bytes && entry && entry.body !== null && inTime)
      await put(shard, key, bytes, entry.version, COPY_MS).catch(() => undefined);
    return entry;
  };

  return {
    read: async (key) => {
      if (!hot.touch(key)) return undefined;
      const owners = shards.owners(key, n);
      const drawn = Math.floor(Math.random() * owners.length);
      const shard = owners[drawn];
      if (!shard || drawn === 0) return undefined;
      try {
        const bytes = await reach(shard, () => send(shard.client, "get", [copyAt(shard, key)]));
        const entry = decodeEntry(bytes as Buffer | null, now());
        return entry && entry.body !== null ? entry : await make(shard, key);
      } catch {
        return undefined; // a copy saves work; what stands in its way is no reason to fail
      }
    },
    drop: async (key, version) => {
      const nothing = encodeEntry({ body: null, freshUntil: 0, keptUntil: 0, marks: {}, loadMs: 0 });
      const others = shards.owners(key, n).slice(1);
      await Promise.allSettled(others.map((shard) => put(shard, key, nothing, version, 2 * COPY_MS)));
    },
  };
};
