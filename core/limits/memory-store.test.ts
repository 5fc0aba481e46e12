import { describe, expect, it } from "vitest";
import { algorithmOf } from "./algorithm.schema.ts";
import type { Params, Take } from "./decision.schema.ts";
import { memoryStore } from "./memory-store.ts";
import { type AlgorithmName, algorithms, MAX_LOG } from "./rule.schema.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const rule = (algorithm: AlgorithmName, limit: number, seconds = 60): Params => ({
  algorithm,
  limit,
  windowMs: seconds * 1_000,
  burst: limit,
});
const take = (key: string, params: Params, cost = 1): Take => ({ key, params, cost });

describe("the memory store", () => {
  it("decides at once, without a promise", () => {
    const store = memoryStore();
    expect(store.decide([take("a", rule("gcra", 2))], NOON)).toMatchObject([{ allowed: true, remaining: 1 }]);
  });

  it.each(algorithms)(
    "holds no more keys than it may, the least recently asked go: %s",
    async (algorithm) => {
      const store = memoryStore({ maxKeys: 10 });
      const kept = take("kept", rule(algorithm, 1));
      store.decide([kept], NOON);
      for (let n = 0; n < 100; n++) {
        store.decide([take(`k${n}`, rule(algorithm, 1))], NOON);
        expect((await store.peek(kept, NOON)).allowed).toBe(false);
      }
      expect(store.size()).toBe(10);
      expect((await store.peek(take("k0", rule(algorithm, 1)), NOON)).allowed).toBe(true);
    },
  );

  it("holds no more admissions in its logs than it may, and always the largest log", () => {
    const store = memoryStore({ maxLogged: 1 });
    const fill = (key: string, limit: number) => {
      for (let n = 0; n < limit; n++) store.decide([take(key, rule("sliding-window-log", limit))], NOON + n);
    };
    for (let key = 0; key < 50; key++) fill(`k${key}`, 1_000);
    expect(store.size()).toBeLessThanOrEqual(20);
    fill("largest", MAX_LOG);
    const one = take("largest", rule("sliding-window-log", MAX_LOG));
    expect(store.decide([one], NOON + MAX_LOG)).toMatchObject([{ allowed: false }]);
  });

  it.each(algorithms)("forgets keys that are at rest, though nobody asks for them again: %s", (algorithm) => {
    const store = memoryStore();
    for (let n = 0; n < 2_000; n++) store.decide([take(`k${n}`, rule(algorithm, 5))], NOON);
    expect(store.size()).toBe(2_000);
    for (let n = 0; n < 5_000; n++) store.decide([take("other", rule(algorithm, 5))], NOON + 120_000);
    expect(store.size()).toBe(1);
  });

  it("starts anew where a rule changes to an algorithm that keeps something else", () => {
    const store = memoryStore();
    for (const [index, algorithm] of algorithms.entries()) {
      const other = algorithms[(index + 3) % algorithms.length] ?? "gcra";
      store.decide([take(`k${index}`, rule(algorithm, 3), 3)], NOON);
      const same = algorithmOf[algorithm].family === algorithmOf[other].family;
      expect(store.decide([take(`k${index}`, rule(other, 3))], NOON)).toMatchObject([
        { allowed: !same, remaining: same ? 0 : 2 },
      ]);
    }
  });

  it("refuses a cost that would give units, and a level named twice", async () => {
    const store = memoryStore();
    const level = rule("gcra", 5);
    for (const cost of [-1, 0.5, Number.NaN])
      expect(() => store.decide([take("k", level, cost)], NOON)).toThrow(RangeError);
    await expect(store.refund(take("k", level, -1), NOON)).rejects.toThrow(RangeError);
    expect(() => store.decide([take("k", level), take("k", level)], NOON)).toThrow("once");
    expect(store.size()).toBe(0);
  });
});
