import suite, { keyvIteratorTests } from "@keyv/test-suite";
import Keyv from "keyv";
import * as vitest from "vitest";
import { createCache, createCaches } from "../../core/cache/cache.ts";
import { createDynamoStore } from "../../core/cache/dynamo-store.ts";
import { createKeyvStore } from "../../core/cache/keyv.ts";
import type { Cache } from "../../core/cache/options.ts";
import type { CacheStore } from "../../core/cache/store.ts";
import { createValkeyStore } from "../../core/cache/valkey-store.ts";
import { openValkey } from "../../core/kit/valkey.ts";
import { startCacheTable } from "../kit/cache-tables.ts";
import { gate } from "../kit/cache-world.ts";
import { startValkey } from "../kit/valkey.ts";

const { afterAll, beforeAll, describe, expect, it } = vitest;

/** A real store, as several processes reach it. */
interface World {
  open(): CacheStore;
  /** Brings what happened to the feed, where somebody else does that. */
  pump(): Promise<void>;
  stop(): Promise<void>;
}

const onDynamo = async (): Promise<World> => {
  const world = await startCacheTable();
  return { open: () => createDynamoStore(world.table), pump: world.pump, stop: world.stop };
};

const onValkey = async (): Promise<World> => {
  const server = await startValkey();
  const settings = { mode: "single", nodes: [server.url] } as const;
  const clients = await Promise.all(Array.from({ length: 5 }, () => openValkey(settings)));
  let next = 0;
  return {
    open: () => {
      const client = clients[next++ % clients.length];
      if (!client) throw new Error("There are clients");
      return createValkeyStore(client);
    },
    pump: async () => {},
    stop: async () => {
      for (const client of clients) client.close();
      await server.stop();
    },
  };
};

const strong = { consistency: "strong" } as const;

describe.each([
  ["DynamoDB", onDynamo],
  ["Valkey", onValkey],
])("the cache over %s", (name, start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });
  afterAll(() => world?.stop());
  const processes = (namespace: string, count = 5): Cache[] =>
    Array.from({ length: count }, () =>
      createCache({ namespace, store: world.open(), storeTimeoutMs: 20_000 }),
    );

  describe("passes keyv's own tests of a store", () => {
    let caches: ((namespace: string) => Cache) | undefined;
    const store = () => {
      caches ??= createCaches({ store: world.open(), storeTimeoutMs: 20_000 });
      return createKeyvStore(caches);
    };
    suite(vitest, Keyv, store);
    keyvIteratorTests(vitest, Keyv, store);
  });

  it("loads once when 500 miss in five processes", async () => {
    const five = processes("stampede");
    const slow = gate<string>();
    let loads = 0;
    const load = () => {
      loads++;
      return slow.promise;
    };
    const all = Promise.all(
      Array.from({ length: 500 }, (_, n) => five[n % 5]?.getOrSet("k", load, { timeout: 40_000 })),
    );
    await expect.poll(() => loads).toBe(1);
    await expect.poll(() => five.reduce((sum, cache) => sum + cache.stats().waited, 0)).toBeGreaterThan(0);
    slow.open("v");
    expect(new Set(await all)).toEqual(new Set(["v"]));
    expect(loads).toBe(1);
  });

  it("keeps every kind of data, for every process", async () => {
    const [one, two] = processes("data", 2);
    const values = new Map<string, unknown>([
      ["date", new Date(5)],
      ["big", 2n ** 70n],
      ["bytes", Buffer.from([0, 255])],
      ["map", new Map([[1, new Set(["a"])]])],
      ["nothing", { undefined: undefined, null: null, zero: -0, nan: Number.NaN }],
      ["large", "0123456789".repeat(100_000)],
    ]);
    await one?.mset(values, strong);
    expect(new Map(await two?.mget([...values.keys()]))).toStrictEqual(values);
    for (const [key, value] of values) expect(await two?.get(key, strong)).toStrictEqual(value);
  });

  it("brings back nothing late: a fill after a deletion, a set, the drop of a tag and of all", async () => {
    const [one, two] = processes("late", 2);
    if (!one || !two) throw new Error("There are two");
    const drops: [string, () => Promise<number>, unknown][] = [
      ["delete", () => two.delete("delete"), undefined],
      ["set", () => two.set("set", "new", strong), "new"],
      ["tag", () => two.invalidateTag("t"), undefined],
      ["clear", () => two.clear(), undefined],
    ];
    for (const [key, drop, after] of drops) {
      const slow = gate<string>();
      let asked = false;
      const load = () => {
        asked = true;
        return slow.promise;
      };
      const loading = one.getOrSet(key, load, { tags: ["t"], timeout: 40_000, ...strong });
      await expect.poll(() => asked).toBe(true);
      await drop();
      slow.open("old");
      expect(await loading).toBe("old");
      expect(await two.get(key, strong)).toBe(after);
      expect(await one.get(key, strong)).toBe(after);
    }
  });

  it("tells every process's memory within a second of use", async () => {
    const [one, two] = processes("feed", 2);
    await two?.sync();
    await one?.mset(
      new Map([
        ["k", 1],
        ["l", 1],
      ]),
      { tags: ["t"], ...strong },
    );
    await two?.mget(["k", "l"]);
    await one?.delete("k");
    await one?.invalidateTag("t");
    await world.pump();
    await expect.poll(async () => [...((await two?.mget(["k", "l"])) ?? [])]).toEqual([]);
  });

  it(`says which store it has: ${name}`, async () => {
    const [one] = processes("stats", 1);
    await one?.getOrSet("k", () => 1);
    expect(one?.stats()).toMatchObject({
      store: name.toLowerCase(),
      breaker: "closed",
      origin: { loads: 1 },
      l2: { misses: 1 },
    });
  });
});

describe("the cache over a Valkey that dies", () => {
  it("goes on from the origin, tells who drops an entry, and is back when the server is", async () => {
    const server = await startValkey();
    const valkey = await openValkey({ mode: "single", nodes: [server.url] });
    const cache = createCache({
      namespace: "dies",
      store: createValkeyStore(valkey),
      syncMs: 50,
      storeTimeoutMs: 500,
    });
    try {
      expect(await cache.getOrSet("k", () => "before")).toBe("before");
      await server.kill();
      const value = () => cache.getOrSet("k", () => "from the origin", strong);
      await expect.poll(value).toBe("from the origin");
      await expect(cache.delete("k")).rejects.toMatchObject({ kind: "unavailable" });
      await server.restart();
      const drop = () =>
        cache.delete("k").then(
          () => "dropped",
          () => "failed",
        );
      await expect.poll(drop, { timeout: 40_000 }).toBe("dropped");
      expect(await cache.getOrSet("k", () => "after", strong)).toBe("after");
      expect(cache.stats().breaker).toBe("closed");
    } finally {
      valkey.close();
      await server.stop();
    }
  });
});
