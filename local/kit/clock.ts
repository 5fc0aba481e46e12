/** A clock that tests can advance: every timer and timestamp of the local cloud is read from here. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once `ms` have passed, by waiting or by `advance`. Returns a cancel. */
  after(ms: number, task: () => void): () => void;
  /** Moves time forward by `ms`, running every timer that falls due, in order. */
  advance(ms: number): void;
}

interface Timer {
  readonly due: number;
  readonly task: () => void;
}

/** The longest wait Node's own timers take, ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** Where a timer due at `due` belongs among `timers`, the latest first: before those due at the same time, which came first. */
const placeOf = (timers: readonly Timer[], due: number): number => {
  let [from, to] = [0, timers.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((timers[middle]?.due ?? 0) > due) from = middle + 1;
    else to = middle;
  }
  return from;
};

/** Wall time plus whatever was advanced. Timers never keep the process alive. */
export const systemClock = (): Clock => {
  let offset = 0;
  // Sorted, the next one last: thousands of requests and retries may wait at once.
  const timers: Timer[] = [];
  let armed: NodeJS.Timeout | undefined;
  const now = () => Date.now() + offset;
  const arm = () => {
    clearTimeout(armed);
    const first = timers.at(-1);
    if (!first) return;
    armed = setTimeout(fire, Math.min(Math.max(0, first.due - now()), LONGEST_MS));
    armed.unref();
  };
  const fire = () => {
    try {
      for (let first = timers.at(-1); first && first.due <= now(); first = timers.at(-1)) {
        timers.pop();
        first.task();
      }
    } finally {
      arm(); // a task that throws takes no other timer with it
    }
  };
  return {
    now,
    after(ms, task) {
      const timer = { due: now() + ms, task };
      timers.splice(placeOf(timers, timer.due), 0, timer);
      if (timers.at(-1) === timer) arm();
      return () => {
        const at = timers.indexOf(timer, placeOf(timers, timer.due));
        if (at >= 0) timers.splice(at, 1);
      };
    },
    advance(ms) {
      offset += ms;
      fire();
    },
  };
};
