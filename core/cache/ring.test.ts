import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRing, murmur3 } from "./ring.schema.ts";

const KEYS = Array.from({ length: 20_000 }, (_, n) => `user:${n}:profile`);
const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9.:-]{1,20}$/), { minLength: 2, maxLength: 12 });

describe("the hash", () => {
  // https://en.wikipedia.org/wiki/MurmurHash and the vectors of smhasher's verification
  it.each([
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["test", 0, 0xba6bd213],
    ["test", 0x9747b28c, 0x704b81dc],
    ["Hello, world!", 0, 0xc0363e43],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
    ["aaaa", 0x9747b28c, 0x5a97808a],
    ["aaa", 0x9747b28c, 0x283e0130],
    ["aa", 0x9747b28c, 0x5d211726],
    ["a", 0x9747b28c, 0x7fa09ea6],
    ["ππππππππ", 0x9747b28c, 0xd58063c1],
  ])("of %j with seed %i is as published", (text, seed, hash) => {
    expect(murmur3(text, seed)).toBe(hash);
  });
});

describe("the ring", () => {
  it("gives each node its due within 10 %, of the circle and of keys", () => {
    fc.assert(
      fc.property(names, (nodes) => {
        const ring = createRing(nodes);
        const shares = [...ring.shares().values()];
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        for (const share of shares) expect(Math.abs(share * nodes.length - 1)).toBeLessThan(0.1);
      }),
      { numRuns: 60, seed: 7 },
    );
    const ring = createRing(["a:1", "b:1", "c:1", "d:1", "e:1"]);
    const counts = new Map<string, number>();
    const keys = Array.from({ length: 200_000 }, (_, n) => `k${n}`);
    for (const key of keys) counts.set(ring.owner(key), (counts.get(ring.owner(key)) ?? 0) + 1);
    for (const count of counts.values()) expect(Math.abs(count / 40_000 - 1)).toBeLessThan(0.1);
  });

  it("moves only what the new node takes over, and no more than 1/N and a tenth of it", () => {
    fc.assert(
      fc.property(names, ([joined = "", ...nodes]) => {
        const [before, after] = [createRing(nodes), createRing([...nodes, joined])];
        const moved = KEYS.filter((key) => before.owner(key) !== after.owner(key));
        for (const key of moved) expect(after.owner(key)).toBe(joined);
        expect(moved.length / KEYS.length).toBeLessThan(1.1 / (nodes.length + 1) + 0.01);
      }),
      { numRuns: 20, seed: 7 },
    );
  });

  it("spreads the keys of a node that leaves over all others", () => {
    const nodes = ["a", "b", "c", "d", "e"];
    const [before, after] = [createRing(nodes), createRing(nodes.slice(1))];
    const heirs = new Set<string>();
    for (const key of KEYS) {
      if (before.owner(key) === "a") heirs.add(after.owner(key));
      else expect(after.owner(key)).toBe(before.owner(key));
    }
    expect(heirs).toEqual(new Set(["b", "c", "d", "e"]));
  });

  it("does not depend on the order in which the nodes are named", () => {
    fc.assert(
      fc.property(names, fc.string(), (nodes, key) => {
        expect(createRing(nodes.toReversed(), 64).owner(key)).toBe(createRing(nodes, 64).owner(key));
      }),
    );
  });

  it("names the owner first and then others, each once; the first who is left inherits", () => {
    fc.assert(
      fc.property(names, fc.string(), fc.integer({ min: 0, max: 20 }), (nodes, key, n) => {
        const ring = createRing(nodes, 64);
        const owners = ring.owners(key, n);
        expect(owners).toHaveLength(Math.min(n, nodes.length));
        expect(new Set(owners).size).toBe(owners.length);
        if (n > 0) expect(owners[0]).toBe(ring.owner(key));
        if (n > 1)
          expect(
            createRing(
              nodes.filter((node) => node !== owners[0]),
              64,
            ).owner(key),
          ).toBe(owners[1]);
      }),
    );
  });

  it("gives a node of twice the weight twice the share", () => {
    const shares = createRing([{ node: "a", weight: 2 }, "b", "c"]).shares();
    expect(shares.get("a")).toBeGreaterThan(0.5 * 0.9);
    expect(shares.get("a")).toBeLessThan(0.5 * 1.1);
  });

  it("refuses no nodes, and a node that is named twice", () => {
    expect(() => createRing([])).toThrow(RangeError);
    expect(() => createRing(["a", "a"])).toThrow(RangeError);
  });
});
