import fc from "fast-check";
import { expect, it } from "vitest";
import { keyOf, type MetricStore, periodsOf, record, statisticOf } from "./series.ts";

const id = { namespace: "n", name: "m", dimensions: {} };
const MINUTE = 60_000;

it("whatever is recorded comes back: sum, count, least and greatest exactly, percentiles within one percent", () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (samples, percent) => {
      const store: MetricStore = new Map();
      for (const value of samples) record(store, id, { at: 10 * MINUTE, values: [value] }, 10 * MINUTE);
      const stats = periodsOf(store.get(keyOf(id)), 10 * MINUTE, 11 * MINUTE, MINUTE).get(10 * MINUTE);
      if (!stats) throw new Error("nothing was kept");
      const sorted = samples.toSorted((a, b) => a - b);
      expect(stats.count).toBe(samples.length);
      expect([stats.min, stats.max]).toEqual([sorted[0], sorted.at(-1)]);
      expect(stats.sum).toBeCloseTo(
        samples.reduce((a, b) => a + b, 0),
        4,
      );
      const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
      const near = statisticOf(stats, `p${percent}`) ?? 0;
      expect(Math.abs(near - exact) / exact).toBeLessThan(0.011);
    }),
  );
});

it("minutes are forgotten after three hours, hours stay, and series are bounded", () => {
  const store: MetricStore = new Map();
  for (let minute = 0; minute < 600; minute++)
    record(store, id, { at: minute * MINUTE, values: [1] }, minute * MINUTE);
  const series = store.get(keyOf(id));
  expect(series?.minutes.size).toBeLessThanOrEqual(182);
  expect([...(series?.hours.values() ?? [])].reduce((sum, { count }) => sum + count, 0)).toBe(600);
  for (let i = 0; i < 5_100; i++)
    record(store, { ...id, name: String(i) }, { at: 600 * MINUTE, values: [1] }, 600 * MINUTE + i);
  expect(store.size).toBe(5_000);
});
