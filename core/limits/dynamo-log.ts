import { randomBytes } from "node:crypto";
import type { Family } from "./dynamo-family.ts";
import { LOG } from "./limit.keys.ts";
import { type Log, log } from "./log.schema.ts";
import { pack, unpack } from "./packed-log.ts";

const empty = (): Log => ({ base: 0, entries: [], head: 0, end: 0 });

/**
 * Sliding log: the item is written whole, if its version still is the one known. 1 call; of WCU what the packed log takes,
 * mostly 2 or 3 bytes an admission. Within a process decisions of a key share a write; processes try again, each after the
 * other's version.
 */
export const slidingLog: Family<Log> = {
  sk: () => LOG,
  parse: (item) => (item?.log?.B ? unpack(item.log.B) : undefined),
  // Not a number that counts up: after a reset it would come again, and a process that slept take it for the one it knows.
  encode: (state) => ({ v: { S: randomBytes(9).toString("base64url") }, log: { B: pack(state) } }),
  identity: ["v"],
  take: log.take,
  refund: (params, state, cost, now) =>
    state !== undefined && state.end > state.head
      ? (log.refund(state, params, cost, now) ?? empty())
      : undefined,
  endsAt: ({ windowMs }, now) => now + windowMs,
  blind: true,
};
