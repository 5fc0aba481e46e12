import { expect, it } from "vitest";
import { zipf } from "./zipf.ts";

const drawn = (n: number, skew: number, times = 20_000) => {
  const draw = zipf(n, skew, 11);
  const counts = Array.from({ length: n }, () => 0);
  for (let i = 0; i < times; i += 1) {
    const rank = draw();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
};

it("with a skew of 1 the second is drawn half as often as the first, the tenth a tenth", () => {
  const [first = 0, second = 0, ...rest] = drawn(100, 1);
  expect(second / first).toBeCloseTo(0.5, 1);
  expect((rest[7] ?? 0) / first).toBeCloseTo(0.1, 1);
});

it("without skew all are drawn alike, and never one beyond the last", () => {
  const counts = drawn(10, 0);
  expect(counts).toHaveLength(10);
  for (const count of counts) expect(count / 2_000).toBeCloseTo(1, 0);
});

it("the same seed draws the same", () => {
  const [one, two] = [zipf(50, 1, 3), zipf(50, 1, 3)];
  expect(Array.from({ length: 20 }, one)).toEqual(Array.from({ length: 20 }, two));
});
