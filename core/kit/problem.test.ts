import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Problem, parse, toDocument } from "./problem.ts";

const refusal = (schema: v.GenericSchema, input: unknown): Problem => {
  try {
    parse(schema, input);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error("It was not refused");
};

describe("what is wrong with an input", () => {
  it("is told with a pointer to each place", () => {
    const problem = refusal(v.object({ "a/b": v.array(v.number()) }), { "a/b": [1, "x", "y"] });
    expect(problem.extra.issues?.map(({ pointer }) => pointer)).toEqual(["/a~1b/1", "/a~1b/2"]);
  });

  it.each([
    ["half a million mistakes", { tags: Array(500_000).fill(1) }],
    ["a value of a megabyte", { redirect: '"'.repeat(500_000) }],
    ["a key of a megabyte", { ['"'.repeat(500_000)]: 1 }],
  ])("is told in a few kilobytes, also of %s", (_name, input) => {
    const schema = v.strictObject({
      tags: v.optional(v.array(v.string())),
      redirect: v.optional(v.picklist([301, 302])),
    });
    expect(JSON.stringify(toDocument(refusal(schema, input))).length).toBeLessThan(10_000);
  });
});
