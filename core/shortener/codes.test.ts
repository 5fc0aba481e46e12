import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODE_SPACE, hashCodes, isReserved, toBase62 } from "./codes.ts";
import { createPermutation } from "./permutation.ts";

describe("codes by hash", () => {
  it("are the same for the same link and differ for another", () => {
    expect([...hashCodes("a")]).toEqual([...hashCodes("a")]);
    expect(hashCodes("a").next().value).not.toBe(hashCodes("b").next().value);
  });

  it("are twelve different candidates of seven base62 characters", () => {
    const codes = [...hashCodes("link")];
    expect(new Set(codes).size).toBe(12);
    for (const code of codes) expect(code).toMatch(/^[0-9A-Za-z]{7}$/);
  });

  it("use every character evenly: chi-squared over 62 classes stays below its 99.99 % point", () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 3_000; n++) {
      for (const char of hashCodes(String(n)).next().value ?? "")
        counts.set(char, (counts.get(char) ?? 0) + 1);
    }
    const mean = (3_000 * 7) / 62;
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(counts.size).toBe(62);
    expect(chi).toBeLessThan(110);
  });
});

describe("the permutation", () => {
  it("is a bijection: on a small domain every value comes out once", () => {
    const permute = createPermutation("key", 1_000n);
    const images = Array.from({ length: 1_000 }, (_, n) => permute(BigInt(n)));
    expect(new Set(images).size).toBe(1_000);
    expect(images.every((image) => image >= 0n && image < 1_000n)).toBe(true);
  });

  it("is one on the space of codes too: no two of 20,000 consecutive numbers meet", () => {
    const permute = createPermutation("key", CODE_SPACE);
    const codes = Array.from({ length: 20_000 }, (_, n) => toBase62(permute(BigInt(n)), 7));
    expect(new Set(codes).size).toBe(20_000);
  });

  it("hides the order: neighbours differ by all sizes, and another key gives another order", () => {
    const permute = createPermutation("key", CODE_SPACE);
    const images = Array.from({ length: 200 }, (_, n) => permute(BigInt(n)));
    const rising = images.filter((image, n) => n > 0 && image > (images[n - 1] ?? 0n)).length;
    expect(rising).toBeGreaterThan(70);
    expect(rising).toBeLessThan(130);
    const other = createPermutation("other", CODE_SPACE);
    expect(images.filter((image, n) => other(BigInt(n)) === image)).toEqual([]);
  });

  it("stays inside any domain", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n, max: 1n << 48n }), fc.bigInt({ min: 0n }), (size, value) => {
        const image = createPermutation("key", size)(value % size);
        return image >= 0n && image < size;
      }),
      { numRuns: 200 },
    );
  });

  it("refuses what is outside its domain", () => {
    expect(() => createPermutation("key", 10n)(10n)).toThrow(RangeError);
    expect(() => createPermutation("key", 10n)(-1n)).toThrow(RangeError);
  });
});

describe("reserved words", () => {
  it.each(["api", "API", "Admin", "robots.txt", ".well-known", "ａｐｉ", "_local", "assets"])(
    "%s",
    (word) => {
      expect(isReserved(word)).toBe(true);
    },
  );
  it.each(["apis", "my-api", "launch"])("not %s", (word) => {
    expect(isReserved(word)).toBe(false);
  });
});
