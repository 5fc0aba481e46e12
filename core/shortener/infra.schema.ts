/** What the stack must know of the shortener: its table's keys, and which events reach whom. Pure data. */

/** Keys, indexes and TTL of the one table. */
export const tableKeys = {
  fields: {
    pk: "string",
    sk: "string",
    gsi1pk: "string",
    gsi1sk: "string",
    gsi2pk: "string",
    gsi2sk: "string",
  },
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  globalIndexes: {
    byOwner: { hashKey: "gsi1pk", rangeKey: "gsi1sk" },
    byUrl: { hashKey: "gsi2pk", rangeKey: "gsi2sk" },
  },
  ttl: "ttl",
} as const;

/** Where redirects hear of changed links: a namespace of the cache, and a channel of its table's feed. */
export const CACHE_CHANNEL = "shortener";

export const events = {
  /** Log lines of the redirect that are clicks. */
  clickPattern: '{ $.event = "link.clicked" }',
  /** Records of the table's stream that are links, not counters. */
  linkChanges: [{ dynamodb: { Keys: { sk: { S: [{ prefix: "LINK" }] } } } }],
  /** Links that lead somewhere new: what is there has to be looked at. */
  linkCreated: {
    source: ["tenfold.shortener"],
    detailType: ["link.created", "link.updated"],
    detail: { data: { moved: [true, { exists: false }] } },
  },
};
