import { now } from "#core/kit/clock.ts";
import type { Token } from "./l1.ts";
import type { CacheStore, Change } from "./store.ts";

/** Who hears what others did. */
export interface Listener {
  onChange(change: Change): void;
  /** Some of it is no longer known. */
  onGap(): void;
}

/** What this process heard of the others. */
export interface Feed {
  /** Whether it was asked so long ago that what memory holds may not be trusted. */
  isDue(at: number): boolean;
  /** Asks, where it is due; joins who is asking already. Where the store is down, it stays due. */
  ensure(): Promise<void>;
  /** Asks now. */
  sync(): Promise<void>;
  /** Counts the times it began anew: who read under the same number, and not 0, hears of all that came since. */
  generation(): number;
  /** Whether all that happened since is known, but for the last `syncMs`; or it is not longer ago than that. */
  covers(token: Token): boolean;
  listen(listener: Listener): () => void;
  /** Milliseconds that what was last heard had taken to be told of. */
  lagMs(): number;
}

// Without a feed a mark is believed for as long.
const UNHEARD_MS = 1_000;

/**
 * The feed of a store, asked at most every `syncMs` and only when somebody reads: an idle process costs nothing, and one that
 * slept asks before it trusts its memory. `syncMs` 0 never asks.
 */
export const createFeed = (changes: CacheStore["changes"], syncMs: number): Feed => {
  const listeners = new Set<Listener>();
  let cursor: string | undefined;
  let generation = 0;
  let lagMs = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  // A clock that was set back has everything asked anew.
  const isWithin = (since: number, at: number, ms: number) => at >= since && at - since < ms;
  const ask = async () => {
    const at = now();
    const heard = await changes(cursor);
    if (cursor === undefined || heard.gap) {
      generation++;
      if (heard.gap) for (const listener of listeners) listener.onGap();
    }
    for (const change of heard.changes) for (const listener of listeners) listener.onChange(change);
    cursor = heard.cursor;
    lagMs = heard.lagMs ?? 0;
    askedAt = at;
  };
  const join = () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const isDue = (at: number) => syncMs > 0 && !isWithin(askedAt, at, syncMs);
  return {
    isDue,
    ensure: async () => {
      if (isDue(now())) await join();
    },
    sync: async () => {
      // who is asking may have begun before what the caller wants to hear of
      await asking?.catch(() => {});
      await join();
    },
    generation: () => generation,
    covers: (token) => {
      const at = now();
      if (isWithin(token.at, at, syncMs || UNHEARD_MS)) return true;
      return generation > 0 && token.generation === generation && token.at <= at && !isDue(at);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lagMs: () => lagMs,
  };
};
