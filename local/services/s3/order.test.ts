import fc from "fast-check";
import { expect, it } from "vitest";
import { after, compareKeys, pastPrefix } from "./order.ts";

const key = fc.string({ unit: "binary" });

it("keys stand in the order of their bytes in UTF-8", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

it("a character beyond the basic plane comes after all within it", () => {
  expect(["\u{1f600}", "\uffee", "a", ""].sort(compareKeys)).toEqual(["", "a", "\uffee", "\u{1f600}"]);
});

it("nothing lies between a key and the one after it, and no continued prefix beyond its end", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(compareKeys(a, after(a))).toBeLessThan(0);
      if (compareKeys(a, b) < 0) expect(compareKeys(after(a), b)).toBeLessThanOrEqual(0);
      if (!b.startsWith("\u{10ffff}")) expect(compareKeys(a + b, pastPrefix(a))).toBeLessThan(0);
    }),
  );
});
