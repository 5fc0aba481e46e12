/** What the stack must know of the cache: its table's keys, and which changes reach whom. Pure data. */

/** Keys and TTL of the one table. */
export const tableKeys = {
  fields: { pk: "string", sk: "string" },
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  ttl: "ttl",
} as const;

/**
 * Partition that carries a feed: the one of all caches over the table, or a channel of its own. Who reads a channel pays for its changes
 * alone, and may be given the right to that partition and no other.
 */
export const feedPartition = (channel?: string): string => (channel === undefined ? "F" : `F#${channel}`);

export const events = {
  /** Records of the table's stream that void copies: sets, deletes and bumps; neither fills, leases nor what TTL removes. */
  changes: [{ dynamodb: { NewImage: { o: { S: ["set", "delete", "bump"] } } } }],
  /** Records of entries that their origin does not have yet. */
  dirty: [{ dynamodb: { NewImage: { d: { BOOL: [true] } } } }],
  /** What other patterns tell of, by which entries are dropped (core/cache/cache.events.ts). */
  heard: { source: ["tenfold.shortener"], detailType: ["link.updated", "link.deleted"] },
};
