import { createHash } from "node:crypto";

/** Key of an item of the cache's table. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

// Access patterns of the cache's table.
//  1 entry by key            pk E#<key>           sk E    GetItem, UpdateItem; with marks and of many: BatchGetItem
//  2 version of a mark       pk M#<mark>          sk M    BatchGetItem, UpdateItem
//  3 part of a large value   pk C#<writing>#<n>   sk C    BatchGetItem: a partition each, as one takes 1,000 WCU a second
//  4 what changed since      pk F, F#<channel>    sk <epoch ms, 13 digits>#<id>   Query

/** UTF-8 bytes of a name that a partition key holds as it is: DynamoDB takes 2,048. */
const MAX_PLAIN_BYTES = 1_900;

/** Whether a name survives UTF-8 (half a surrogate pair does not) and fits a partition key. */
export const isPlain = (name: string): boolean =>
  // of UTF-16 no unit takes more than 3 bytes of UTF-8: a short name need not be measured
  name.isWellFormed() && (name.length * 3 <= MAX_PLAIN_BYTES || Buffer.byteLength(name) <= MAX_PLAIN_BYTES);

/** Any name as one that every store can hold: itself, or the SHA-256 of its UTF-16. No two share one. */
export const safeName = (name: string): string => (isPlain(name) ? `#${name}` : `H#${digest(name)}`);

const digest = (name: string) => createHash("sha256").update(Buffer.from(name, "utf16le")).digest("hex");

/** Pattern 1. */
export const entryKey = (key: string): Key => ({ pk: `E${safeName(key)}`, sk: "E" });
/** Pattern 2. */
export const markKey = (mark: string): Key => ({ pk: `M${safeName(mark)}`, sk: "M" });
/** Pattern 3. */
export const chunkKey = (writing: string, n: number): Key => ({ pk: `C#${writing}#${n}`, sk: "C" });
/** Pattern 4: sorts by time. */
export const feedSort = (ms: number, id = ""): string => `${String(ms).padStart(13, "0")}#${id}`;

/** The name kept beside a key that does not tell it. */
export const spelled = (name: string): Uint8Array | undefined =>
  isPlain(name) ? undefined : Buffer.from(name, "utf16le");

/** The name that an item is of. */
export const nameOf = (pk: string, spelt: Uint8Array | undefined): string =>
  spelt === undefined ? pk.slice(2) : Buffer.from(spelt).toString("utf16le");
