// Access patterns of LimitsTable that are counts; those of rules and lists stand in rule.model.ts.
//  7 bucket of a key        pk CNT#<key>   sk TAT                     UpdateItem, conditional; GetItem and BatchGetItem, consistent
//  8 fixed window of a key  pk CNT#<key>   sk WIN#<window>#<start>    the same
//  9 window and the last    pk CNT#<key>   sk SLD#<window>            the same
// 10 log of a key           pk CNT#<key>   sk LOG                     the same
// A key of more than 160 bytes is CND#<its SHA-256>. Several levels: BatchGetItem and TransactWriteItems.
import { createHash } from "node:crypto";

/** Key of an item of LimitsTable. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Longer ones are digested: an item of a bucket or window stays below 1 KB, one write unit, whatever its key. */
const READABLE = 160;

/** Where a key's counts lie. `sk` says how they are kept, so that a rule whose algorithm changes starts anew. */
export const countKey = (key: string, sk: string): Key => ({
  pk:
    Buffer.byteLength(key) <= READABLE
      ? `CNT#${key}`
      : `CND#${createHash("sha256").update(key).digest("base64url")}`,
  sk,
});

/** One timestamp: every algorithm that holds a bucket. */
export const BUCKET = "TAT";

/** One item a window: its start is in the key. */
export const windowOf = (windowMs: number, start: number): string => `WIN#${windowMs}#${start}`;

/** This window and the one before. */
export const slidingOf = (windowMs: number): string => `SLD#${windowMs}`;

/** Every admission of the last window. */
export const LOG = "LOG";
