import { now } from "#core/kit/clock.ts";

/** Which keys are read most. */
export interface HotKeys {
  /** Counts a read; whether the key is hot. */
  touch(key: string): boolean;
  /** Those that are hot now. */
  hot(): readonly string[];
}

/** What counts as hot. */
export interface HotKeyOptions {
  /** Reads within a window. */
  readonly threshold: number;
  readonly windowMs?: number;
  /** Keys counted at a time. Every key of more than 1/`keys` of all reads is found. */
  readonly keys?: number;
}

interface Count {
  reads: number;
  /** By how much that may be too many: what the key had whose place it took. */
  readonly error: number;
}

/**
 * Space-Saving: A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams",
 * ICDT 2005. A key is hot once it surely was read that often: `reads - error`. It stays so for the next window.
 */
export const createHotKeys = ({ threshold, windowMs = 1_000, keys = 64 }: HotKeyOptions): HotKeys => {
  let counts = new Map<string, Count>();
  let before = new Set<string>();
  let started = now();
  const surely = ({ reads, error }: Count) => reads - error >= threshold;
  const turn = () => {
    const passed = now() - started;
    if (passed >= 0 && passed < windowMs) return;
    const hot = [...counts].filter(([, count]) => surely(count)).map(([key]) => key);
    // what was hot two windows ago is not
    before = new Set(passed < 2 * windowMs ? hot : []);
    counts = new Map();
    started = now();
  };
  const place = (): Count => {
    if (counts.size < keys) return { reads: 0, error: 0 };
    let least: [string, Count] | undefined;
    for (const each of counts) if (!least || each[1].reads < least[1].reads) least = each;
    if (least) counts.delete(least[0]);
    return { reads: least?.[1].reads ?? 0, error: least?.[1].reads ?? 0 };
  };
  return {
    touch: (key) => {
      turn();
      const count = counts.get(key) ?? place();
      count.reads++;
      counts.set(key, count);
      return before.has(key) || surely(count);
    },
    hot: () => {
      turn();
      const risen = [...counts].filter(([, count]) => surely(count)).map(([key]) => key);
      return [...new Set([...before, ...risen])];
    },
  };
};
