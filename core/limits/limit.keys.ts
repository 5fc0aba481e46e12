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
