import type { CacheStore } from "./store.ts";

/**
 * `strong` asks the primary copy and never memory: what was written or dropped before the read began is seen.
 * `eventual` may answer from memory: it sees what this process did at once, what others did within `syncMs` (and the lag of
 * a replica, where the store has them).
 */
export type Consistency = "strong" | "eventual";

/** How long an entry is kept. All times are milliseconds. */
export interface KeepOptions {
  /** 0 keeps nothing. More than `LONGEST_LIFE_MS`, grace included, is that. */
  readonly ttl?: number;
  /** How long beyond its time it may be served while it is loaded anew, or while its origin fails. */
  readonly grace?: number;
  /** Each can drop all that bear it, in one write. */
  readonly tags?: readonly string[];
}

/** How an entry is written. */
export interface SetOptions extends KeepOptions {
  /**
   * `strong` asks for the versions of its marks first: one call more. Else a tag or namespace that another process dropped within
   * the last `syncMs` may take this entry with it.
   */
  readonly consistency?: Consistency;
  /** The origin does not have it yet: it neither expires nor is dropped by a tag until `clean` says that it has. */
  readonly dirty?: boolean;
}

/** How an entry is read. */
export interface ReadOptions {
  readonly consistency?: Consistency;
  /** Tags the entry is known to bear: they are then checked in the same call. */
  readonly tags?: readonly string[];
}

/** How an entry is read, and loaded where it is missing. */
export interface LoadOptions extends KeepOptions {
  readonly consistency?: Consistency;
  /** Of a loader's undefined or null. 0 does not remember it. */
  readonly negativeTtl?: number;
  /** How long this very value is kept, where that is shorter than `ttl`; 0 does not keep it. */
  readonly lifetime?: (value: unknown) => number;
  /** Loads anew before the end, at the chance that XFetch gives. A number is its beta: above 1 is earlier. */
  readonly refreshAhead?: boolean | number;
  /** A load that takes longer has failed; until then others wait for it. */
  readonly timeout?: number;
  /** False: every miss loads by itself. */
  readonly protect?: boolean;
}

/** Loads what is missing. The signal is aborted once its time is over. */
export type Loader<T> = (signal: AbortSignal) => Promise<T> | T;

/** An entry, and where it came from. */
export interface Answer<T> {
  readonly value: T;
  readonly tier: "l1" | "l2" | "origin";
  /** False: past its time, served by grace. */
  readonly fresh: boolean;
  /** Whether this very call asked the origin. */
  readonly loaded: boolean;
  /** 0: nothing was kept. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly freshUntil: number;
  readonly tags: readonly string[];
  readonly dirty: boolean;
}

/** Figures of one process since it started. Sums only grow, so two of them can be subtracted. */
export interface Figures {
  readonly l1: TierFigures & { readonly evictions: number };
  /** `readMs` is the sum over all reads. */
  readonly l2: TierFigures & { readonly readMs: number };
  readonly origin: { readonly loads: number; readonly failures: number; readonly loadMs: number };
  readonly staleServed: number;
  /** Callers who waited for another's load. */
  readonly waited: number;
  /** Entries of the store that the codec did not make or that were damaged: each was a miss. */
  readonly poisoned: number;
  readonly storeErrors: number;
  /** Loads whose result was not kept: something newer was written meanwhile. */
  readonly lateFills: number;
}

/** How often a tier had what was asked for. */
export interface TierFigures {
  readonly hits: number;
  readonly misses: number;
}

/** Figures, and how things stand now. */
export interface Stats extends Figures {
  readonly store: CacheStore["name"] | "none";
  readonly entries: number;
  readonly bytes: number;
  readonly breaker: "closed" | "open" | "half-open";
  /** Milliseconds by which a replica, or the feed of what others did, was last seen behind. */
  readonly lagMs: number;
}

/** What `createCache` (core/cache/cache.ts) takes. */
export interface CacheOptions {
  /** Letters, digits and `._/-`, at most 200. Caches of the same namespace over the same store share their entries. */
  readonly namespace: string;
  /** The tier all processes share. Without it there is this process's memory alone. */
  readonly store?: CacheStore;
  /** This process's memory; false has none. `ttl` bounds how long an entry stays without being asked for again below. */
  readonly l1?: { readonly entries?: number; readonly bytes?: number; readonly ttl?: number } | false;
  /** What others drop is dropped from this memory within this time of use; 0 never asks, and leaves it to the L1 ttl. */
  readonly syncMs?: number;
  /**
   * When what others did is asked for. `always` (the default): once in `syncMs` of use. `needed`: only where the answer decides
   * whether an entry of this memory is served, so that what is not in memory costs nothing more.
   */
  readonly heeds?: "always" | "needed";
  /** Where the call does not say. */
  readonly defaults?: Omit<LoadOptions, "tags" | "consistency">;
  /** A value that encodes to more is refused: 4 MiB, or less. */
  readonly maxValueBytes?: number;
  /** What encodes to more is compressed. */
  readonly compressAbove?: number;
  /** A load that failed is not tried again for this long: what is stale is served, or the same error. */
  readonly failureMs?: number;
  /** The store has failed when it takes longer. */
  readonly storeTimeoutMs?: number;
  /** Of the wait for another's load, and of the early refresh: between 0 and 1. */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Values are plain data: what `structuredClone` takes, less functions, classes and shared memory. What is given is copied; what
 * comes back is frozen all the way down, or, where it holds a Date, Map, Set, RegExp or bytes, made anew for every caller.
 *
 * While the store is down, reads go on (memory for `syncMs`, then the origin), and writes, deletions and invalidations drop
 * what memory has and throw `unavailable`: they may not have happened, and the caller must know.
 */
export interface Cache {
  readonly namespace: string;
  get<T>(key: string, options?: ReadOptions): Promise<T | undefined>;
  /** Tells what is not there from what is undefined. */
  getWithInfo<T>(key: string, options?: ReadOptions): Promise<Answer<T> | undefined>;
  getOrSet<T>(key: string, loader: Loader<T>, options?: LoadOptions): Promise<T>;
  getOrSetWithInfo<T>(key: string, loader: Loader<T>, options?: LoadOptions): Promise<Answer<T>>;
  /** Answers the version. */
  set(key: string, value: unknown, options?: SetOptions): Promise<number>;
  /** Answers the version of the deletion: what loads meanwhile cannot bring it back. */
  delete(key: string): Promise<number>;
  /** Those that are there. */
  mget<T>(keys: readonly string[], options?: ReadOptions): Promise<ReadonlyMap<string, T>>;
  mset(values: ReadonlyMap<string, unknown>, options?: SetOptions): Promise<ReadonlyMap<string, number>>;
  /** One write, however many entries bear the tag. Answers its version. */
  invalidateTag(tag: string): Promise<number>;
  /** Drops the namespace: one write. */
  clear(): Promise<number>;
  /** The origin has this version now. False: something newer is there. */
  clean(key: string, version: number): Promise<boolean>;
  /** Keys that may have an entry, by reading all that the store has: for tools, not for requests. Without a store, those of memory. */
  keys(): AsyncIterable<string>;
  /** Asks what others did, now. */
  sync(): Promise<void>;
  /** Ends when what was started in the background has ended: refreshes, above all. */
  settled(): Promise<void>;
  stats(): Stats;
  /** Listens no more to what others do. Not to be used from here on. */
  close(): void;
}
