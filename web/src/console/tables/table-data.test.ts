import { expect, it } from "vitest";
import { keyOf, plainItem } from "./table-data.ts";

it("an item is shown without its types, and no number loses a digit", () => {
  const item = {
    pk: { S: "a" },
    n: { N: "1.5" },
    big: { N: "12345678901234567890" },
    no: { NULL: true },
    yes: { BOOL: true },
    map: { M: { list: { L: [{ N: "1" }, { S: "b" }] } } },
    set: { SS: ["x", "y"] },
  };
  expect(plainItem(item)).toEqual({
    pk: "a",
    n: 1.5,
    big: "12345678901234567890",
    no: null,
    yes: true,
    map: { list: [1, "b"] },
    set: ["x", "y"],
  });
});

it("an item's key is its table's, typed as it stands", () => {
  const table = { name: "t", arn: "a", hashKey: "pk", rangeKey: "sk", indexes: [], items: 0, bytes: 0 };
  expect(keyOf(table, { pk: { S: "a" }, sk: { N: "1" }, other: { S: "b" } })).toEqual({
    pk: { S: "a" },
    sk: { N: "1" },
  });
});
