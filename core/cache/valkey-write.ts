import { now } from "#core/kit/clock.ts";
import { type CacheStore, type Draft, FENCE_MS } from "./store.ts";
import type { Copies } from "./valkey-copies.ts";
import { type Durable, settle } from "./valkey-durable.ts";
import { decodeEntry, encodeEntry, encodeLease } from "./valkey-entry.ts";
import { told } from "./valkey-feed.ts";
import type { Reach } from "./valkey-reach.ts";
import { BUMP, FILL, LEASE, RELEASE, run, SET } from "./valkey-scripts.ts";
import { entryAt, markAt, marksAt, type Shards } from "./valkey-shards.ts";

const NOTHING: Draft = { body: null, freshUntil: 0, keptUntil: 0, marks: {}, loadMs: 0 };

/** Milliseconds for the server to keep a draft, by the caller's clock alone; '': for ever. */
const lifeOf = ({ keptUntil, dirty }: Draft): number | "" => {
  const life = Math.max(keptUntil - now(), FENCE_MS);
  return dirty || !Number.isFinite(life) ? "" : Math.ceil(life);
};

/** Where writes go, and what they do besides. */
export interface Writing {
  readonly shards: Shards;
  readonly reach: Reach;
  readonly copies: Copies;
  readonly feedLength: number;
  /** How long a mark is remembered. */
  readonly markMs: number;
  readonly durable: Durable | undefined;
}

// A command whose answer was lost is never sent again on its own: a write that throws may have taken place, and the caller
// who repeats it counts one version more.

/** Sets, fills, deletions and bumps: a script each. */
export const createWrites = ({
  shards,
  reach,
  copies,
  feedLength,
  markMs,
  durable,
}: Writing): Pick<CacheStore, "set" | "setMany" | "fill" | "delete" | "bump"> => {
  const set = async (key: string, draft: Draft): Promise<number> => {
    const shard = shards.of(key);
    const keys = [entryAt(shard, key), shard.feed];
    const args = [encodeEntry(draft), lifeOf(draft), ...told("key", key), feedLength];
    const answer = await reach(shard, () => run(shard.client, SET, keys, args));
    const [version, copied] = answer as [version: number, copied: number];
    if (copied === 1) await copies.drop(key, version);
    if (durable) await settle(shard, durable);
    return version;
  };
  return {
    set,
    setMany: async (drafts) => {
      const versions = await Promise.all([...drafts].map(([key, draft]) => set(key, draft)));
      return new Map([...drafts.keys()].map((key, n) => [key, versions[n] ?? 0]));
    },
    fill: async (key, draft, expected, holder = "") => {
      const shard = shards.of(key);
      const args = [encodeEntry(draft), lifeOf(draft), expected, holder];
      const version = await reach(shard, () => run(shard.client, FILL, [entryAt(shard, key)], args));
      return version === 0 ? undefined : Number(version);
    },
    delete: (key, keptUntil) => set(key, { ...NOTHING, keptUntil }),
    bump: async (mark) => {
      const shard = shards.of(mark);
      const keys = [markAt(shard, mark), shard.feed, marksAt(shard)];
      const args = [...told("mark", mark), feedLength, markMs];
      const version = await reach(shard, () => run(shard.client, BUMP, keys, args));
      if (durable) await settle(shard, durable);
      return Number(version);
    },
  };
};

/** Leases: a script each. They are no writes to wait for replicas for: one that is lost is taken again. */
export const createLeases = (shards: Shards, reach: Reach): Pick<CacheStore, "lease" | "release"> => ({
  lease: async (key, { holder, until }, expected, at) => {
    const shard = shards.of(key);
    const alone = Math.ceil(Math.max(until - at, 0)) + FENCE_MS;
    const args = [encodeLease(holder, until), holder, expected, at, encodeEntry(NOTHING), alone];
    const inTheWay = await reach(shard, () => run(shard.client, LEASE, [entryAt(shard, key)], args));
    return Buffer.isBuffer(inTheWay)
      ? { taken: false, entry: decodeEntry(inTheWay, at) }
      : { taken: true, entry: undefined };
  },
  release: async (key, holder) => {
    const shard = shards.of(key);
    await reach(shard, () => run(shard.client, RELEASE, [entryAt(shard, key)], [holder]));
  },
});
