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

it("nothing lies between a key and the one after it", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(compareKeys(a, after(a))).toBeLessThan(0);
      if (compareKeys(a, b) < 0) expect(compareKeys(after(a), b)).toBeLessThanOrEqual(0);
    }),
  );
});

it("what starts with a prefix comes before its end, and all else that is greater does not", () => {
  const any = fc.string({ unit: fc.constantFrom("a", "\ud7ff", "\ue000", "\u{10ffff}"), maxLength: 3 });
  fc.assert(
    fc.property(any, any, (prefix, b) => {
      expect(compareKeys(prefix + b, pastPrefix(prefix))).toBeLessThan(0);
      if (compareKeys(b, prefix) > 0 && !b.startsWith(prefix)) {
        expect(compareKeys(b, pastPrefix(prefix))).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
