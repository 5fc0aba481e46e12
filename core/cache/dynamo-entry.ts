import { type Key, spelled } from "./cache.keys.ts";
import { type Draft, FENCE_MS, type Stored } from "./store.ts";

/** What was done to an item last: the stream's filter goes by it. */
export type Operation = "set" | "delete" | "fill" | "lease" | "bump";

/** An entry as DynamoDB keeps it. Names are short: they are billed with every kilobyte. */
export interface EntryItem extends Key {
  /** Version; absent: nothing but a lease. */
  readonly v?: number;
  readonly o: Operation;
  /** The body, or the writing whose `n` chunks of `z` bytes in all hold it. */
  readonly b?: Uint8Array;
  readonly c?: string;
  readonly n?: number;
  readonly z?: number;
  /** Fresh and kept until, epoch ms; absent: for ever. */
  readonly f?: number;
  readonly u?: number;
  /** Marks as JSON: escapes keep names that UTF-8 cannot. */
  readonly m?: string;
  readonly l?: number;
  readonly d?: true;
  /** When it was first dirty, epoch ms: stays as long as the item. */
  readonly e?: number;
  /** Who filled it: a try whose answer was lost knows itself again. */
  readonly w?: string;
  /** Lease: holder, until. */
  readonly lh?: string;
  readonly lu?: number;
  /** The key in UTF-16, where `pk` is a hash. */
  readonly k?: Uint8Array;
  /** Epoch seconds. */
  readonly ttl?: number;
}

/** Where a body is: in the item, or in chunks. */
export type Placed = Pick<EntryItem, "b" | "c" | "n" | "z">;

const finite = (ms: number) => (Number.isFinite(ms) ? ms : undefined);

/** When TTL may remove it, epoch seconds; undefined: never. Its version is remembered for the fence at the least. */
export const ttlOf = (keptUntil: number, dirty: boolean, now: number): number | undefined => {
  const end = Math.max(keptUntil, now + FENCE_MS);
  return dirty || !Number.isFinite(end) ? undefined : Math.ceil(end / 1_000);
};

/** All attributes of an entry but its key and version; those undefined are to be removed. A lease ends with it. */
export const toAttributes = (
  key: string,
  draft: Draft,
  placed: Placed,
  operation: Operation,
  now: number,
): Record<string, unknown> => {
  const marks = Object.keys(draft.marks).length > 0 ? JSON.stringify(draft.marks) : undefined;
  const spelt = spelled(key);
  return {
    o: operation,
    b: placed.b,
    c: placed.c,
    n: placed.n,
    z: placed.z,
    f: finite(draft.freshUntil),
    u: finite(draft.keptUntil),
    m: marks,
    l: draft.loadMs || undefined,
    d: draft.dirty,
    w: undefined,
    lh: undefined,
    lu: undefined,
    ...(spelt && { k: spelt }),
    ttl: ttlOf(draft.keptUntil, draft.dirty === true, now),
  };
};

/** An UpdateItem that sets what is given and removes what is undefined; `count` is what grows by one. */
export const toUpdate = (attributes: Readonly<Record<string, unknown>>, count?: string) => {
  const names = Object.keys(attributes);
  const set = names.filter((name) => attributes[name] !== undefined);
  const removed = names.filter((name) => attributes[name] === undefined);
  return {
    UpdateExpression: [
      `SET ${set.map((name) => `#${name} = :${name}`).join(", ")}`,
      removed.length > 0 ? `REMOVE ${removed.map((name) => `#${name}`).join(", ")}` : "",
      count === undefined ? "" : `ADD #${count} :one`,
    ].join(" "),
    ExpressionAttributeNames: Object.fromEntries(
      [...names, ...(count === undefined ? [] : [count])].map((name) => [`#${name}`, name]),
    ) as Record<string, string>,
    ExpressionAttributeValues: {
      ...Object.fromEntries(set.map((name) => [`:${name}`, attributes[name]])),
      ...(count !== undefined && { ":one": 1 }),
    } as Record<string, unknown>,
  };
};

// What somebody else wrote there names no marks, and is no entry.
const marksOf = (text: unknown): Record<string, number> | undefined => {
  if (text === undefined) return {};
  try {
    const marks: unknown = JSON.parse(String(text));
    return typeof marks === "object" && marks !== null ? (marks as Record<string, number>) : undefined;
  } catch {
    return undefined;
  }
};

/** An item as entry. `body` is what its chunks hold, where it has any: undefined, where one is missing. */
export const toStored = (item: EntryItem, body: Uint8Array | undefined, now: number): Stored => {
  const keptUntil = item.u ?? (item.v === undefined ? 0 : Number.POSITIVE_INFINITY);
  const marks = marksOf(item.m);
  const bytes = item.b ?? body;
  const alive = marks !== undefined && bytes instanceof Uint8Array && (item.d === true || keptUntil > now);
  const lease = item.lh !== undefined && item.lu !== undefined && item.lu > now;
  return {
    version: item.v ?? 0,
    body: alive ? bytes : null,
    freshUntil: item.f ?? (item.v === undefined ? 0 : Number.POSITIVE_INFINITY),
    keptUntil,
    marks: marks ?? {},
    loadMs: item.l ?? 0,
    ...(lease && { lease: { holder: item.lh, until: item.lu } }),
    ...(item.d && { dirty: true as const, born: item.e ?? 0 }),
  } as Stored;
};
