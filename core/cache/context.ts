import { LRUCache } from "lru-cache";
import { now } from "#core/kit/clock.ts";
import { StoreDown } from "./breaker.ts";
import { COMPRESS_ABOVE, type EncodeOptions, MAX_VALUE_BYTES } from "./codec.ts";
import { type Counters, createTelling, newCounters } from "./figures.ts";
import { createL1, type Kept, type L1, type Token } from "./l1.ts";
import type { Link } from "./link.ts";
import { createMarks, type KnownMarks, type Marks } from "./marks.ts";
import { type Names, namesIn } from "./names.ts";
import type { CacheOptions } from "./options.ts";
import type { Held } from "./value.ts";

/** What came of a read or a load. Each caller opens the value by themselves. */
export interface Outcome {
  readonly held: Held;
  readonly tier: "l1" | "l2" | "origin";
  readonly fresh: boolean;
  readonly loaded: boolean;
  readonly version: number;
  readonly freshUntil: number;
  readonly marks: Marks;
  readonly dirty: boolean;
}

/** Work that others of this process may join. */
export interface Shared {
  readonly token: Token;
  readonly promise: Promise<Outcome | undefined>;
}

/** A load that failed, and until when it is not tried again. */
export interface Failure {
  readonly until: number;
  readonly error: unknown;
}

/** All that one cache of one process has. */
export interface Context {
  readonly options: CacheOptions;
  readonly names: Names;
  readonly encoding: EncodeOptions;
  readonly link: Link | undefined;
  readonly l1: L1;
  readonly l1Ttl: number;
  readonly marks: KnownMarks;
  readonly figures: Counters;
  readonly tell: () => void;
  /** Reads and loads under way, by key. */
  readonly flights: Map<string, Shared>;
  readonly reads: Map<string, Shared>;
  readonly loads: Map<string, Shared & { readonly version: number; readonly marks: Marks }>;
  /** Leases of this process, by key. */
  readonly holders: Map<string, string>;
  readonly refreshing: Set<string>;
  readonly failures: LRUCache<string, Failure>;
  readonly background: Set<Promise<unknown>>;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Where there is no store, versions are counted here. */
  readonly nextVersion: () => number;
  /** Milliseconds that a replica was last seen behind. */
  lagMs: number;
}

const [ENTRIES, BYTES] = [10_000, 32 * 1024 * 1024];
const L1_TTL_MS = 30_000;
const MAX_FAILURES = 1_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A cache that has seen nothing yet. */
export const createContext = (options: CacheOptions, link: Link | undefined): Context => {
  const figures = newCounters();
  const bounds = options.l1 === false ? undefined : { entries: ENTRIES, bytes: BYTES, ...options.l1 };
  const l1 = createL1(bounds, () => {
    figures.l1.evictions++;
  });
  let versions = 0;
  return {
    options,
    names: namesIn(options.namespace),
    encoding: {
      maxBytes: Math.min(options.maxValueBytes ?? MAX_VALUE_BYTES, MAX_VALUE_BYTES),
      compressAbove: options.compressAbove ?? COMPRESS_ABOVE,
    },
    link,
    l1,
    l1Ttl: bounds?.ttl ?? (link ? L1_TTL_MS : Number.POSITIVE_INFINITY),
    marks: createMarks((token) => link?.feed.covers(token) ?? true, l1.clear),
    figures,
    tell: createTelling(figures),
    flights: new Map(),
    reads: new Map(),
    loads: new Map(),
    holders: new Map(),
    refreshing: new Set(),
    failures: new LRUCache({ max: MAX_FAILURES }),
    background: new Set(),
    random: options.random ?? Math.random,
    sleep: options.sleep ?? pause,
    nextVersion: () => ++versions,
    lagMs: 0,
  };
};

/** What a read knows as it begins. */
export const begin = ({ l1, link }: Context): Token => ({
  at: now(),
  fence: l1.fences(),
  generation: link?.feed.generation() ?? 0,
});

/** Whether what memory holds may be served as fresh without asking anybody. */
export const isServable = (context: Context, kept: Kept, at: number): boolean => {
  if (at >= kept.until || at < kept.readAt) return false;
  const { link } = context;
  if (link?.feed.isDue(at) && at - kept.readAt >= link.syncMs) return false;
  return isValid(context, kept);
};

/** Whether none of its marks has grown. Told by one number, as long as no mark at all has. */
export const isValid = ({ marks, names }: Context, kept: Kept): boolean => {
  const epoch = marks.epoch();
  if (kept.epoch === epoch) return true;
  if (!kept.dirty && !marks.holds(kept.marks, names.mark(""))) return false;
  kept.epoch = epoch;
  return true;
};

/** Keeps an outcome in memory, field by field: to spread objects costs more than all else. False: something newer was written since its read began. */
export const remember = (
  context: Context,
  key: string,
  token: Token,
  outcome: Outcome & { readonly keptUntil: number; readonly loadMs: number },
): boolean => {
  const { link, l1Ttl, l1 } = context;
  const heard = !link || link.syncMs === 0 || isHeard(link, token);
  const span = heard ? l1Ttl : Math.min(l1Ttl, link.syncMs);
  const { held, version, freshUntil, keptUntil, loadMs, marks, dirty } = outcome;
  const kept: Kept = {
    shared: held.shared,
    body: held.body,
    size: held.size,
    version,
    freshUntil,
    keptUntil,
    loadMs,
    marks,
    dirty,
    readAt: token.at,
    until: Math.min(freshUntil, token.at + span),
    epoch: 0,
  };
  return l1.put(key, kept, token);
};

const isHeard = ({ feed }: Link, token: Token) =>
  token.generation > 0 && token.generation === feed.generation();

/** What memory holds, as an outcome. */
export const fromMemory = (kept: Kept, fresh: boolean): Outcome => ({
  held: kept,
  tier: "l1",
  fresh,
  loaded: false,
  version: kept.version,
  freshUntil: kept.freshUntil,
  marks: kept.marks,
  dirty: kept.dirty,
});

/** Nobody joins what began before this key was written. */
export const supersede = ({ flights, reads, loads, failures }: Context, key: string): void => {
  flights.delete(key);
  reads.delete(key);
  loads.delete(key);
  failures.delete(key);
};

/** Nobody joins what began before a mark was bumped. */
export const supersedeAll = ({ flights, reads, loads, failures }: Context): void => {
  flights.clear();
  reads.clear();
  loads.clear();
  failures.clear();
};

/** Counts a failure of the store; others are thrown on. */
export const storeFailed = ({ figures }: Context, error: unknown): void => {
  if (!(error instanceof StoreDown)) throw error;
  figures.storeErrors++;
};

/** Starts what nobody waits for; `settled` does. Failures of it have been counted where they happened. */
export const inBackground = ({ background }: Context, work: () => Promise<unknown>): void => {
  const promise = work().catch(() => {});
  background.add(promise);
  void promise.finally(() => background.delete(promise));
};
