import { randomUUID } from "node:crypto";
import { type AttributeValue, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { documents } from "../../core/kit/dynamo.ts";
import type { Decision, Params, Take } from "../../core/limits/decision.schema.ts";
import { type AlgorithmName, algorithms } from "../../core/limits/rule.schema.ts";
import type { LimitStore } from "../../core/limits/store.ts";
import { startLimitsTable } from "../kit/limits-table.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const LIMIT = 100;

const params = (algorithm: AlgorithmName, limit = LIMIT): Params => ({
  algorithm,
  limit,
  windowMs: 60_000,
  burst: limit,
});
const take = (algorithm: AlgorithmName, limit = LIMIT, cost = 1): Take => ({
  key: randomUUID(),
  params: params(algorithm, limit),
  cost,
});

describe("processes that share a table and nothing else", () => {
  let world: Awaited<ReturnType<typeof startLimitsTable>>;
  beforeAll(async () => {
    world = await startLimitsTable();
  });
  afterEach(() => world.faults.clear());
  afterAll(() => world.stop());

  const race = async (stores: readonly LimitStore[], takes: readonly Take[], callers: number) =>
    Promise.allSettled(
      Array.from(
        { length: callers },
        async (_, n) => (await stores[n % stores.length]?.take(takes, NOON)) ?? [],
      ),
    );
  const admitted = (settled: readonly PromiseSettledResult<readonly Decision[]>[]) =>
    settled.filter((each) => each.status === "fulfilled" && each.value.every(({ allowed }) => allowed))
      .length;
  const used = async (one: Take) =>
    one.params.limit - (await world.store().peek({ ...one, cost: 0 }, NOON)).remaining;

  describe.each(algorithms)("%s", (algorithm) => {
    it("admits exactly 100 of 1,000 callers in ten processes", async () => {
      const one = take(algorithm);
      expect(admitted(await race(world.stores(10), [one], 1_000))).toBe(LIMIT);
    });

    it("is refused the last unit by the table itself, where a process knows of fewer that were taken", async () => {
      const one = take(algorithm);
      const [late, other] = world.stores(2);
      const asks = async (store: LimitStore | undefined, cost: number) =>
        (await store?.take([{ ...one, cost }], NOON))?.[0]?.allowed;
      expect(await asks(late, LIMIT - 3)).toBe(true);
      expect(await asks(other, 1)).toBe(true);
      expect(await asks(late, 3)).toBe(false);
      expect(await asks(late, 1)).toBe(true);
      expect(await asks(other, 2)).toBe(false);
      expect(await asks(other, 1)).toBe(true);
      expect(await used(one)).toBe(LIMIT);
    });

    it("takes from two levels or none, of callers in ten processes", async () => {
      const [wide, narrow] = [take(algorithm, 40), take(algorithm, 25)];
      expect(admitted(await race(world.stores(10), [wide, narrow], 100))).toBe(25);
      expect([await used(wide), await used(narrow)]).toEqual([25, 25]);
    });

    it("admits exactly 100 while the table throttles one call in five, and callers ask again", async () => {
      world.faults.add({ when: { probability: 0.2 }, fault: { kind: "throttle" } });
      const one = take(algorithm);
      const stores = world.stores(10);
      const persistent = async (n: number): Promise<boolean> => {
        const answer = await stores[n % 10]?.take([one], NOON).catch(() => undefined);
        return answer?.[0]?.allowed ?? persistent(n);
      };
      const answers = await Promise.all(Array.from({ length: 1_000 }, (_, n) => persistent(n)));
      expect(answers.filter(Boolean)).toHaveLength(LIMIT);
    });

    it("admits no more than 100 while one answer in five is lost", async () => {
      world.faults.add({
        on: { operation: "UpdateItem" },
        when: { probability: 0.2 },
        fault: { kind: "drop", effect: "after" },
      });
      const one = take(algorithm);
      const passed = admitted(await race(world.stores(10), [one], 500));
      world.faults.clear();
      expect(passed).toBeGreaterThan(0);
      expect(passed).toBeLessThanOrEqual(await used(one));
      expect(await used(one)).toBeLessThanOrEqual(LIMIT);
    });

    it("counts once what was written and the answer lost", async () => {
      world.faults.add({
        on: { operation: "UpdateItem" },
        when: { nth: 1 },
        fault: { kind: "drop", effect: "after" },
      });
      const one = take(algorithm);
      const [decision] = await world.store().take([one], NOON);
      expect(decision).toMatchObject({ allowed: true, remaining: LIMIT - 1 });
      expect(await used(one)).toBe(1);
    });

    it("counts once what was written of two levels and the answer lost", async () => {
      world.faults.add({
        on: { operation: "TransactWriteItems" },
        when: { nth: 1 },
        fault: { kind: "drop", effect: "after" },
      });
      const [wide, narrow] = [take(algorithm), take(algorithm)];
      expect((await world.store().take([wide, narrow], NOON)).map(({ allowed }) => allowed)).toEqual([
        true,
        true,
      ]);
      expect([await used(wide), await used(narrow)]).toEqual([1, 1]);
    });

    it("lets its item be swept away, in seconds of the epoch, when it says nothing any more", async () => {
      const one = take(algorithm);
      const [decision] = await world.store().take([{ ...one, cost: LIMIT }], NOON);
      const { input } = world.reached.findLast(({ operation }) => operation === "UpdateItem") ?? {};
      const key = input?.Key as Record<string, AttributeValue>;
      const { Item } = await documents().send(new GetItemCommand({ TableName: world.table, Key: key }));
      const free = (NOON + (decision?.resetMs ?? 0)) / 1_000;
      expect(Number(Item?.ttl?.N)).toBeGreaterThanOrEqual(free + 3_600);
      expect(Number(Item?.ttl?.N)).toBeLessThanOrEqual(free + 3_600 + 121);
    });

    it("tells each of those it decides together when to come again, by their own clock", async () => {
      const [one, store] = [take(algorithm), world.store()];
      await store.take([{ ...one, cost: LIMIT }], NOON);
      const told = await Promise.all(
        [0, 3, 7, 40].map(async (ms) => (await store.take([one], NOON + ms))[0]?.retryAfterMs ?? 0),
      );
      const first = told[0] ?? 0;
      expect(told).toEqual([first, first - 3, first - 7, first - 40]);
      expect(await store.take([one], NOON + first - 1)).toMatchObject([{ allowed: false }]);
      expect(await store.take([one], NOON + first)).toMatchObject([{ allowed: true }]);
    });

    it("takes an item of another shape for none, and mends it", async () => {
      const one = take(algorithm);
      const store = world.store();
      await store.take([one], NOON);
      const written = world.reached.findLast(({ operation }) => operation === "UpdateItem");
      const wrong = Object.fromEntries(
        ["tat", "used", "start", "previous", "log", "v"].map((name) => [name, { S: "no number" }]),
      );
      await documents().send(
        new PutItemCommand({ TableName: world.table, Item: { ...(written?.input.Key as object), ...wrong } }),
      );
      for (const each of [store, world.store()])
        expect(await each.take([one], NOON)).toMatchObject([{ allowed: true }]);
      expect(await used(one)).toBe(2);
    });
  });
});
