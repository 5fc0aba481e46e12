/** What the stack must know of the cache: its table's keys, and which changes reach whom. Pure data. */

/** Keys and TTL of the one table. */
export const tableKeys = {
  fields: { pk: "string", sk: "string" },
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  ttl: "ttl",
} as const;

export const events = {
  /** Records of the table's stream that void copies: sets, deletes and bumps; neither fills, leases nor what TTL removes. */
  changes: [{ dynamodb: { NewImage: { o: { S: ["set", "delete", "bump"] } } } }],
};
