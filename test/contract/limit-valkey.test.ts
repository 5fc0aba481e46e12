import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openValkey, type Valkey } from "../../core/kit/valkey.ts";
import type { Params, Take } from "../../core/limits/decision.schema.ts";
import { memoryStore } from "../../core/limits/memory-store.ts";
import { type AlgorithmName, algorithms, bucketAlgorithms } from "../../core/limits/rule.schema.ts";
import type { LimitStore } from "../../core/limits/store.ts";
import { run } from "../../core/limits/valkey-call.ts";
import { valkeyStore } from "../../core/limits/valkey-store.ts";
import { type Server, startValkey } from "../kit/valkey.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const rule = (algorithm: AlgorithmName, limit: number, seconds = 60): Params => ({
  algorithm,
  limit,
  windowMs: seconds * 1_000,
  burst: limit,
});
const take = (key: string, params: Params, cost = 1): Take => ({ key, params, cost });

let server: Server;
let valkey: Valkey;
beforeAll(async () => {
  server = await startValkey();
  valkey = await openValkey({ nodes: [server.url], mode: "single" });
});
afterAll(async () => {
  valkey.close();
  await server.stop();
});
const client = () => {
  const [first] = valkey.clients;
  if (!first) throw new Error("One node, one client");
  return first;
};

describe.each(algorithms)("%s on Valkey", (algorithm) => {
  it("decides as it does in memory, whatever is asked", async () => {
    let run = 0;
    const step = fc.record({
      op: fc.constantFrom("take", "take", "take", "peek", "refund", "reset"),
      key: fc.constantFrom("a", "b"),
      cost: fc.integer({ min: 0, max: 8 }),
      alone: fc.boolean(),
      gap: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: -30_000, max: 100_000 })),
    });
    const params = fc.record({
      limit: fc.integer({ min: 1, max: 20 }),
      burst: fc.integer({ min: 1, max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(params, fc.array(step, { maxLength: 40 }), async ({ limit, burst }, sequence) => {
        const prefix = `same:${algorithm}:${run++}:`;
        const here = memoryStore();
        const there = valkeyStore(() => valkey, { clock: "caller", prefix });
        const held = bucketAlgorithms.includes(algorithm) ? burst : limit;
        const level = { algorithm, limit, windowMs: 60_000, burst: held };
        let now = NOON + 777;
        for (const { op, key, cost, alone, gap } of sequence) {
          now += gap;
          const one = take(key, level, cost);
          const both = [here, there].map(async (store: LimitStore) => {
            if (op === "take") return store.take(alone ? [one] : [one, take("c", level, 1)], now);
            if (op === "peek") return store.peek(one, now);
            return op === "refund" ? store.refund(one, now) : store.reset(one, now);
          });
          const [expected, told] = await Promise.all(both);
          expect(told).toEqual(expected);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("goes by the server's clock, however wrong the callers' are", async () => {
    const store = valkeyStore(() => valkey, { prefix: "clock:" });
    const one = take(algorithm, rule(algorithm, 3, 3_600));
    const decisions = [];
    for (const now of [NOON, 0, NOON * 2, NOON - 1, NOON + 1e9])
      decisions.push((await store.take([one], now))[0]);
    expect(decisions.map((decision) => decision?.allowed)).toEqual([true, true, true, false, false]);
    expect(decisions[4]?.retryAfterMs).toBeLessThanOrEqual(2 * 3_600_000);
  });

  it("leaves keys that expire by themselves, when they are at rest", async () => {
    const prefix = `rest:${algorithm}:`;
    const store = valkeyStore(() => valkey, { prefix });
    const one = take("short", rule(algorithm, 5, 1));
    const [told] = await store.take([one], 0);
    const [key = ""] = await client().keys(`${prefix}*`);
    expect(await client().pttl(key)).toBeGreaterThan(0);
    expect(await client().pttl(key)).toBeLessThanOrEqual(told?.resetMs ?? 0);
    await expect.poll(() => client().exists(key)).toBe(0);
  });

  it("takes what is not ours under its key as nothing, and writes over it", async () => {
    const prefix = `poison:${algorithm}:`;
    const store = valkeyStore(() => valkey, { clock: "caller", prefix });
    const one = take("k", rule(algorithm, 3));
    await store.take([one], NOON);
    const [key = ""] = await client().keys(`${prefix}*`);
    const poisons = [
      () => client().set(key, "not ours"),
      () => client().set(key, "99999999999999999999999999"),
      () => client().set(key, Buffer.from([0, 255, 10, 58])),
      () => client().hset(key, "a", "b"),
      () => client().rpush(key, "x", "y", "z"),
      () => client().rpush(key, "1", "2"),
      () => client().zadd(key, 1, "a"),
    ];
    for (const poison of poisons) {
      await client().del(key);
      await poison();
      expect(await store.peek(one, NOON)).toMatchObject({ allowed: true, remaining: 2 });
      expect((await store.take([one], NOON))[0]).toMatchObject({ allowed: true, remaining: 2 });
      expect((await store.take([one], NOON))[0]).toMatchObject({ allowed: true, remaining: 1 });
      expect(await client().pttl(key)).toBeGreaterThan(0);
      await client().del(key);
      await poison();
      await store.refund(one, NOON);
      expect(await store.peek(one, NOON)).toMatchObject({ remaining: 2 });
    }
  });

  it("takes back by receipt what a decision took, and not what others took since", async () => {
    const prefix = `undo:${algorithm}:`;
    const level = rule(algorithm, 10);
    const store = valkeyStore(() => valkey, { clock: "caller", prefix });
    const key = `${prefix}${{ "fixed-window": "f", "sliding-window-log": "l", "sliding-window-counter": "s" }[algorithm as string] ?? "b"}:k`;
    const place = { client: client(), levels: [{ index: 0, take: take("k", level, 4), key }] };
    await store.take([take("k", level, 1)], NOON);
    const [told] = await run(place, "take", String(NOON + 1_000));
    expect(told?.decision).toMatchObject({ allowed: true });
    await store.take([take("k", level, 2)], NOON + 2_000);
    await run(place, "undo", String(NOON + 2_000), [told?.receipt ?? 0]);
    const plain = memoryStore();
    await plain.take([take("k", level, 1)], NOON);
    await plain.take([take("k", level, 2)], NOON + 2_000);
    const look = take("k", level, 10);
    expect(await store.peek(look, NOON + 2_000)).toEqual(await plain.peek(look, NOON + 2_000));
    // what has left by itself cannot be taken back
    const late = NOON + 180_000;
    await store.take([take("k", level, 10)], late);
    await run(place, "undo", String(late), [told?.receipt ?? 0]);
    expect((await store.peek(take("k", level, 0), late)).remaining).toBe(0);
  });
});

describe("the Valkey store", () => {
  it("asks once for a decision of many levels of all algorithms", async () => {
    const store = valkeyStore(() => valkey, { prefix: "once:" });
    const levels = algorithms.map((algorithm) => take(algorithm, rule(algorithm, 100)));
    await store.take(levels, 0);
    const scripts = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client().info("commandstats"))?.[1]);
    const before = await scripts();
    for (let n = 0; n < 10; n++) await store.take(levels, 0);
    expect((await scripts()) - before).toBe(10);
  });

  it("writes nothing for a denial or a look", async () => {
    const store = valkeyStore(() => valkey, { clock: "caller", prefix: "quiet:" });
    const levels = algorithms.map((algorithm) => take(algorithm, rule(algorithm, 2), 2));
    await store.take(levels, NOON);
    const dumps = async () => {
      const keys = (await client().keys("quiet:*")).sort();
      return Promise.all(keys.map(async (key) => [key, await client().dump(key)]));
    };
    const held = await dumps();
    expect(held.length).toBeGreaterThanOrEqual(levels.length);
    await store.take([take("fresh", rule("gcra", 5)), ...levels], NOON);
    for (const level of levels) await store.peek(level, NOON);
    expect(await dumps()).toEqual(held);
  });

  it("loads its script again where a server has forgotten it", async () => {
    const store = valkeyStore(() => valkey, { prefix: "forgotten:" });
    await client().script("FLUSH");
    const told = await store.take([take("k", rule("gcra", 5))], 0);
    expect(told[0]).toMatchObject({ allowed: true, remaining: 4 });
  });

  it("keeps apart keys that differ in braces alone, and lets none choose its slot", async () => {
    const store = valkeyStore(() => valkey, { clock: "caller", prefix: "brace:" });
    const keys = ["{a}x", "%7Ba}x", "a}x", "{a", "a"];
    for (const key of keys)
      expect((await store.take([take(key, rule("fixed-window", 1))], NOON))[0]?.allowed, key).toBe(true);
    for (const key of await client().keys("brace:*")) expect(key).not.toContain("{");
  });

  it("refuses a cost below zero or in parts, and a level named twice, and counts nothing", async () => {
    const store = valkeyStore(() => valkey, { clock: "caller", prefix: "refused:" });
    const level = rule("gcra", 5);
    for (const cost of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(store.take([take("k", level, cost)], NOON)).rejects.toThrow(RangeError);
    await expect(store.refund(take("k", level, -1), NOON)).rejects.toThrow(RangeError);
    await expect(store.take([take("k", level), take("k", level)], NOON)).rejects.toThrow("once");
    expect(await client().keys("refused:*")).toEqual([]);
  });
});
