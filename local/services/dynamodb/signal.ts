import type { Clock } from "../../kit/clock.ts";

/** Puts one waiter to sleep; a wake while nobody sleeps is kept for the next. */
export interface Signal {
  wake(): void;
  /** Resolves after `ms`, or as soon as there was a wake. */
  wait(ms: number): Promise<void>;
}

/** A signal on the cloud's clock. */
export const createSignal = (clock: Clock): Signal => {
  let woken = false;
  let resolve: (() => void) | undefined;
  return {
    wake() {
      woken = true;
      resolve?.();
    },
    async wait(ms) {
      if (!woken) {
        await new Promise<void>((done) => {
          const cancel = clock.after(ms, done);
          resolve = () => {
            cancel();
            done();
          };
        });
      }
      resolve = undefined;
      woken = false;
    },
  };
};
