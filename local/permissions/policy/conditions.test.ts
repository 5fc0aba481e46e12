import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileConditions } from "./conditions.ts";
import { contextOf } from "./context.ts";

type Keys = Record<string, string | string[]>;
const holds = (operator: string, wanted: unknown, given?: string | string[]) => {
  const keys: Keys = given === undefined ? {} : { "aws:Key": given };
  return compileConditions({ [operator]: { "AWS:key": wanted } }).every((condition) =>
    condition(contextOf(keys)),
  );
};

describe("an operator compares", () => {
  test.each([
    ["StringEquals", "a", "a", true],
    ["StringEquals", "a", "A", false],
    ["StringEquals", ["b", "a"], "a", true],
    ["StringNotEquals", ["b", "a"], "a", false],
    ["StringNotEquals", ["b", "a"], "c", true],
    ["StringEqualsIgnoreCase", "a", "A", true],
    ["StringNotEqualsIgnoreCase", "a", "A", false],
    ["StringLike", "pho?os/*", "photos/a/b", true],
    ["StringLike", "photos", "photos/", false],
    ["StringNotLike", "photos/*", "videos/a", true],
    ["NumericEquals", "10", "10.0", true],
    ["NumericLessThanEquals", 10, "10", true],
    ["NumericLessThan", "10", "10", false],
    ["NumericGreaterThan", "9", "10", true],
    ["NumericGreaterThanEquals", "11", "10", false],
    ["NumericNotEquals", "9", "10", true],
    ["NumericEquals", "x", "x", false],
    ["DateGreaterThan", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", true],
    ["DateLessThan", "2026-01-01T00:00:00Z", "1767225599", true],
    ["DateEquals", "1767225600", "2026-01-01T00:00:00Z", true],
    ["DateNotEquals", "1767225600", "2026-01-01T00:00:00Z", false],
    ["Bool", "true", "true", true],
    ["Bool", true, "false", false],
    ["BinaryEquals", "QmluYXJ5", "QmluYXJ5", true],
    ["IpAddress", "203.0.113.0/24", "203.0.113.7", true],
    ["IpAddress", ["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", true],
    ["IpAddress", "203.0.113.7", "203.0.113.8", false],
    ["IpAddress", "203.0.113.0/99", "203.0.113.8", false],
    ["NotIpAddress", "203.0.113.0/24", "203.0.114.7", true],
    ["ArnLike", "arn:aws:events:*:1:rule/bus/*", "arn:aws:events:eu-west-1:1:rule/bus/x", true],
    ["ArnEquals", "arn:aws:sns:*:1:topic", "arn:aws:sns:eu-west-1:1:topic", true],
    ["ArnLike", "arn:aws:s3:*", "arn:aws:s3:::photos", false],
    ["ArnLike", "arn:aws:*:topic", "arn:aws:sns:eu-west-1:1:topic", false],
    ["ArnNotLike", "arn:aws:s3:::a", "arn:aws:s3:::b", true],
    ["ArnNotEquals", "arn:aws:s3:::a", "arn:aws:s3:::a", false],
  ])("%s %j with %j: %s", (operator, wanted, given, expected) => {
    expect(holds(operator, wanted, given)).toBe(expected);
  });
});

describe("a key that the request does not have", () => {
  test.each([
    ["StringEquals", false],
    ["StringEqualsIfExists", true],
    ["StringNotEquals", true],
    ["StringNotEqualsIfExists", true],
    ["ForAllValues:StringEquals", true],
    ["ForAnyValue:StringEquals", false],
    ["ForAnyValue:StringNotEquals", false],
    ["Bool", false],
    ["NotIpAddress", true],
    ["ArnLike", false],
  ])("under %s: %s", (operator, expected) => {
    expect(holds(operator, "x")).toBe(expected);
  });

  test("is what Null asks for", () => {
    expect(holds("Null", "true")).toBe(true);
    expect(holds("Null", "true", "x")).toBe(false);
    expect(holds("Null", "false", "x")).toBe(true);
    expect(holds("Null", false)).toBe(false);
  });
});

describe("a key of several values", () => {
  test.each([
    ["ForAllValues:StringEquals", ["a", "b"], ["a"], true],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
    ["ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], true],
    ["ForAnyValue:StringEquals", ["a", "b"], ["c"], false],
    ["ForAllValues:StringNotEquals", ["a"], ["b", "c"], true],
    ["ForAllValues:StringNotEquals", ["a"], ["b", "a"], false],
    ["ForAnyValue:StringLike", ["a*"], ["b", "abc"], true],
    ["ForAllValues:StringLike", ["a*"], [], true],
  ])("under %s %j with %j: %s", (operator, wanted, given, expected) => {
    expect(holds(operator, wanted, given)).toBe(expected);
  });
});

test("all operators and keys of a block must hold", () => {
  const all = compileConditions({ StringEquals: { a: "1", b: "2" }, Bool: { c: "true" } });
  const with_ = (keys: Keys) => all.every((condition) => condition(contextOf(keys)));
  expect(with_({ a: "1", b: "2", c: "true" })).toBe(true);
  expect(with_({ a: "1", b: "3", c: "true" })).toBe(false);
  expect(with_({ a: "1", b: "2" })).toBe(false);
});

test("an operator and its negation never agree where the key is there", () => {
  const pairs = [
    ["StringEquals", "StringNotEquals"],
    ["StringLike", "StringNotLike"],
    ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
    ["ArnLike", "ArnNotLike"],
  ] as const;
  const value = fc.oneof(fc.constantFrom("a", "A", "*", "arn:aws:s3:::a", "arn:aws:s3:::*"), fc.string());
  fc.assert(
    fc.property(
      fc.constantFrom(...pairs),
      fc.array(value, { minLength: 1 }),
      value,
      ([yes, no], wanted, given) => {
        // "${…}" in a policy is a variable, not a text
        fc.pre(!wanted.some((item) => item.includes("${")));
        expect(holds(yes, wanted, given)).not.toBe(holds(no, wanted, given));
      },
    ),
  );
});
