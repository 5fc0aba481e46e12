import { expect, it } from "vitest";
import { algorithms } from "#core/limits/rule.schema.ts";
import { arrivalsOf, type Load, presets, WINDOWS } from "./arrivals.ts";
import { tallyAt } from "./lane-shapes.ts";
import { stateBytes, writeUnits } from "./run-cost.ts";
import { agreed } from "./same-line.tsx";
import { type Run, simulate, slidingSum } from "./simulate.ts";

const load: Load = { preset: "edge", seed: 3, limit: 10, windowMs: 10_000, cost: 1 };
const runOf = (algorithm: Run["algorithm"], over: Partial<Load> = {}, apart = true) => {
  const { limit, windowMs, ...rest } = { ...load, ...over };
  return simulate(
    { algorithm, limit, windowMs, burst: limit },
    arrivalsOf({ limit, windowMs, ...rest }),
    apart,
  );
};

it("around an edge the fixed window serves twice its limit, the sliding log never more than it", () => {
  expect(runOf("fixed-window").most).toBe(20);
  for (const [preset] of presets)
    expect(runOf("sliding-window-log", { preset }).most).toBeLessThanOrEqual(10);
});

it.each(presets)("%s: token bucket, leaky meter and GCRA decide alike, request by request", (preset) => {
  const runs = (["token-bucket", "leaky-bucket", "gcra"] as const).map((name) => runOf(name, { preset }));
  expect(agreed(runs)).toBe(runs[0]?.marks.length);
  expect(runs[1]?.used).toEqual(runs[0]?.used);
});

it("the queue holds requests, and serves them evenly", () => {
  const { marks } = runOf("leaky-queue", { preset: "bursty" });
  const served = marks.filter(({ allowed }) => allowed).map(({ at, waitMs }) => at + waitMs);
  expect(Math.max(...marks.map(({ waitMs }) => waitMs))).toBeGreaterThan(1_000);
  const gaps = served.slice(1).map((at, i) => at - (served[i] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(999);
});

it("two clients counted by themselves do not disturb each other; counted together they do", () => {
  const polite = (apart: boolean) =>
    runOf("fixed-window", { preset: "two" }, apart).marks.filter(
      ({ client, allowed }) => client === 0 && !allowed,
    );
  expect(polite(true)).toHaveLength(0);
  expect(polite(false).length).toBeGreaterThan(0);
});

it("lines run from the beginning to the end and stay within what there is", () => {
  for (const algorithm of algorithms) {
    const { used, served, capacity, marks } = runOf(algorithm, { cost: 3 });
    for (const [at, value] of [...used, ...served].flat()) {
      expect(at).toBeLessThanOrEqual(load.windowMs * WINDOWS);
      expect(value).toBeGreaterThanOrEqual(0);
    }
    expect(Math.max(...used.flat().map(([, value]) => value))).toBeLessThanOrEqual(capacity);
    const { admitted, denied, seen } = tallyAt(marks, Number.POSITIVE_INFINITY);
    expect(admitted + denied).toBe(seen);
  }
});

it("a window of exactly its length does not hold both its ends", () => {
  const line = slidingSum(
    [
      [0, 3],
      [100, 3],
    ],
    100,
    300,
  );
  expect(Math.max(...line.map(([, value]) => value))).toBe(3);
});

it("a denied client costs no write until its retry; the log keeps what it admitted", () => {
  const run = runOf("fixed-window", { preset: "two" });
  const { seen } = tallyAt(run.marks, Number.POSITIVE_INFINITY);
  expect(writeUnits(run)).toBeLessThan(seen);
  expect(stateBytes(run)).toBeLessThan(stateBytes(runOf("sliding-window-log")));
});
