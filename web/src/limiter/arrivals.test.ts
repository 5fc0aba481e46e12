import { expect, it } from "vitest";
import { arrivalsOf, type Load, presets, spanOf } from "./arrivals.ts";

const load: Load = { preset: "edge", seed: 7, limit: 10, windowMs: 10_000, cost: 1 };

it.each(presets)("%s: the same seed gives the same arrivals, in order, within the span", (preset) => {
  const arrivals = arrivalsOf({ ...load, preset });
  expect(arrivals.length).toBeGreaterThan(10);
  expect(arrivalsOf({ ...load, preset })).toEqual(arrivals);
  expect(arrivalsOf({ ...load, preset, seed: 8 })).not.toEqual(arrivals);
  const times = arrivals.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.every((at) => Number.isInteger(at) && at >= 0 && at <= spanOf(load))).toBe(true);
});

it("the edge attack sends a whole limit on either side of a window's end", () => {
  const times = arrivalsOf(load).map(({ at }) => at);
  expect(times.filter((at) => at >= 9_000 && at < 10_000)).toHaveLength(10);
  expect(times.filter((at) => at >= 10_000 && at < 11_000)).toHaveLength(10);
});

it("two clients: one asks about five times as much", () => {
  const arrivals = arrivalsOf({ ...load, preset: "two" });
  const greedy = arrivals.filter(({ client }) => client === 1).length;
  expect(greedy / (arrivals.length - greedy)).toBeGreaterThan(3.5);
});
