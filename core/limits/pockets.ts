import { interval } from "./bucket.schema.ts";
import { type Params, sameParams, type Take } from "./decision.schema.ts";
import { bucketAlgorithms } from "./rule.schema.ts";

/** Keys with units in this process; the one asked longest ago gives its units back first. */
const MAX_KEYS = 10_000;
/** Units nobody asked for so long go back to the store, when this process next decides on anything. */
const IDLE_MS = 10_000;
/** How often is looked for idle ones: a look at many pockets takes longer than a decision. */
const SWEEP_MS = 1_000;
/** Too many: so many at a time go, for the same reason. */
const SPARE_KEYS = MAX_KEYS / 10;
const US = 1_000;

/** Units of a key that this process has taken and not spent. */
export interface Pocket {
  readonly key: string;
  readonly params: Params;
  readonly units: number;
  /** They end with the window they were taken in; of an algorithm without windows, a window's length after. */
  readonly endsAt: number;
  readonly askedAt: number;
  /** What the store had left when they were taken, and when all of it is free again. */
  readonly remaining: number;
  readonly resetAt: number;
}

/** Gives units back to the store. */
export type GiveBack = (take: Take) => void;

/** The pockets of a process. */
export interface Pockets {
  /** What may be spent now. What lapsed, or was taken by another rule, goes back. */
  at(take: Take, now: number): Pocket | undefined;
  put(pocket: Pocket): void;
  /** Forgets a key's pocket, with its units. */
  drop(key: string): void;
  /** Gives back what has lain idle, where there is anything to give back. */
  sweep(now: number): void;
  /** Gives everything back. */
  empty(now: number): void;
  unitsOf(key: string): number;
}

/**
 * How many of a pocket's units the store still counts: no others are given back, for they would be somebody else's. Those of a
 * bucket lie on top of what was held when they were taken, and have leaked when that has; those of a window end with it.
 */
const owed = ({ params, units, endsAt, resetAt }: Pocket, now: number): number => {
  if (!bucketAlgorithms.includes(params.algorithm)) return now >= endsAt ? 0 : units;
  return Math.min(units, Math.floor((Math.max(0, resetAt - now) * US) / interval(params)));
};

/** Pockets that give back what they may not keep. */
export const createPockets = (giveBack: GiveBack): Pockets => {
  // in the order they were asked: the first has been idle longest
  const kept = new Map<string, Pocket>();
  const drop = (key: string) => void kept.delete(key);
  const lapse = (pocket: Pocket, now: number) => {
    const { key, params } = pocket;
    kept.delete(key);
    const cost = owed(pocket, now);
    if (cost > 0) giveBack({ key, params, cost });
  };
  let sweptAt = Number.NEGATIVE_INFINITY;
  const sweep = (now: number) => {
    const tooMany = kept.size > MAX_KEYS;
    if (!tooMany && Math.abs(now - sweptAt) < SWEEP_MS) return;
    sweptAt = now;
    const most = tooMany ? MAX_KEYS - SPARE_KEYS : MAX_KEYS;
    for (const pocket of kept.values()) {
      if (now - pocket.askedAt < IDLE_MS && kept.size <= most) return;
      const serves = owed(pocket, now) === 0 && now < pocket.endsAt && kept.size <= most;
      lapse(pocket, now);
      // what strands nothing stays to be spent: who comes every ten seconds does not lease each time
      if (serves) kept.set(pocket.key, { ...pocket, askedAt: now });
    }
  };
  return {
    at: ({ key, params }, now) => {
      const pocket = kept.get(key);
      if (!pocket) return undefined;
      if (now < pocket.endsAt && sameParams(pocket.params, params)) return pocket;
      lapse(pocket, now);
      return undefined;
    },
    put: (pocket) => {
      kept.delete(pocket.key);
      kept.set(pocket.key, pocket);
    },
    drop,
    empty: (now) => {
      for (const pocket of [...kept.values()]) lapse(pocket, now);
    },
    sweep,
    unitsOf: (key) => kept.get(key)?.units ?? 0,
  };
};
