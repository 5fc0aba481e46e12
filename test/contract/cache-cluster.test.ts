import { Redis } from "iovalkey";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CacheStore } from "../../core/cache/store.ts";
import { slotOf } from "../../core/cache/valkey-durable.ts";
import { TAGS } from "../../core/cache/valkey-shards.ts";
import { createValkeyStore } from "../../core/cache/valkey-store.ts";
import { openValkey, type Valkey } from "../../core/kit/valkey.ts";
import { draft, newKey } from "../kit/cache-drafts.ts";
import { type Server, startCluster, startValkey } from "../kit/valkey.ts";

const textOf = async (store: CacheStore, key: string, strong = false) =>
  (await store.get(key, { strong })).entry?.body?.toString();

/** How often a server was asked for a command. */
const countOn = async (server: Server, command: string) => {
  const client = new Redis(server.url);
  const stats = await client.info("commandstats");
  client.disconnect();
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
};

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
const keysOf = (n: number, what = "k") => Array.from({ length: n }, () => newKey(what));

describe("the cache on a Valkey cluster", () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  const open: Valkey[] = [];
  const connect = async (reads?: "replicas") => {
    const valkey = await openValkey({ mode: "cluster", nodes: cluster.urls, ...(reads && { reads }) });
    open.push(valkey);
    return valkey;
  };
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(async () => {
    for (const valkey of open) valkey.close();
    await cluster?.stop();
  });

  it("deals its sixty slots out evenly, each in the middle of its sixtieth", async () => {
    expect(TAGS).toHaveLength(60);
    const client = new Redis(cluster.urls[0] ?? "");
    for (const [n, tag] of TAGS.entries()) {
      expect(slotOf(tag)).toBe(await client.cluster("KEYSLOT", `c:{${tag}}anything`));
      expect(Math.floor((slotOf(tag) * 60) / 16_384)).toBe(n);
    }
    client.disconnect();
  });

  it("loads its primaries within a tenth of each other, whatever braces keys hold", async () => {
    const store = createValkeyStore(await connect());
    const before = await Promise.all(cluster.primaries.map((server) => countOn(server, "evalsha")));
    for (let wave = 0; wave < 30; wave++)
      await Promise.all(keysOf(200, "{same}").map((key) => store.set(key, draft("x"))));
    const after = await Promise.all(cluster.primaries.map((server) => countOn(server, "evalsha")));
    for (const [n, count] of after.entries()) {
      expect(count - (before[n] ?? 0)).toBeGreaterThan(1_800);
      expect(count - (before[n] ?? 0)).toBeLessThan(2_200);
    }
  });

  it("reads from replicas unless the primary copy is asked for, and says how far they are behind", async () => {
    const store = createValkeyStore(await connect(), { replicas: await connect("replicas") });
    const keys = keysOf(30);
    for (const key of keys) await store.set(key, draft(key));
    const asked = async (servers: readonly Server[]) =>
      sum(await Promise.all(servers.map((server) => countOn(server, "mget"))));
    await expect
      .poll(async () => (await Promise.all(keys.map((key) => textOf(store, key)))).join())
      .toBe(keys.join());
    const [primaries, replicas] = [await asked(cluster.primaries), await asked(cluster.replicas)];
    await Promise.all(keys.map((key) => textOf(store, key)));
    expect(await asked(cluster.primaries)).toBe(primaries);
    expect(await asked(cluster.replicas)).toBe(replicas + 30);
    for (const key of keys) expect(await textOf(store, key, true)).toBe(key);
    expect(await asked(cluster.primaries)).toBe(primaries + 30);
    expect(store.lagMs?.()).toBe(0);
    await store.changes(undefined);
    await expect.poll(() => store.lagMs?.()).toBeGreaterThan(0);
  });

  it("spreads the reads of a hot key over the primaries, and shows none of its old copies after a write", async () => {
    const hot = { copies: 3, threshold: 20 };
    const [reader, writer] = [
      createValkeyStore(await connect(), { hot }),
      createValkeyStore(await connect(), { hot }),
    ];
    const key = newKey("hot");
    await writer.set(key, draft("0"));
    const before = await Promise.all(cluster.primaries.map((server) => countOn(server, "get")));
    for (let n = 1; n <= 20; n++) {
      const reads = await Promise.all(Array.from({ length: 60 }, () => textOf(reader, key)));
      expect(new Set(reads)).toEqual(new Set([`${n - 1}`]));
      if (n % 2) await writer.set(key, draft(`${n}`));
      else await writer.fill(key, draft(`${n}`), n).then(() => writer.set(key, draft(`${n}`)));
      expect(await textOf(reader, key)).toBe(`${n}`);
    }
    await writer.delete(key, Date.now() + 60_000);
    expect(
      (await Promise.all(Array.from({ length: 60 }, () => textOf(reader, key)))).filter(Boolean),
    ).toEqual([]);
    const after = await Promise.all(cluster.primaries.map((server) => countOn(server, "get")));
    const spread = after.map((count, n) => count - (before[n] ?? 0)).filter((count) => count > 100);
    expect(spread.length).toBeGreaterThanOrEqual(2);
  });
});

/** Writes on and on while a primary dies: what was acknowledged and is gone, and for how long some keys were out of reach. */
const failOver = async (durable?: { replicas: number; timeoutMs: number }) => {
  const cluster = await startCluster({ timeoutMs: 1_000 });
  onTestFinished(cluster.stop);
  const settings = { mode: "cluster", nodes: cluster.urls } as const;
  const valkeys = [
    await openValkey(settings),
    await openValkey(settings),
    await openValkey(settings),
  ] as const;
  const store = createValkeyStore(
    valkeys[0],
    durable && { durable: { ...durable, connections: valkeys[2] } },
  );
  const listener = createValkeyStore(valkeys[1]);
  const { cursor } = await listener.changes(undefined);
  const last = new Map<string, number>();
  const keys = keysOf(200);
  let going = true;
  let failed = 0;
  let writes = 0;
  const writer = async (mine: readonly string[]) => {
    for (let n = 0; going; n++) {
      const key = mine[n % mine.length] ?? "";
      const done = await store.set(key, draft(`${n}`)).catch(() => undefined);
      if (done === undefined) failed++;
      else last.set(key, n);
      writes++;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const writers = Array.from({ length: 20 }, (_, n) => writer(keys.filter((_, index) => index % 20 === n)));
  await expect.poll(() => writes).toBeGreaterThan(2_000);
  await cluster.primaries[0]?.kill();
  await expect.poll(() => failed).toBeGreaterThan(0);
  const readAll = () => Promise.all(keys.map((key) => textOf(store, key, true)));
  await expect.poll(() => readAll().catch(() => []), { timeout: 40_000 }).toHaveLength(200);
  going = false;
  await Promise.all(writers);
  const found = await readAll();
  const lost = keys.filter((key, n) => Number(found[n] ?? -1) < (last.get(key) ?? -1));
  let news = await listener.changes(cursor);
  const gapped = news.gap;
  const listen = async () => {
    news = await listener.changes(news.cursor);
    return news.gap;
  };
  await expect.poll(listen).toBe(false);
  const [key = ""] = keys;
  const version = await createValkeyStore(valkeys[0]).set(key, draft("after"));
  const told = (await listener.changes(news.cursor)).changes.map((change) => [change.key, change.version]);
  for (const valkey of valkeys) valkey.close();
  return { lost: lost.length, writes, failed, gapped, hears: [[key, version]], told };
};

describe("a primary that is killed under load", () => {
  it("is succeeded within seconds: reads and writes go on, and those who keep copies are told to trust none", async () => {
    const { hears, told, ...figures } = await failOver();
    expect(figures.gapped).toBe(true);
    expect(told).toEqual(hears);
  });

  it("takes no write along that counted only once its replica had it", async () => {
    const { lost } = await failOver({ replicas: 1, timeoutMs: 500 });
    expect(lost).toBe(0);
  });
});

describe("the cache on a ring of Valkeys", () => {
  it("misses the keys of a server that is down, and fails no others; they are back with it", async () => {
    const servers = await Promise.all([startValkey(), startValkey(), startValkey()]);
    for (const server of servers) onTestFinished(server.stop);
    const valkey = await openValkey({ mode: "single", nodes: servers.map(({ url }) => url) });
    const store = createValkeyStore(valkey);
    const keys = keysOf(90);
    const versions = await store.setMany(new Map(keys.map((key) => [key, draft(key)])));
    const { cursor } = await store.changes(undefined);
    await servers[1]?.kill();
    const found = await Promise.all(keys.map((key) => textOf(store, key)));
    const missing = keys.filter((_, n) => found[n] === undefined);
    expect(missing.length).toBeGreaterThan(10);
    expect(missing.length).toBeLessThan(60);
    for (const key of missing) await expect(store.set(key, draft("new"))).rejects.toThrow("does not answer");
    for (const key of missing)
      await expect(store.get(key, { strong: true })).rejects.toThrow("does not answer");
    const alive = keys.filter((key) => !missing.includes(key));
    for (const key of alive) expect(await store.set(key, draft("new"))).toBe((versions.get(key) ?? 0) + 1);
    expect((await store.changes(cursor)).gap).toBe(true);
    await servers[1]?.restart();
    const [lost = ""] = missing;
    const back = () => store.set(lost, draft("back")).catch(() => 0);
    await expect.poll(back).toBeGreaterThan(versions.get(lost) ?? 0);
    expect(await textOf(store, lost)).toBe("back");
    const told = await store.changes((await store.changes(cursor)).cursor);
    expect(told.gap).toBe(false);
    valkey.close();
  });
});

describe("what is not ours under keys of ours", () => {
  it("is a miss when it is read, gives way when it is written, and crashes nothing", async () => {
    const server = await startValkey();
    onTestFinished(server.stop);
    const valkey = await openValkey({ mode: "single", nodes: [server.url] });
    const store = createValkeyStore(valkey);
    const raw = new Redis(server.url);
    const poisons: ((key: string) => Promise<unknown>)[] = [
      (key) => raw.lpush(key, "a", "b"),
      (key) => raw.hset(key, "a", "b"),
      (key) => raw.set(key, ""),
      (key) => raw.set(key, "x".repeat(500)),
      (key) => raw.set(key, Buffer.concat([Buffer.from("TFC1"), Buffer.alloc(20, 255)])),
      (key) => raw.set(key, Buffer.concat([Buffer.from("TFC1"), Buffer.alloc(200, 255)])),
    ];
    for (const poison of poisons) {
      const works: ((key: string) => Promise<unknown>)[] = [
        (key) => store.set(key, draft("a")),
        (key) => store.fill(key, draft("a"), 0),
        (key) => store.delete(key, Date.now() + 1_000),
        (key) => store.lease(key, { holder: "h", until: Date.now() + 1_000 }, 0, Date.now()),
        (key) => store.release(key, "h"),
      ];
      for (const work of works) {
        const key = newKey("poison");
        await poison(`c:E#${key}`);
        expect(await store.get(key)).toEqual({ entry: undefined, marks: {} });
        expect((await store.getMany([key])).entries).toEqual([undefined]);
        await work(key);
        await store.set(key, draft("mended"));
        expect(await textOf(store, key)).toBe("mended");
      }
      const mark = newKey("mark");
      await poison(`c:M#${mark}`);
      expect(await store.marks([mark])).toEqual({ [mark]: 0 });
      expect(await store.bump(mark)).toBeGreaterThan(0);
    }
    const { cursor } = await store.changes(undefined);
    await raw.set("c:F", "no feed");
    await store.set(newKey(), draft("a"));
    expect((await store.changes(cursor)).gap).toBe(true);
    raw.disconnect();
    valkey.close();
  });
});
