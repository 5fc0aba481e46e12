import { expect, it } from "vitest";
import { sampleFor } from "./bus-data.ts";

const rule = (pattern: object) => ({
  name: "r",
  arn: "a",
  bus: "b",
  enabled: true,
  targets: [],
  pattern: JSON.stringify(pattern),
});

it("an event is begun with what a rule's pattern lists plainly", () => {
  const sample = sampleFor(
    rule({
      source: [{ prefix: "shop." }, "shop.orders"],
      "detail-type": ["placed"],
      detail: { state: ["new"], total: [{ numeric: [">", 10] }], buyer: { country: ["NZ"] } },
    }),
  );
  expect(sample).toMatchObject({ source: "shop.orders", detailType: "placed" });
  expect(JSON.parse(sample.detail)).toEqual({ state: "new", buyer: { country: "NZ" } });
});

it("a rule that says nothing, or none, leaves an empty detail", () => {
  expect(sampleFor(undefined)).toEqual({ source: "console", detailType: "test", detail: "{}" });
  expect(sampleFor(rule({ account: ["1"] })).detail).toBe("{}");
});
