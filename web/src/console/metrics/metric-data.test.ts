import { expect, it } from "vitest";
import { type Alarm, ceiling, conditionOf, fittingStatistic, numberOf } from "./metric-data.ts";

it("a minute has a sum, a mean, bounds and a count, and none of them divides by nothing", () => {
  const point = { at: 0, sum: 6, count: 3, min: 1, max: 3 };
  expect((["Sum", "Average", "Minimum", "Maximum", "Count"] as const).map((s) => numberOf(point, s))).toEqual(
    [6, 2, 1, 3, 3],
  );
  expect(numberOf({ ...point, count: 0 }, "Average")).toBe(0);
});

it("what is counted is summed, what is measured is averaged", () => {
  expect(["Count", "None", "Milliseconds", "Bytes"].map(fittingStatistic)).toEqual([
    "Sum",
    "Sum",
    "Average",
    "Average",
  ]);
});

it("a scale ends at a round figure", () => {
  expect([0, 0.3, 1, 3, 7, 12, 501].map(ceiling)).toEqual([1, 0.5, 1, 5, 10, 20, 1_000]);
});

it("an alarm says what it compares, a composite one its rule", () => {
  const alarm: Alarm = {
    name: "a",
    state: "OK",
    reason: "",
    changedAt: 0,
    actionsEnabled: true,
    actions: [],
    watches: {
      metrics: [{ key: "k", namespace: "AWS/Lambda", name: "Errors", statistic: "Sum" }],
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      periods: 3,
      datapoints: 2,
      periodSeconds: 60,
    },
  };
  expect(conditionOf(alarm)).toBe("Errors Sum ≥ 1 in 2 of 3 periods of 60 s");
  const { watches: _, ...composite } = alarm;
  expect(conditionOf({ ...composite, rule: "ALARM(a)" })).toBe("ALARM(a)");
});
