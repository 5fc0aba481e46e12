import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Params, Take } from "../../core/limits/decision.schema.ts";
import { denials } from "../../core/limits/denials.ts";
import { leases } from "../../core/limits/leases.ts";
import { RULES_TTL_MS } from "../../core/limits/policies.schema.ts";
import { type AlgorithmName, algorithms, bucketAlgorithms } from "../../core/limits/rule.schema.ts";
import { startLimitsTable } from "../kit/limits-table.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;

const params = (algorithm: AlgorithmName, limit = 100): Params => ({
  algorithm,
  limit,
  windowMs: MINUTE,
  burst: limit,
});
const take = (algorithm: AlgorithmName, limit = 100): Take => ({
  key: randomUUID(),
  params: params(algorithm, limit),
  cost: 1,
});

type World = Awaited<ReturnType<typeof startLimitsTable>>;
type Cost = [calls: number, rcu: number, wcu: number];
type Prepare = (world: World, algorithm: AlgorithmName) => Promise<() => Promise<unknown>>;

const first: Prepare = async (world, algorithm) => {
  const [store, one] = [world.store(), take(algorithm)];
  return () => store.take([one], NOON);
};
const again =
  (later: number): Prepare =>
  async (world, algorithm) => {
    const [store, one] = [world.store(), take(algorithm)];
    await store.take([one], NOON);
    return () => store.take([one], NOON + later);
  };
const elsewhere =
  (later: number): Prepare =>
  async (world, algorithm) => {
    const [store, other, one] = [world.store(), world.store(), take(algorithm)];
    await other.take([one], NOON);
    return () => store.take([one], NOON + later);
  };
const denied: Prepare = async (world, algorithm) => {
  const [store, other, one] = [world.store(), world.store(), take(algorithm)];
  await other.take([{ ...one, cost: 100 }], NOON);
  return () => store.take([one], NOON);
};

const rows: [what: string, of: readonly AlgorithmName[], prepare: Prepare, cost: Cost][] = [
  [
    "a key nobody has asked for",
    algorithms.filter((name) => name !== "sliding-window-counter"),
    first,
    [1, 0, 1],
  ],
  ["the same key again", algorithms, again(10), [1, 0, 1]],
  ["a key at rest, which this process knows", bucketAlgorithms, again(2 * MINUTE), [1, 0, 1]],
  ["a key in use, of another process", ["fixed-window"], elsewhere(10), [1, 0, 1]],
  ["a key in use, of another process: the worst", bucketAlgorithms, elsewhere(10), [2, 0, 2]],
  ["a key at rest, of another process", bucketAlgorithms, elsewhere(2 * MINUTE), [1, 0, 1]],
  ["the next window", ["fixed-window"], again(MINUTE), [1, 0, 1]],
  ["a denial", [...bucketAlgorithms, "fixed-window"], denied, [1, 0, 1]],
  ["the first of a window in a process: a strong read", ["sliding-window-counter"], first, [2, 1, 1]],
  [
    "the first of a window in a process, which others used",
    ["sliding-window-counter"],
    elsewhere(10),
    [2, 1, 1],
  ],
  ["the next window", ["sliding-window-counter"], again(MINUTE), [2, 1, 1]],
  ["a denial: the strong read alone", ["sliding-window-counter"], denied, [1, 1, 0]],
  ["a log another process wrote", ["sliding-window-log"], elsewhere(10), [2, 0, 2]],
  ["a denial", ["sliding-window-log"], denied, [1, 0, 1]],
];

describe("calls and units of every decision", () => {
  let world: World;
  beforeAll(async () => {
    world = await startLimitsTable();
  });
  afterAll(() => world.stop());

  const each = rows.flatMap(([what, of, prepare, cost]) =>
    of.map((algorithm) => [algorithm, what, prepare, cost] as const),
  );
  it.each(each)("%s, %s", async (algorithm, _what, prepare, [calls, rcu, wcu]) => {
    const work = await prepare(world, algorithm);
    expect(await world.meter.measure(work)).toMatchObject({ calls, rcu, wcu });
  });

  it.each([100, 1_000, 10_000])(
    "a full log of %i takes a call and less than 10 bytes an admission",
    async (limit) => {
      const [store, one] = [world.store(), take("sliding-window-log", limit)];
      // spread over the minute, as far as milliseconds go: the widest gaps there can be
      for (let part = 0; part < 10; part++) {
        const some = Array.from({ length: limit / 10 }, (_, n) =>
          store.take([one], NOON + Math.floor(((part * limit) / 10 + n) * (MINUTE / limit))),
        );
        await Promise.all(some.slice(0, part === 9 ? -1 : undefined));
      }
      const usage = await world.meter.measure(() => store.take([one], NOON + MINUTE - 1));
      expect(usage.calls).toBe(1);
      expect(usage.wcu).toBeLessThanOrEqual(Math.ceil((10 * limit) / 1_024));
    },
  );

  it.each(algorithms)(
    "%s, denied again: no call until its retry, but for one in five seconds",
    async (algorithm) => {
      const [store, one] = [denials(world.store()), take(algorithm)];
      await store.take([{ ...one, cost: 100 }], NOON);
      const [said] = await store.take([one], NOON);
      const retry = said?.retryAfterMs ?? 0;
      const last = Math.min(retry, RULES_TTL_MS) - 1;
      const usage = await world.meter.measure(async () => [
        await store.take([one], NOON),
        await store.take([one], NOON + last),
      ]);
      expect(usage).toMatchObject({ calls: 0, rcu: 0, wcu: 0 });
      expect(usage.result).toMatchObject([
        [{ allowed: false, retryAfterMs: retry, by: "memory" }],
        [{ allowed: false, retryAfterMs: retry - last, by: "memory" }],
      ]);
      expect(await store.take([one], NOON + retry)).toMatchObject([{ allowed: true }]);
    },
  );

  it("decides on several levels by a read and a transaction, and denies by the read alone", async () => {
    const [store, wide, narrow] = [world.store(), take("gcra"), take("fixed-window", 1)];
    const both = () => store.take([wide, narrow], NOON);
    expect(await world.meter.measure(both)).toMatchObject({ calls: 2, wcu: 4 });
    expect(await world.meter.measure(both)).toMatchObject({ calls: 1, rcu: 2, wcu: 0 });
  });

  it("asks with a cost of 0 by a read", async () => {
    const [store, one] = [world.store(), take("gcra")];
    const usage = await world.meter.measure(() => store.take([{ ...one, cost: 0 }], NOON));
    expect(usage).toMatchObject({ calls: 1, wcu: 0 });
  });

  it.each(algorithms.filter((name) => name !== "leaky-queue"))(
    "%s, leased by fifties: a call in fifty decisions",
    async (algorithm) => {
      const [store, one] = [leases(world.store()), { ...take(algorithm, 1_000), lease: 50 }];
      await store.take([one], NOON);
      const usage = await world.meter.measure(async () => {
        for (let n = 1; n <= 500; n++) await store.take([one], NOON + n);
      });
      expect(usage.calls).toBe(10);
    },
  );

  it("gives each of a thousand that wait for a key their decision, in a few calls", async () => {
    const [store, one] = [world.store(), take("gcra", 5_000)];
    const usage = await world.meter.measure(() =>
      Promise.all(Array.from({ length: 1_000 }, () => store.take([one], NOON))),
    );
    expect(usage.calls).toBeLessThanOrEqual(2);
  });
});
