import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoStore, type DynamoStore } from "../../core/cache/dynamo-store.ts";
import type { CacheStore } from "../../core/cache/store.ts";
import { createValkeyStore } from "../../core/cache/valkey-store.ts";
import { now } from "../../core/kit/clock.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { openValkey, type Valkey } from "../../core/kit/valkey.ts";
import { draft, newKey } from "../kit/cache-drafts.ts";
import { startCacheTable } from "../kit/cache-tables.ts";
import { createMeter } from "../kit/meter.ts";
import { type Server, startValkey } from "../kit/valkey.ts";

const KB = 1_024;
const body = (bytes: number) => draft(Buffer.alloc(bytes, 1));
const lease = () => ({ holder: "h", until: now() + 5_000 });

const seeded = async (store: CacheStore, bytes = 300) => {
  const key = newKey();
  await store.set(key, body(bytes));
  return key;
};
const many = async (store: CacheStore, n: number) => {
  const keys = Array.from({ length: n }, () => newKey());
  await store.setMany(new Map(keys.map((key) => [key, body(300)])));
  return keys;
};

type Prepare = (store: DynamoStore) => Promise<() => Promise<unknown>>;

describe("what the cache's table costs", () => {
  let world: Awaited<ReturnType<typeof startCacheTable>>;
  let store: DynamoStore;
  let meter: ReturnType<typeof createMeter>;
  beforeAll(async () => {
    world = await startCacheTable();
    store = createDynamoStore(world.table);
    meter = createMeter(documents());
  });
  afterAll(() => world.stop());

  const rows: [name: string, cost: [calls: number, rcu: number, wcu: number], prepare: Prepare][] = [
    [
      "get of 300 bytes",
      [1, 0.5, 0],
      async (s) => {
        const key = await seeded(s);
        return () => s.get(key);
      },
    ],
    [
      "get of 7 KB",
      [1, 1, 0],
      async (s) => {
        const key = await seeded(s, 7 * KB);
        return () => s.get(key);
      },
    ],
    [
      "get, strong",
      [1, 1, 0],
      async (s) => {
        const key = await seeded(s);
        return () => s.get(key, { strong: true });
      },
    ],
    ["get of nothing", [1, 0.5, 0], async (s) => () => s.get(newKey())],
    [
      "get with two marks, as one batch: each is an item",
      [1, 1.5, 0],
      async (s) => {
        const key = await seeded(s);
        await s.bump("a");
        await s.bump("b");
        return () => s.get(key, { marks: ["a", "b"] });
      },
    ],
    [
      "get of 1 MiB in three chunks",
      [2, 0.5 + 128.5, 0],
      async (s) => {
        const key = await seeded(s, KB * KB);
        return () => s.get(key);
      },
    ],
    [
      "get of a hundred",
      [1, 50, 0],
      async (s) => {
        const keys = await many(s, 100);
        return () => s.getMany(keys);
      },
    ],
    ["set of 300 bytes", [1, 0, 1], async (s) => () => s.set(newKey(), body(300))],
    [
      "set of 300 bytes over another",
      [1, 0, 1],
      async (s) => {
        const key = await seeded(s);
        return () => s.set(key, body(300));
      },
    ],
    ["set of 3.5 KB", [1, 0, 4], async (s) => () => s.set(newKey(), body(3.5 * KB))],
    ["set of ten", [10, 0, 10], async (s) => () => many(s, 10)],
    [
      "set of 1 MiB: its chunks, then its head",
      [2, 0, 1 + 1_025],
      async (s) => () => s.set(newKey(), body(KB * KB)),
    ],
    ["fill", [1, 0, 1], async (s) => () => s.fill(newKey(), body(300), 0)],
    [
      "fill that comes too late",
      [1, 0, 1],
      async (s) => {
        const key = await seeded(s);
        return () => s.fill(key, body(300), 0);
      },
    ],
    [
      "delete",
      [1, 0, 1],
      async (s) => {
        const key = await seeded(s);
        return () => s.delete(key, now() + 60_000);
      },
    ],
    ["lease", [1, 0, 1], async (s) => () => s.lease(newKey(), lease(), 0, now())],
    [
      "lease that another has",
      [1, 0, 1],
      async (s) => {
        const key = newKey();
        await s.lease(key, { ...lease(), holder: "other" }, 0, now());
        return () => s.lease(key, lease(), 0, now());
      },
    ],
    [
      "release",
      [1, 0, 1],
      async (s) => {
        const key = newKey();
        await s.lease(key, lease(), 0, now());
        return () => s.release(key, "h");
      },
    ],
    [
      "bump of a mark that a thousand entries bear",
      [1, 0, 1],
      async (s) => {
        await s.setMany(
          new Map(Array.from({ length: 1_000 }, () => [newKey(), draft("x", { marks: { bumped: 0 } })])),
        );
        return () => s.bump("bumped");
      },
    ],
    [
      "changes, of which the last ten seconds had fifty",
      [1, 0.5, 0],
      async (s) => {
        await s.announce(Array.from({ length: 50 }, (_, n) => ({ id: `${n}`, key: `k${n}`, version: 1 })));
        const { cursor } = await s.changes(undefined);
        return () => s.changes(cursor);
      },
    ],
    [
      "announcing ten changes",
      [1, 0, 1],
      async (s) => () =>
        s.announce(Array.from({ length: 10 }, (_, n) => ({ id: `${n}`, key: `k${n}`, version: 1 }))),
    ],
  ];

  it.each(rows)("%s", async (_name, [calls, rcu, wcu], prepare) => {
    const work = await prepare(store);
    expect(await meter.measure(work)).toMatchObject({ calls, rcu, wcu });
  });
});

describe("what the cache asks of a Valkey", () => {
  let server: Server;
  let valkey: Valkey;
  let store: CacheStore;
  beforeAll(async () => {
    server = await startValkey();
    valkey = await openValkey({ mode: "single", nodes: [server.url] });
    store = createValkeyStore(valkey);
    // its scripts are known to the server from here on
    const key = await seeded(store);
    await store.fill(key, body(1), (await store.get(key)).entry?.version ?? 0);
    await store.lease(key, lease(), (await store.get(key)).entry?.version ?? 0, now());
    await store.release(key, "h");
    await store.bump("known");
    await store.changes(undefined);
  });
  afterAll(async () => {
    valkey.close();
    await server.stop();
  });

  /** Commands that clients sent: those that a script makes are counted too, and left out. */
  const commands = async (work: () => Promise<unknown>) => {
    const [client] = valkey.clients;
    await client?.config("RESETSTAT");
    await work();
    const lines = String(await client?.info("commandstats")).matchAll(/cmdstat_([\w|]+):calls=(\d+)/g);
    const counts = Object.fromEntries([...lines].map(([, name, calls]) => [name, Number(calls)]));
    const sent = ["evalsha", "eval", "mget", "get", "xrange"].filter((name) => counts[name] !== undefined);
    return Object.fromEntries(sent.map((name) => [name, counts[name]]));
  };

  const rows: [string, Record<string, number>, (store: CacheStore) => Promise<() => Promise<unknown>>][] = [
    [
      "get",
      { mget: 1 },
      async (s) => {
        const key = await seeded(s);
        return () => s.get(key);
      },
    ],
    [
      "get with two marks",
      { mget: 1 },
      async (s) => {
        const key = await seeded(s);
        return () => s.get(key, { marks: ["a", "b"] });
      },
    ],
    [
      "get of fifty",
      { mget: 1 },
      async (s) => {
        const keys = await many(s, 50);
        return () => s.getMany(keys);
      },
    ],
    ["set", { evalsha: 1 }, async (s) => () => s.set(newKey(), body(300))],
    ["set of 4 MiB", { evalsha: 1 }, async (s) => () => s.set(newKey(), body(4 * KB * KB))],
    ["fill", { evalsha: 1 }, async (s) => () => s.fill(newKey(), body(300), 0)],
    ["delete", { evalsha: 1 }, async (s) => () => s.delete(newKey(), now() + 60_000)],
    ["lease", { evalsha: 1 }, async (s) => () => s.lease(newKey(), lease(), 0, now())],
    ["release", { evalsha: 1 }, async (s) => () => s.release(newKey(), "h")],
    [
      "changes",
      { xrange: 1 },
      async (s) => {
        const { cursor } = await s.changes(undefined);
        return () => s.changes(cursor);
      },
    ],
  ];

  it.each(rows)("%s: one command", async (_name, counts, prepare) => {
    const work = await prepare(store);
    expect(await commands(work)).toEqual(counts);
  });

  it("bump: one command, which reads the mark itself", async () => {
    expect(await commands(() => store.bump("known"))).toEqual({ evalsha: 1, get: 1 });
  });

  it("a script that the server forgot is sent anew, and runs", async () => {
    await valkey.clients[0]?.script("FLUSH");
    const key = newKey();
    expect(await commands(() => store.set(key, draft("a")))).toEqual({ evalsha: 1, eval: 1 });
    expect((await store.get(key)).entry?.version).toBeGreaterThan(0);
  });
});
