import { now } from "#core/kit/clock.ts";
import type { Draft } from "./store.ts";

const DAY_MS = 86_400_000;

/** Longest life of an entry, its grace included: who asks for more gets this. */
export const LONGEST_LIFE_MS = 62 * DAY_MS; // the API takes 31 days for either

/**
 * A store forgets a mark this long after it was last bumped: whatever was written before is gone by then, if clocks differ by less than
 * a day in all. Versions of a mark begin at the time, so that one which was forgotten comes back above all it ever had.
 */
export const MARK_MS = LONGEST_LIFE_MS + DAY_MS;

/** Until when an entry that begins now is fresh and kept, in ms since the epoch; `ttl` and `grace` in ms, Infinity among them. */
export const lifeOf = (ttl: number, grace: number): Pick<Draft, "freshUntil" | "keptUntil"> => {
  const at = now();
  const freshUntil = at + Math.min(ttl, LONGEST_LIFE_MS);
  return { freshUntil, keptUntil: Math.min(freshUntil + grace, at + LONGEST_LIFE_MS) };
};
