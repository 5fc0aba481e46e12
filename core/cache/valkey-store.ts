import { now } from "#core/kit/clock.ts";
import type { Valkey } from "#core/kit/valkey.ts";
import { createHotKeys } from "./hot-keys.ts";
import { type CacheStore, type Draft, FENCE_MS } from "./store.ts";
import { createCopies } from "./valkey-copies.ts";
import { type Durable, settle } from "./valkey-durable.ts";
import { decodeEntry, encodeEntry, encodeLease } from "./valkey-entry.ts";
import { changesSince, told } from "./valkey-feed.ts";
import { createLag } from "./valkey-lag.ts";
import { createReach } from "./valkey-reach.ts";
import { readMany, readOne } from "./valkey-read.ts";
import { BUMP, FILL, LEASE, RELEASE, run, SET } from "./valkey-scripts.ts";
import { createShards, entryAt, markAt } from "./valkey-shards.ts";

/** How a store uses its servers. */
export interface ValkeyStoreOptions {
  /** Connections that read from a cluster's replicas: for reads that are not strong. */
  readonly replicas?: Valkey;
  /** Writes count once replicas have them. Without it, the last ones before a primary dies may be lost. */
  readonly durable?: Durable;
  /** Keys read more than `threshold` times a second by this process are kept on `copies` servers. */
  readonly hot?: { readonly copies: number; readonly threshold: number };
  /** Changes that each feed remembers, about: names of up to 2 KB. */
  readonly feedLength?: number;
  /** Before every key on the servers. */
  readonly prefix?: string;
}

const FEED_LENGTH = 2_000;
const HOT = { copies: 3, threshold: 500 };
const LEASE_ONLY: Draft = { body: null, freshUntil: 0, keptUntil: 0, marks: {}, loadMs: 0 };

/** Milliseconds for the server to keep a draft, by the caller's clock alone; '': for ever. */
const lifeOf = ({ keptUntil, dirty }: Draft): number | "" => {
  const life = Math.max(keptUntil - now(), FENCE_MS);
  return dirty || !Number.isFinite(life) ? "" : Math.ceil(life);
};

// A command whose answer was lost is never sent again on its own: a write that throws may have taken place, and the caller
// who repeats it counts one version more.

/** The store on one server, on a ring of several, or on a cluster. Every operation is one round trip to each server concerned. */
export const createValkeyStore = (valkey: Valkey, options: ValkeyStoreOptions = {}): CacheStore => {
  const { durable, hot = HOT, feedLength = FEED_LENGTH } = options;
  const shards = createShards(options.prefix ?? "c:", valkey, options.replicas);
  const reach = createReach();
  // What waits for replicas fails by itself: reads go on.
  const written = durable ? createShards(options.prefix ?? "c:", durable.connections) : shards;
  const reachWritten = durable ? createReach() : reach;
  const many = shards.all.length > 1;
  const copies = createCopies(shards, reach, createHotKeys(hot), many ? hot.copies : 1);
  const lag = createLag(shards);

  const set = async (key: string, draft: Draft): Promise<number> => {
    const shard = written.of(key);
    const args = [encodeEntry(draft), lifeOf(draft), ...told("key", key), feedLength];
    const keys = [entryAt(shard, key), shard.feed];
    const [version, copied] = (await reachWritten(shard, () => run(shard.client, SET, keys, args))) as [
      number,
      number,
    ];
    if (durable) await settle(shard, durable);
    if (copied === 1) await copies.drop(key, version);
    return version;
  };

  return {
    name: "valkey",
    set,
    get: async (key, how = {}) => {
      const copy = how.strong || !many ? undefined : await copies.read(key);
      const found = copy ? undefined : await readOne(shards, reach, key, how);
      if (found) return found;
      const { entries, marks } = await readMany(shards, reach, copy ? [] : [key], how);
      return { entry: copy ?? entries[0], marks };
    },
    getMany: (keys, how = {}) => readMany(shards, reach, keys, how),
    setMany: async (drafts) => {
      const versions = await Promise.all([...drafts].map(([key, draft]) => set(key, draft)));
      return new Map([...drafts.keys()].map((key, n) => [key, versions[n] ?? 0]));
    },
    fill: async (key, draft, expected) => {
      const shard = shards.of(key);
      const args = [encodeEntry(draft), lifeOf(draft), expected];
      const version = await reach(shard, () => run(shard.client, FILL, [entryAt(shard, key)], args));
      return version === 0 ? undefined : Number(version);
    },
    delete: (key, keptUntil) => set(key, { body: null, freshUntil: 0, keptUntil, marks: {}, loadMs: 0 }),
    lease: async (key, { holder, until }, expected, at) => {
      const shard = shards.of(key);
      const alone = Math.ceil(Math.max(until - at, 0)) + FENCE_MS;
      const args = [encodeLease(holder, until), holder, expected, at, encodeEntry(LEASE_ONLY), alone];
      const inTheWay = await reach(shard, () => run(shard.client, LEASE, [entryAt(shard, key)], args));
      return Buffer.isBuffer(inTheWay)
        ? { taken: false, entry: decodeEntry(inTheWay, at) }
        : { taken: true, entry: undefined };
    },
    release: async (key, holder) => {
      const shard = shards.of(key);
      await reach(shard, () => run(shard.client, RELEASE, [entryAt(shard, key)], [holder]));
    },
    marks: async (marks, strong = false) => (await readMany(shards, reach, [], { marks, strong })).marks,
    bump: async (mark) => {
      const shard = written.of(mark);
      const args = [...told("mark", mark), feedLength];
      const keys = [markAt(shard, mark), shard.feed];
      const version = await reachWritten(shard, () => run(shard.client, BUMP, keys, args));
      if (durable) await settle(shard, durable);
      return Number(version);
    },
    changes: (cursor) => {
      lag.measure();
      return changesSince(shards.all, cursor);
    },
    lagMs: lag.last,
  };
};
