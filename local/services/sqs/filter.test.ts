import { expect, test } from "vitest";
import { compileFilters } from "./filter.ts";

const passes = (pattern: object, body: string) =>
  compileFilters({ filters: [{ pattern: JSON.stringify(pattern) }] })?.({ body });

// The table of "Properly filtering Amazon SQS messages" in the Lambda developer guide.
test.each<[string, boolean, object, string]>([
  ["text by text", true, { body: ["hello"] }, "hello"],
  ["other text by text", false, { body: ["hello"] }, "bye"],
  ["text by JSON", false, { body: { a: [{ exists: false }] } }, "hello"],
  ["JSON by text", false, { body: [{ prefix: "{" }] }, '{"a":1}'],
  ["JSON by JSON", true, { body: { a: [1] } }, '{"a":1}'],
  ["other JSON by JSON", false, { body: { a: [1] } }, '{"a":2}'],
  ["a number, which is text", true, { body: [{ prefix: "1" }] }, "12"],
])("filters %s: %s", (_name, expected, pattern, body) => {
  expect(passes(pattern, body)).toBe(expected);
});

test("any one filter is enough, and none at all lets everything through", () => {
  const filters = [{ pattern: '{"body":["a"]}' }, { pattern: '{"body":["b"]}' }];
  expect(compileFilters({ filters })?.({ body: "b" })).toBe(true);
  expect(compileFilters({ filters })?.({ body: "c" })).toBe(false);
  expect(compileFilters({ filters: [] })).toBeUndefined();
  expect(compileFilters(undefined)).toBeUndefined();
});

test("operators that event source mappings lack are refused", () => {
  expect(() => passes({ body: { a: [{ wildcard: "x*" }] } }, "{}")).toThrow(
    "Unrecognized match type wildcard",
  );
});
