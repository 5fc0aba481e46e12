import * as v from "valibot";

const Tier = v.object({ hits: v.number(), misses: v.number() });

/** Figures of a namespace, of all processes that served it. */
export const CacheStats = v.object({
  l1: v.object({ ...Tier.entries, evictions: v.number() }),
  /** With the mean of a read in milliseconds. */
  l2: v.object({ ...Tier.entries, read_ms: v.number() }),
  origin: v.object({ loads: v.number(), failures: v.number(), load_ms: v.number() }),
  stale_served: v.number(),
  waited: v.number(),
  /** Milliseconds by which a replica or the invalidation feed was last seen behind. */
  lag_ms: v.number(),
  store: v.picklist(["memory", "dynamodb", "valkey"]),
});
export type CacheStats = v.InferOutput<typeof CacheStats>;

/** A ring: who owns which keys. */
export const Ring = v.object({
  nodes: v.array(v.object({ node: v.string(), share: v.number(), points: v.number() })),
  keys: v.array(v.object({ key: v.string(), node: v.string() })),
});
export type Ring = v.InferOutput<typeof Ring>;
