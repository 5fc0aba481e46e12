import { expect, it } from "vitest";
import { arrivalsOf, type Load, presets } from "./arrivals.ts";
import { findingOf } from "./finding.ts";
import { simulate } from "./simulate.ts";

const load: Load = { preset: "edge", seed: 1, limit: 10, windowMs: 10_000, cost: 1 };
const names = [
  "fixed-window",
  "sliding-window-counter",
  "sliding-window-log",
  "token-bucket",
  "leaky-queue",
] as const;
const runsOf = (one: Load, apart = true) =>
  names.map((algorithm) =>
    simulate({ algorithm, limit: 10, windowMs: 10_000, burst: 10 }, arrivalsOf(one), apart),
  );

it("the attack on a window's edge is told in the figures of its runs", () => {
  const words = findingOf(load, runsOf(load));
  expect(words).toContain("The fixed window served 20 units within 10 s, at a limit of 10");
  expect(words).toContain("never more than 10.");
});

it("of two clients the modest one is denied nothing where each is counted by itself, and something where not", () => {
  const two: Load = { ...load, preset: "two" };
  expect(findingOf(two, runsOf(two))).toContain("denied 0 times");
  expect(findingOf(two, runsOf(two, false))).not.toContain("denied 0 times");
});

it.each(presets)("%s has a finding with figures", (preset) => {
  const one: Load = { ...load, preset };
  expect(findingOf(one, runsOf(one))).toMatch(/\d/);
  expect(findingOf(one, runsOf(one))).not.toMatch(/NaN|Infinity|undefined/);
});
