import { expect, it } from "vitest";
import { byResource, unused } from "./permission-data.ts";

const grant = (resource: string, action: string, uses: number) => ({ resource, action, uses, policy: "p" });

it("grants are told resource by resource, and those never used are counted", () => {
  const grants = [grant("Books", "get", 2), grant("Shelf", "send", 0), grant("Books", "put", 0)];
  expect(byResource(grants).map(({ resource, grants: some }) => [resource, some.length])).toEqual([
    ["Books", 2],
    ["Shelf", 1],
  ]);
  expect(unused({ grants })).toBe(2);
});
