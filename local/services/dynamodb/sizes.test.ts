import { describe, expect, it } from "vitest";
import { itemSize, readUnits, writeUnits } from "./sizes.ts";

describe("The size of an item", () => {
  it.each<[string, Record<string, unknown>, number]>([
    ["text by its UTF-8 bytes, name included", { S: "né" }, 3],
    ["a short number", { N: "7" }, 2],
    ["a number by pairs of significant digits", { N: "12345678" }, 5],
    ["a number without its leading and trailing zeros", { N: "0.00120000" }, 2],
    ["a negative number with a byte for its sign", { N: "-5" }, 3],
    ["bytes as they are, not as base64", { B: "AAAA" }, 3],
    ["a truth value", { BOOL: true }, 1],
    ["nothing", { NULL: true }, 1],
    ["a set as the sum of its members", { SS: ["ab", "c"] }, 3],
    ["a list with three bytes, and one more per entry", { L: [{ S: "ab" }, { S: "c" }] }, 8],
    ["a map with three bytes, and one more per entry", { M: { k: { S: "v" } } }, 6],
  ])("counts %s", (_, value, size) => {
    expect(itemSize({ ab: value })).toBe(2 + size);
  });

  it("is billed by the KiB written and by the 4 KiB read, half when the read may be stale", () => {
    expect([0, 1, 1_024, 1_025, 3_500].map(writeUnits)).toEqual([1, 1, 1, 2, 4]);
    expect([0, 4_096, 4_097].map((size) => readUnits(size, false))).toEqual([0.5, 0.5, 1]);
    expect([0, 4_096, 4_097].map((size) => readUnits(size, true))).toEqual([1, 1, 2]);
  });
});
