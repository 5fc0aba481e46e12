import { now } from "#core/kit/clock.ts";
import { Problem } from "#core/kit/problem.ts";
import { Unflushed } from "./store.ts";

const FAILURES = 5; // in a row
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** The store did not answer, or is not asked because it lately did not. */
export class StoreDown extends Error {}

/** Asks a store that may be down. */
export interface Breaker {
  run<T>(work: () => Promise<T>): Promise<T>;
  state(): "closed" | "open" | "half-open";
}

/**
 * After five failures in a row nobody asks for a second; then one tries (the others still do not wait for it), and if that
 * fails the pause doubles, to half a minute at most. A Problem is an answer, not a failure. All failures are StoreDown.
 */
export const createBreaker = (timeoutMs: number): Breaker => {
  let failures = 0;
  let pause = 0;
  let openedAt = 0;
  let probing = false;
  const isPaused = () => pause > 0 && sinceOpened() < pause;
  // A clock that was set back must not keep it open.
  const sinceOpened = () => Math.abs(now() - openedAt);
  const failed = () => {
    failures++;
    if (failures < FAILURES && pause === 0) return;
    pause = Math.min(LONGEST_MS, pause === 0 ? FIRST_MS : pause * 2);
    openedAt = now();
  };
  const answered = () => {
    failures = 0;
    pause = 0;
  };
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await within(timeoutMs, work);
      answered();
      return answer;
    } catch (error) {
      if (error instanceof Problem || error instanceof Unflushed) {
        answered();
        throw error;
      }
      failed();
      throw new StoreDown("The store of the cache failed", { cause: error });
    }
  };
  return {
    state: () => (pause === 0 ? "closed" : isPaused() ? "open" : "half-open"),
    run: async (work) => {
      if (pause === 0) return attempt(work);
      if (isPaused() || probing) throw new StoreDown("The store of the cache is not asked for a while");
      probing = true;
      try {
        return await attempt(work);
      } finally {
        probing = false;
      }
    },
  };
};

/** Fails what takes longer. What it started may go on: it is a write's caller who must bear that. */
export const within = async <T>(ms: number, work: (signal: AbortSignal) => Promise<T> | T): Promise<T> => {
  const control = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`No answer within ${ms} ms`);
      control.abort(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([work(control.signal), late]);
  } finally {
    clearTimeout(timer);
  }
};
