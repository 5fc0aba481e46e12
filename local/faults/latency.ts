import type { Clock } from "../kit/clock.ts";
import type { Draw } from "./random.ts";
import type { FaultOf } from "./rule.schema.ts";

/** Longest a distribution without an upper end goes when the rule states none, ms. */
const LONGEST_MS = 30_000;
/** Pareto's tail: 1.5 has a mean of three times the least, and no variance. */
const ALPHA = 1.5;

/** How long a latency fault lasts, ms. */
export const latencyOf = ({ ms, distribution = "fixed", max }: FaultOf<"latency">, draw: Draw): number => {
  const u = draw("latency");
  const drawn = {
    fixed: ms,
    uniform: ms * u,
    exponential: -ms * Math.log(1 - u),
    pareto: ms / (1 - u) ** (1 / ALPHA),
  }[distribution];
  const limit = max ?? (distribution === "fixed" || distribution === "uniform" ? ms : LONGEST_MS);
  return Math.min(drawn, limit);
};

/** Waits by the cloud's clock; ends early when `until` does. */
export const wait = (clock: Clock, ms: number, until?: Promise<unknown>): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void until?.finally(() => {
      cancel();
      resolve();
    });
  });
