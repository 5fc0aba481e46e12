import { now } from "#core/kit/clock.ts";
import { count } from "#core/kit/tally.ts";
import type { Figures } from "./options.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends number ? number : Mutable<T[K]> };

/** Figures that are counted up in place. */
export type Counters = Mutable<Figures>;

/** Nothing counted yet. */
export const newCounters = (): Counters => ({
  l1: { hits: 0, misses: 0, evictions: 0 },
  l2: { hits: 0, misses: 0, readMs: 0 },
  origin: { loads: 0, failures: 0, loadMs: 0 },
  staleServed: 0,
  waited: 0,
  poisoned: 0,
  storeErrors: 0,
  lateFills: 0,
});

const EVERY_MS = 1_000;

// A sum of milliseconds is no count: times go by `stats()`.
const metricsOf = (figures: Figures): readonly (readonly [name: string, sum: number])[] => [
  ["CacheL1Hits", figures.l1.hits],
  ["CacheL1Misses", figures.l1.misses],
  ["CacheL1Evictions", figures.l1.evictions],
  ["CacheL2Hits", figures.l2.hits],
  ["CacheL2Misses", figures.l2.misses],
  ["CacheLoads", figures.origin.loads],
  ["CacheLoadFailures", figures.origin.failures],
  ["CacheStaleServed", figures.staleServed],
  ["CacheWaited", figures.waited],
  ["CachePoisoned", figures.poisoned],
  ["CacheStoreErrors", figures.storeErrors],
  ["CacheLateFills", figures.lateFills],
];

/**
 * Tells the tally what was counted since the last time, once a second of use at most: a hit in memory costs no more than its own
 * increment, and a process at most twelve metrics every ten seconds, however many caches it has.
 */
export const createTelling = (figures: Figures): (() => void) => {
  let told = metricsOf(figures);
  let at = 0;
  return () => {
    const time = now();
    if (Math.abs(time - at) < EVERY_MS) return;
    at = time;
    const sums = metricsOf(figures);
    for (const [index, [name, sum]] of sums.entries()) {
      const by = sum - (told[index]?.[1] ?? 0);
      if (by > 0) count(name, by);
    }
    told = sums;
  };
};
