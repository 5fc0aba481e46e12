import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Take } from "../../core/limits/decision.schema.ts";
import { denials } from "../../core/limits/denials.ts";
import { type LeasingStore, leases } from "../../core/limits/leases.ts";
import { memoryStore } from "../../core/limits/memory-store.ts";
import { type AlgorithmName, algorithms } from "../../core/limits/rule.schema.ts";
import { startLimitsTable } from "../kit/limits-table.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const leased = algorithms.filter((name) => name !== "leaky-queue");

const take = (algorithm: AlgorithmName, limit: number, lease?: number, cost = 1): Take => ({
  key: randomUUID(),
  params: { algorithm, limit, windowMs: MINUTE, burst: limit },
  cost,
  ...(lease !== undefined && { lease }),
});

describe("units that processes lease from a table", () => {
  let world: Awaited<ReturnType<typeof startLimitsTable>>;
  beforeAll(async () => {
    world = await startLimitsTable();
  });
  afterEach(() => world.faults.clear());
  afterAll(() => world.stop());

  const processes = (count: number) => world.stores(count).map((store) => leases(denials(store)));
  const race = async (stores: readonly LeasingStore[], takes: readonly Take[], callers: number) => {
    const answers = await Promise.all(
      Array.from(
        { length: callers },
        async (_, n) => (await stores[n % stores.length]?.take(takes, NOON)) ?? [],
      ),
    );
    return answers.filter((levels) => levels.every(({ allowed }) => allowed)).length;
  };
  const held = (stores: readonly LeasingStore[], { key }: Take) =>
    stores.reduce((sum, store) => sum + store.held(key), 0);
  const remaining = async (one: Take, now = NOON) =>
    (await world.store().peek({ ...one, cost: 0 }, now)).remaining;

  describe.each(leased)("%s", (algorithm) => {
    it("admits exactly 100 of 1,000 callers in five processes", async () => {
      const one = take(algorithm, 100, 8);
      const stores = processes(5);
      expect(await race(stores, [one], 1_000)).toBe(100);
      expect(held(stores, one)).toBe(0);
    });

    it("strands at most a lease a process, and what it strands it gives back", async () => {
      const one = take(algorithm, 100, 8);
      const stores = processes(5);
      expect(await race(stores, [one], 35)).toBe(35);
      expect(stores.every((store) => store.held(one.key) <= 8)).toBe(true);
      expect(await remaining(one)).toBe(65 - held(stores, one));
      await Promise.all(stores.map((store) => store.giveBackAll(NOON)));
      expect(await remaining(one)).toBe(65);
      expect(held(stores, one)).toBe(0);
    });

    it("puts back exactly what another level denied", async () => {
      const [wide, narrow] = [take(algorithm, 100, 20), take(algorithm, 5)];
      const [store] = processes(1);
      expect(await race(store ? [store] : [], [wide, narrow], 60)).toBe(5);
      await store?.giveBackAll(NOON);
      expect(await remaining(wide)).toBe(95);
    });

    it("keeps no more than a lease of what another level denied to many at once", async () => {
      const [wide, narrow] = [take(algorithm, 1_000, 20), take(algorithm, 1)];
      const stores = processes(2);
      expect(await race(stores, [wide, narrow], 300)).toBe(1);
      expect(stores.every((store) => store.held(wide.key) <= 20)).toBe(true);
      await Promise.all(stores.map((store) => store.giveBackAll(NOON)));
      expect(await remaining(wide)).toBe(999);
    });

    it("leases what is left, and at last the exact cost", async () => {
      const one = take(algorithm, 10, 8, 3);
      const [store] = processes(1);
      expect(await race(store ? [store] : [], [one], 20)).toBe(3);
      expect(await race(store ? [store] : [], [{ ...one, cost: 1 }], 20)).toBe(1);
    });

    it("names a retry that is true, though the units lie in another process, and of a larger cost too", async () => {
      for (const cost of [1, 5]) {
        const one = take(algorithm, 10, 8, cost);
        const [holder, asks] = processes(2);
        await holder?.take([{ ...one, cost: 1 }], NOON);
        await asks?.take([{ ...one, cost: 2 }], NOON + 1);
        const ask = async (now: number) => (await asks?.take([one], now))?.[0];
        const retry = (await ask(NOON + 2))?.retryAfterMs ?? 0;
        expect(retry).toBeGreaterThan(0);
        expect(await ask(NOON + 2 + retry - 1)).toMatchObject({ allowed: false, retryAfterMs: 1 });
        expect(await ask(NOON + 2 + retry)).toMatchObject({ allowed: true });
      }
    });

    it("gives back units that lay idle", async () => {
      const [store, one, other] = [processes(1)[0], take(algorithm, 100, 40), take(algorithm, 100)];
      await store?.take([one], NOON);
      expect(store?.held(one.key)).toBe(39);
      await store?.take([other], NOON + 10_000);
      await expect.poll(() => remaining(one, NOON + 10_000)).toBeGreaterThanOrEqual(99);
      expect(store?.held(one.key)).toBe(0);
    });
  });

  it("ends a lease with its window: the next has all of its own", async () => {
    const [store, one] = [processes(1)[0], take("fixed-window", 100, 40)];
    await store?.take([one], NOON + MINUTE - 1_000);
    await store?.take([one], NOON + MINUTE);
    await store?.giveBackAll(NOON + MINUTE);
    expect(await remaining(one, NOON + MINUTE)).toBe(99);
    expect(await remaining(one, NOON)).toBe(60);
  });

  it.each(["sliding-window-log", "sliding-window-counter"] as const)(
    "%s, gives nothing back of a lease that the window has left: it would be somebody else's",
    async (algorithm) => {
      const [idle, other] = processes(2);
      const one = take(algorithm, 100, 40);
      await idle?.take([one], NOON);
      const later = NOON + 2 * MINUTE; // all of it has slid out, of the counter too
      const alone = { ...one, lease: 0 };
      const admitted = async () => {
        const said = await Promise.all(Array.from({ length: 150 }, () => other?.take([alone], later)));
        return said.filter((levels) => levels?.[0]?.allowed).length;
      };
      expect(await admitted()).toBe(100);
      await idle?.take([take(algorithm, 100)], later);
      await idle?.giveBackAll(later);
      expect(await remaining(one, later)).toBe(0);
    },
  );

  it("gives nothing back of a bucket's lease that has leaked: never is there more than a burst at once", async () => {
    const [idle, other] = processes(2);
    const one = take("gcra", 100, 40);
    await idle?.take([one], NOON);
    const later = NOON + 24_000; // 40 units, 600 ms each
    const said = await Promise.all(
      Array.from({ length: 150 }, () => other?.take([{ ...one, lease: 0 }], later)),
    );
    expect(said.filter((levels) => levels?.[0]?.allowed)).toHaveLength(100);
    await idle?.take([take("gcra", 100)], later);
    await idle?.giveBackAll(later);
    expect(await remaining(one, later)).toBe(0);
  });

  it("keeps what has leaked to be spent: who comes every ten seconds does not lease each time", async () => {
    const [store, one] = [processes(1)[0], take("gcra", 6_000, 100)];
    await store?.take([one], NOON);
    const usage = await world.meter.measure(async () => {
      for (let n = 1; n <= 5; n++) await store?.take([one], NOON + n * 11_000);
      await store?.giveBackAll(NOON + 55_000);
    });
    expect(usage.calls).toBe(0);
  });

  it.each(leased)("%s, never tells of more than may be taken at once", async (algorithm) => {
    const [store, one] = [processes(1)[0], take(algorithm, 100, 40)];
    await store?.take([one], NOON);
    for (const later of [0, 1_000, 5_000, 9_000]) {
      expect((await store?.peek({ ...one, cost: 0 }, NOON + later))?.remaining).toBeLessThanOrEqual(100);
      expect((await store?.take([one], NOON + later))?.[0]?.remaining).toBeLessThanOrEqual(100);
    }
  });

  it.each(leased)("%s, tells who asks by a cost of 0 of the units that lie here", async (algorithm) => {
    const [holder, other] = processes(2);
    const one = take(algorithm, 10, 4);
    await holder?.take([one], NOON);
    await other?.take([{ ...one, lease: 0, cost: 6 }], NOON);
    expect(await holder?.take([{ ...one, cost: 0 }], NOON)).toMatchObject([{ allowed: true, by: "lease" }]);
    expect(await other?.take([{ ...one, cost: 0 }], NOON)).toMatchObject([{ allowed: false, remaining: 0 }]);
  });

  it("puts back no unit of a window that ended while another level was asked", async () => {
    const [real, open] = [memoryStore(), Promise.withResolvers<void>()];
    const [wide, narrow] = [take("fixed-window", 10, 5), take("fixed-window", 1)];
    const store = leases({
      ...real,
      take: async (takes, now) => {
        if (takes.some(({ key }) => key === narrow.key)) await open.promise;
        return real.take(takes, now);
      },
    });
    await real.take([narrow], NOON + MINUTE - 1);
    const denied = store.take([wide, narrow], NOON + MINUTE - 1);
    await expect.poll(() => store.held(wide.key)).toBe(4);
    await store.take([wide], NOON + MINUTE);
    open.resolve();
    expect(await denied).toMatchObject([{}, { allowed: false }]);
    expect(store.held(wide.key)).toBe(4);
  });

  it("leases all levels at once: nobody waits for each in turn", async () => {
    const [real, open] = [memoryStore(), Promise.withResolvers<void>()];
    let waiting = 0;
    const store = leases({
      ...real,
      take: async (takes, now) => {
        waiting++;
        await open.promise;
        return real.take(takes, now);
      },
    });
    const levels = [1_000, 900, 800, 700].map((limit) => take("gcra", limit, 50));
    const said = store.take(levels, NOON);
    await expect.poll(() => waiting).toBe(4);
    open.resolve();
    expect((await said).map(({ allowed }) => allowed)).toEqual([true, true, true, true]);
  });

  it("gives back what was leased by a rule that changed", async () => {
    const [store, one] = [processes(1)[0], take("gcra", 100, 40)];
    await store?.take([one], NOON);
    await store?.take([{ ...one, lease: 0 }], NOON);
    await store?.take([{ ...one, params: { ...one.params, limit: 50 } }], NOON);
    await store?.giveBackAll(NOON);
    expect(store?.held(one.key)).toBe(0);
  });

  it("puts units back when the store fails for another level", async () => {
    const [store, wide, narrow] = [processes(1)[0], take("gcra", 100, 10), take("gcra", 5)];
    await store?.take([wide], NOON);
    world.faults.add({ fault: { kind: "throttle" } });
    await expect(store?.take([wide, narrow], NOON)).rejects.toThrow();
    expect(store?.held(wide.key)).toBe(9);
  });

  it("decides more than 1,000 times a second on one key", async () => {
    const one = take("gcra", 1_000_000, 500);
    const [store] = processes(1);
    const usage = await world.meter.measure(async () => {
      const began = performance.now();
      for (let n = 0; n < 20; n++) await race(store ? [store] : [], [one], 1_000);
      return 20_000 / ((performance.now() - began) / 1_000);
    });
    expect(usage.calls).toBeLessThanOrEqual(40);
    expect(usage.wcu).toBeLessThanOrEqual(40);
    expect(usage.result).toBeGreaterThan(1_000);
  });

  it("gives no places of a queue ahead: each is told how long to wait", async () => {
    const [store, one] = [processes(1)[0], take("leaky-queue", 60, 10)];
    const waits = [];
    for (let n = 0; n < 3; n++) waits.push((await store?.take([one], NOON))?.[0]?.waitMs);
    expect(waits).toEqual([0, 1_000, 2_000]);
  });
});
