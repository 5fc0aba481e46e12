import { describe, expect, test } from "vitest";
import { compilePattern } from "./pattern.ts";

const event = {
  type: "click",
  code: 404,
  ok: true,
  nothing: null,
  text: "a b",
  user: { name: "ada", tags: ["x", "y"], "dotted.key": 1 },
  items: [
    { sku: "s1", price: 5 },
    { sku: "s2", price: 0.5 },
  ],
};

describe("JSON patterns", () => {
  test.each([
    ['{ $.type = "click" }', true],
    ["{ $.type = click }", true],
    ['{ $.type = "Click" }', false],
    ['{ $.type = "cl*" }', true],
    ["{ $.type = * }", true],
    ["{ $.missing = * }", false],
    ["{ $.nothing = * }", false],
    ["{ $.code = 404 }", true],
    ["{ $.code = 4* }", true],
    ["{ $.code = 4.04e2 }", true],
    ["{ $.code != 404 }", false],
    ["{ $.code >= 404 && $.code < 405 }", true],
    ["{ $.missing != 1 }", false],
    ["{ $.missing NOT EXISTS }", true],
    ["{ $.type EXISTS }", true],
    ["{ $.nothing IS NULL }", true],
    ["{ $.missing IS NULL }", false],
    ["{ $.ok IS TRUE }", true],
    ["{ $.ok IS FALSE }", false],
    ["{ $.user.name = %^a.a$% }", true],
    ['{ $.user.tags[1] = "y" }', true],
    ['{ $.user.tags[*] = "y" }', true],
    ["{ $.items[*].price < 1 }", true],
    ["{ $.user.['dotted.key'] = 1 }", true],
    ['{ $.type = "x" || $.code = 404 && $.ok IS TRUE }', true],
    ['{ ($.type = "x" || $.code = 404) && $.ok IS FALSE }', false],
    ['{ $.text = "a b" }', true],
  ])("%s is %s", (pattern, expected) => {
    expect(compilePattern(pattern)(JSON.stringify(event))).toBe(expected);
  });

  test("match no line that is not JSON", () => {
    expect(compilePattern("{ $.a NOT EXISTS }")("plain")).toBe(false);
  });

  test.each(["{ $.a = }", "{ $.a 1 }", "{ a = 1 }", "{ $.a = 1", "{ ($.a = 1 }", "{ $.a > x }", "{ }"])(
    "%s is refused",
    (pattern) => {
      expect(() => compilePattern(pattern)).toThrow(/./);
    },
  );
});

describe("term patterns", () => {
  const line = "[ERROR 400] BAD REQUEST";
  test.each([
    ["", true],
    ["ERROR", true],
    ["error", false],
    ["ERROR BAD", true],
    ["ERROR GOOD", false],
    ["?GOOD ?BAD", true],
    ["?GOOD ?WORSE", false],
    ["ERROR -BAD", false],
    ["ERROR -GOOD", true],
    ['"BAD REQUEST"', true],
    ['"REQUEST BAD"', false],
    ["%4[0-9]{2}%", true],
  ])("%s is %s", (pattern, expected) => {
    expect(compilePattern(pattern)(line)).toBe(expected);
  });
});

describe("column patterns", () => {
  const line = '127.0.0.1 - ada [10/Oct/2026] "GET /x HTTP/1.1" 404 1534';
  test.each([
    ["[ip, id, user, at, request, status, bytes]", true],
    ["[ip, id, user, at, request, status=4*, bytes > 1000]", true],
    ["[ip, id, user, at, request, status=200, bytes]", false],
    ["[ip, ..., status=404, bytes]", true],
    ["[ip, user, bytes]", false],
    ['[ip, id, user, at, request="GET*", status = 404 || status = 410, bytes]', true],
  ])("%s is %s", (pattern, expected) => {
    expect(compilePattern(pattern)(line)).toBe(expected);
  });
});
