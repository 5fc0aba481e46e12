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
  due: number;
  task: () => void;
}

/** Wall time plus whatever was advanced. Timers never keep the process alive. */
export const systemClock = (): Clock => {
  let offset = 0;
  const timers = new Set<Timer>();
  let armed: NodeJS.Timeout | undefined;
  const now = () => Date.now() + offset;
  const next = () =>
    [...timers].reduce<Timer | undefined>((a, b) => (a && a.due <= b.due ? a : b), undefined);
  const arm = () => {
    clearTimeout(armed);
    const first = next();
    if (!first) return;
    armed = setTimeout(fire, Math.min(Math.max(0, first.due - now()), 2 ** 31 - 1));
    armed.unref();
  };
  const fire = () => {
    for (let first = next(); first && first.due <= now(); first = next()) {
      timers.delete(first);
      first.task();
    }
    arm();
  };
  return {
    now,
    after(ms, task) {
      const timer = { due: now() + ms, task };
      timers.add(timer);
      arm();
      return () => {
        timers.delete(timer);
      };
    },
    advance(ms) {
      offset += ms;
      fire();
    },
  };
};
