import { describe, expect, it } from "vitest";
import { breakagesOf, strengths, toRule } from "./break-specs.ts";

describe("what can be broken", () => {
  it("a resource without faults offers none, and ids are its own", () => {
    expect(breakagesOf({ type: "schedule" })).toEqual([]);
    for (const type of ["function", "api", "queue", "table", "bus"]) {
      const ids = breakagesOf({ type }).map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(3);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it("a function is named by its ARN, everything else by its name", () => {
    const [first] = breakagesOf({ type: "function" });
    const [second] = breakagesOf({ type: "table" });
    if (!first || !second) throw new Error("nothing to break");
    const arn = "arn:aws:lambda:eu-west-1:1:function:a";
    expect(toRule({ id: arn, type: "function" }, first, "once")).toEqual({
      on: { service: "lambda", operation: "Run", function: arn },
      when: { times: 1 },
      fault: { kind: "crash", effect: "after" },
    });
    const table = { id: "arn:aws:dynamodb:eu-west-1:1:table/b", type: "table" };
    expect(toRule(table, second, "always")).toEqual({
      on: { target: "b" },
      when: {},
      fault: { kind: "throttle" },
    });
  });

  it("each strength is stronger than the one before", () => {
    const chances = Object.values(strengths).flatMap(([, when]) =>
      "probability" in when ? [when.probability] : [],
    );
    expect(chances).toEqual(chances.toSorted());
  });
});
