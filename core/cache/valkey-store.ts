import type { Valkey } from "#core/kit/valkey.ts";
import { createHotKeys } from "./hot-keys.ts";
import { MARK_MS } from "./life.ts";
import type { CacheStore } from "./store.ts";
import { createCopies } from "./valkey-copies.ts";
import type { Durable } from "./valkey-durable.ts";
import { changesSince } from "./valkey-feed.ts";
import { keysOn } from "./valkey-keys.ts";
import { createLag } from "./valkey-lag.ts";
import { createReach } from "./valkey-reach.ts";
import { readMany, readOne } from "./valkey-read.ts";
import { createShards } from "./valkey-shards.ts";
import { createLeases, createWrites } from "./valkey-write.ts";

/** How a store uses its servers. */
export interface ValkeyStoreOptions {
  /** Connections that read from a cluster's replicas: for reads that are not strong. */
  readonly replicas?: Valkey;
  /** Writes count once replicas have them. Without it, the last ones before a primary dies may be lost. */
  readonly durable?: Durable;
  /** Keys read more than `threshold` times a second by this process are kept on `copies` servers. */
  readonly hot?: { readonly copies: number; readonly threshold: number };
  /** Changes that all feeds remember together, about: 100 bytes each, or as many as their names have. */
  readonly feedLength?: number;
  /** How long a mark is remembered: `MARK_MS`, but in a test. */
  readonly markMs?: number;
  /** Before every key on the servers. */
  readonly prefix?: string;
}

const FEED_LENGTH = 60_000;
const HOT = { copies: 3, threshold: 500 };

/** The store on one server, on a ring of several, or on a cluster. Every operation is one round trip to each server concerned. */
export const createValkeyStore = (valkey: Valkey, options: ValkeyStoreOptions = {}): CacheStore => {
  const { durable, hot = HOT, prefix = "c:", feedLength = FEED_LENGTH, markMs = MARK_MS } = options;
  const shards = createShards(prefix, valkey, options.replicas);
  const reach = createReach();
  const many = shards.all.length > 1;
  const copies = createCopies(shards, reach, createHotKeys(hot), many ? hot.copies : 1);
  const lag = createLag(shards);
  const writes = createWrites({
    shards: durable ? createShards(prefix, durable.connections) : shards,
    // what waits for replicas fails by itself: reads go on
    reach: durable ? createReach() : reach,
    copies,
    feedLength: Math.ceil(feedLength / shards.all.length),
    markMs,
    durable,
  });
  return {
    name: "valkey",
    get: async (key, how = {}) => {
      const copy = how.strong || !many ? undefined : await copies.read(key);
      const found = copy ? undefined : await readOne(shards, reach, key, how);
      if (found) return found;
      const { entries, marks } = await readMany(shards, reach, copy ? [] : [key], how);
      return { entry: copy ?? entries[0], marks };
    },
    getMany: (keys, how = {}) => readMany(shards, reach, keys, how),
    marks: async (marks, strong = false) => (await readMany(shards, reach, [], { marks, strong })).marks,
    ...writes,
    ...createLeases(shards, reach),
    changes: (cursor) => {
      lag.measure();
      return changesSince(shards.all, cursor);
    },
    keys: (start) => keysOn(valkey, prefix, start),
    lagMs: lag.last,
  };
};
