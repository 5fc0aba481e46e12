import { LRUCache } from "lru-cache";
import type { Clock } from "../../kit/clock.ts";
import { errors } from "./errors.ts";

/** From this failure on each locks the name: for 1 s, 2 s, 4 s … up to 15 minutes, Cognito's rule. */
const FREE_FAILURES = 5;
const LONGEST_MS = 900_000;

/** Counts the attempts on each name, whether or not anyone has it: a lock must not tell who exists. */
export interface Lockout {
  /** Counts an attempt before it is judged, so that a thousand at once are no better than one after another. */
  attempt(name: string): void;
  /** The attempt was right: forget the failures. */
  clear(name: string): void;
}

interface Count {
  readonly failures: number;
  readonly lockedUntil: number;
}

/** In memory: a restart of the local cloud lifts every lock. */
export const createLockout = (clock: Clock): Lockout => {
  const counts = new LRUCache<string, Count>({ max: 10_000 });
  return {
    attempt(name) {
      const now = clock.now();
      const count = counts.get(name);
      if (count && count.lockedUntil > now) throw errors.tooMany();
      // a quarter of an hour without an attempt starts the count again
      const stale = count && now - count.lockedUntil > LONGEST_MS;
      const failures = (stale ? 0 : (count?.failures ?? 0)) + 1;
      const lock =
        failures < FREE_FAILURES ? 0 : Math.min(1_000 * 2 ** (failures - FREE_FAILURES), LONGEST_MS);
      counts.set(name, { failures, lockedUntil: now + lock });
    },
    clear: (name) => void counts.delete(name),
  };
};
