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
  const deadline = createDeadline(timeoutMs);
  const fail = (error: unknown): unknown => {
    if (error instanceof Problem || error instanceof Unflushed) {
      answered();
      return error;
    }
    failed();
    return new StoreDown("The store of the cache failed", { cause: error });
  };
  // One promise for all of it: this is on the way of every read.
  const attempt = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      let open = true;
      const lose = (error: unknown) => {
        if (!open) return;
        open = false;
        reject(fail(error));
      };
      const end = deadline(lose);
      const win = (answer: T) => {
        end();
        if (!open) return; // too late: it was counted as a failure
        open = false;
        answered();
        resolve(answer);
      };
      const broken = (error: unknown) => {
        end();
        lose(error);
      };
      try {
        work().then(win, broken);
      } catch (error) {
        broken(error);
      }
    });
  const probe = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isPaused() || probing) throw new StoreDown("The store of the cache is not asked for a while");
    probing = true;
    try {
      return await attempt(work);
    } finally {
      probing = false;
    }
  };
  return {
    state: () => (pause === 0 ? "closed" : isPaused() ? "open" : "half-open"),
    run: (work) => (pause === 0 ? attempt(work) : probe(work)),
  };
};

const TICKS = 10; // of the time allowed

type Fail = (error: Error) => void;

/**
 * Calls who has not ended after `ms`, at most a tenth late: by one timer for all that is under way, as one each costs a
 * microsecond. Answers how to end.
 */
const createDeadline = (ms: number): ((fail: Fail) => () => void) => {
  // what began within a tick, the latest last
  let ticks: Set<Fail>[] = [];
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    ticks.push(new Set());
    if (ticks.length > TICKS + 1)
      for (const fail of ticks.shift() ?? []) fail(new Error(`No answer within ${ms} ms`));
    if (ticks.some((begun) => begun.size > 0)) return;
    clearInterval(timer);
    timer = undefined;
  };
  return (fail) => {
    if (timer === undefined) {
      ticks = [new Set()];
      timer = setInterval(tick, ms / TICKS).unref();
    }
    const begun = ticks.at(-1);
    begun?.add(fail);
    return () => begun?.delete(fail);
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
