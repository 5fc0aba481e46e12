import { type Params, sameParams, type Take } from "./decision.schema.ts";

/** Keys with units in this process; the one asked longest ago gives its units back first. */
const MAX_KEYS = 10_000;
/** Units nobody asked for so long go back to the store, when this process next decides on anything. */
const IDLE_MS = 10_000;

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
  /** Takes a key's pocket out, with its units. */
  drop(key: string): Pocket | undefined;
  /** Gives back what has lain idle. */
  sweep(now: number): void;
  all(): readonly Pocket[];
}

/** Pockets that give back what they may not keep. */
export const createPockets = (giveBack: GiveBack): Pockets => {
  // in the order they were asked: the first has been idle longest
  const kept = new Map<string, Pocket>();
  const drop = (key: string) => {
    const pocket = kept.get(key);
    kept.delete(key);
    return pocket;
  };
  const lapse = ({ key, params, units, endsAt }: Pocket, now: number) => {
    kept.delete(key);
    // of a window that has ended nothing can be given back: it would be free in the next
    const over = params.algorithm === "fixed-window" && now >= endsAt;
    if (units > 0 && !over) giveBack({ key, params, cost: units });
  };
  const sweep = (now: number) => {
    for (const pocket of kept.values()) {
      if (now - pocket.askedAt < IDLE_MS && kept.size <= MAX_KEYS) return;
      lapse(pocket, now);
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
    sweep,
    all: () => [...kept.values()],
  };
};
