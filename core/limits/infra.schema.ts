/** What the stack must know of the limiter. Pure data. */

/** Keys and TTL of the one table: counts, and what the limiter's API keeps. */
export const tableKeys = {
  fields: { pk: "string", sk: "string" },
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  ttl: "ttl",
} as const;

/** What a function needs that decides by counts in the table. */
export const storeActions = ["GetItem", "BatchGetItem", "UpdateItem", "DeleteItem"] as const;
