import { expect, it } from "vitest";
import { leaf, shortVersion, stepsTo } from "./bucket-data.ts";

it("a prefix is walked folder by folder, empty names among them", () => {
  expect(stepsTo("")).toEqual([]);
  expect(stepsTo("a/b/")).toEqual([
    { name: "a", prefix: "a/" },
    { name: "b", prefix: "a/b/" },
  ]);
  expect(stepsTo("a//").map(({ prefix }) => prefix)).toEqual(["a/", "a//"]);
});

it("a key is called by what follows its folder; a folder's own object by the whole", () => {
  expect(leaf("a/b.txt", "a/")).toBe("b.txt");
  expect(leaf("a/", "a/")).toBe("a/");
});

it("a version id is told by its end, and `null` whole", () => {
  expect(shortVersion("null")).toBe("null");
  expect(shortVersion("0123456789abcdef01234567")).toBe("…01234567");
});
