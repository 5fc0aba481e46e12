import { DeleteCommand, GetCommand, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chunkKey, entryKey } from "../../core/cache/cache.keys.ts";
import { createDynamoStore, type DynamoStore } from "../../core/cache/dynamo-store.ts";
import { FENCE_MS, type Stored } from "../../core/cache/store.ts";
import { now, setClock } from "../../core/kit/clock.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { draft, newKey } from "../kit/cache-drafts.ts";
import { startCacheTable } from "../kit/cache-tables.ts";

const MB = 1_024 * 1_024;
const text = (entry: Stored | undefined) => entry?.body && Buffer.from(entry.body).toString();
const endless = { freshUntil: Number.POSITIVE_INFINITY, keptUntil: Number.POSITIVE_INFINITY };

describe("the cache's table when calls fail", () => {
  let world: Awaited<ReturnType<typeof startCacheTable>>;
  let store: DynamoStore;
  let ahead = 0;
  let restore = () => {};
  beforeAll(async () => {
    world = await startCacheTable();
    store = createDynamoStore(world.table);
    restore = setClock(() => Date.now() + ahead);
  });
  afterEach(() => world.faults.clear());
  afterAll(async () => {
    restore();
    await world.stop();
  });
  const read = async (key: string) => (await store.get(key, { strong: true })).entry;
  const raw = async (key: string) =>
    (await documents().send(new GetCommand({ TableName: world.table, Key: entryKey(key) }))).Item;
  const chunks = async () => {
    const pages = paginateScan(
      { client: documents() },
      {
        TableName: world.table,
        FilterExpression: "begins_with(pk, :chunk)",
        ExpressionAttributeValues: { ":chunk": "C#" },
        ProjectionExpression: "pk",
      },
    );
    let count = 0;
    for await (const page of pages) count += page.Items?.length ?? 0;
    return count;
  };
  /** The next call takes place, and its answer is lost; the client tries again. */
  const loseAnswer = () =>
    world.faults.add({
      on: { operation: "UpdateItem" },
      when: { nth: 1 },
      fault: { kind: "drop", effect: "after" },
    });

  it("knows its own fill and lease again when their answer was lost", async () => {
    const key = newKey();
    loseAnswer();
    expect(await store.fill(key, draft("a"), 0)).toBe(1);
    world.faults.clear();
    loseAnswer();
    const lease = { holder: "me", until: now() + 5_000 };
    expect(await store.lease(key, lease, 1, now())).toEqual({ taken: true, entry: undefined });
    expect(await read(key)).toMatchObject({ version: 1, lease });
  });

  it("answers the version that stands when the answer of a set, a delete or a bump was lost", async () => {
    const key = newKey();
    loseAnswer();
    const version = await store.set(key, draft("a"));
    expect(await read(key)).toMatchObject({ version });
    world.faults.clear();
    loseAnswer();
    const deleted = await store.delete(key, now() + 60_000);
    expect(deleted).toBeGreaterThan(version);
    expect(await read(key)).toMatchObject({ version: deleted, body: null });
    world.faults.clear();
    loseAnswer();
    const mark = newKey("mark");
    const bumped = await store.bump(mark);
    expect(await store.marks([mark], true)).toEqual({ [mark]: bumped });
  });

  it("keeps the large value whose answer was lost: its retry does not take its chunks for old ones", async () => {
    const key = newKey();
    loseAnswer();
    await store.set(key, draft(Buffer.alloc(MB, 7), endless));
    expect((await read(key))?.body?.byteLength).toBe(MB);
  });

  it("loses no set to throttles, errors and lost answers: the last version is the one that is read", async () => {
    const key = newKey();
    for (const fault of [{ kind: "throttle" }, { kind: "error" }, { kind: "drop", effect: "after" }] as const)
      world.faults.add({ when: { probability: 0.1 }, fault });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => ({
        n,
        version: await store.set(key, draft(`${n}`)).catch(() => 0),
      })),
    );
    world.faults.clear();
    const versions = answers.flatMap(({ version }) => (version > 0 ? [version] : []));
    expect(new Set(versions).size).toBe(versions.length);
    const last = await read(key);
    const newest = Math.max(...versions);
    expect(last?.version).toBeGreaterThanOrEqual(newest);
    if (last?.version === newest)
      expect(text(last)).toBe(`${answers.find(({ version }) => version === newest)?.n}`);
  });

  it("reads and writes batches to the end when parts of them are refused", async () => {
    world.faults.add({ when: { probability: 0.3 }, fault: { kind: "partial", share: 0.5 } });
    const keys = Array.from({ length: 150 }, () => newKey("part"));
    await store.setMany(new Map(keys.map((key) => [key, draft(key)])));
    const { entries } = await store.getMany(keys);
    expect(entries.map((entry) => text(entry))).toEqual(keys);
    const big = newKey();
    await store.set(big, draft(Buffer.alloc(4 * MB, 5)));
    expect((await read(big))?.body?.byteLength).toBe(4 * MB);
  });

  it("shows the old large value until the new one is whole, and never a mixture", async () => {
    const key = newKey();
    await store.set(key, draft(Buffer.alloc(MB, 0)));
    let writing = true;
    const reader = (async () => {
      const seen = new Set<number>();
      while (writing) {
        const body = (await store.get(key)).entry?.body;
        expect(body?.byteLength).toBe(MB);
        expect(body?.every((byte) => byte === body[0])).toBe(true);
        seen.add(body?.[0] ?? -1);
      }
      return seen;
    })();
    for (let n = 1; n <= 8; n++) await store.set(key, draft(Buffer.alloc(MB, n)));
    writing = false;
    expect((await reader).size).toBeGreaterThan(1);
  });

  it("keeps the old value when its writer dies between the chunks and the head", async () => {
    const key = newKey();
    await store.set(key, draft("old"));
    world.faults.add({ on: { operation: "UpdateItem" }, fault: { kind: "error" } });
    await expect(store.set(key, draft(Buffer.alloc(MB, 1)))).rejects.toThrow();
    world.faults.clear();
    expect(text(await read(key))).toBe("old");
  });

  it("takes a value of which a chunk is missing for a miss, which can be filled", async () => {
    const key = newKey();
    await store.set(key, draft(Buffer.alloc(MB, 1)));
    const head = await raw(key);
    await documents().send(new DeleteCommand({ TableName: world.table, Key: chunkKey(String(head?.c), 1) }));
    expect(await read(key)).toMatchObject({ version: 1, body: null });
    expect((await store.getMany([key])).entries[0]).toMatchObject({ version: 1, body: null });
    expect(await store.fill(key, draft("again"), 1)).toBe(2);
  });

  it("takes what somebody else wrote under its key for a miss, and lets it be replaced", async () => {
    const poisons = [
      { b: "no bytes" },
      { b: Buffer.from("x"), m: "no json" },
      { b: Buffer.from("x"), m: "1" },
      { v: 3 },
      {},
    ];
    for (const poison of poisons) {
      const key = newKey("poison");
      const Item = { ...entryKey(key), v: 7, ...poison };
      await documents().send(new PutCommand({ TableName: world.table, Item }));
      expect((await read(key))?.body).toBeNull();
      expect((await store.getMany([key])).entries[0]?.body).toBeNull();
      expect(await store.set(key, draft("mended"))).toBeGreaterThan(1);
      expect(text(await read(key))).toBe("mended");
    }
  });

  it("removes the chunks of what had no end, and leaves the others to TTL", async () => {
    const [forever, timed] = [newKey(), newKey()];
    const before = await chunks();
    await store.set(forever, draft(Buffer.alloc(MB, 1), endless));
    await store.set(timed, draft(Buffer.alloc(MB, 1)));
    expect(await chunks()).toBe(before + 6);
    const head = await raw(timed);
    const { Item } = await documents().send(
      new GetCommand({ TableName: world.table, Key: chunkKey(String(head?.c), 0) }),
    );
    expect(Item?.ttl).toBe(head?.ttl);
    await store.delete(forever, now() + 60_000);
    await store.delete(timed, now() + 60_000);
    expect(await chunks()).toBe(before + 3);
  });

  it("states its end to TTL in seconds, behind the fence, and none where there is none", async () => {
    const [short, long, forever, dirty, leased] = [newKey(), newKey(), newKey(), newKey(), newKey()];
    const at = now();
    await store.set(short, draft("a", { freshUntil: at, keptUntil: at }));
    await store.set(long, draft("a", { keptUntil: at + 3_600_000 }));
    await store.set(forever, draft("a", endless));
    await store.set(dirty, draft("a", { dirty: true }));
    await store.lease(leased, { holder: "h", until: at + 5_000 }, 0, at);
    expect((await raw(short))?.ttl).toBeGreaterThanOrEqual((at + FENCE_MS) / 1_000);
    expect((await raw(short))?.ttl).toBeLessThan((at + FENCE_MS) / 1_000 + 60);
    expect((await raw(long))?.ttl).toBe(Math.ceil((at + 3_600_000) / 1_000));
    expect(await raw(forever)).not.toHaveProperty("ttl");
    expect(await raw(dirty)).not.toHaveProperty("ttl");
    expect((await raw(leased))?.ttl).toBeGreaterThan(at / 1_000);
    await store.lease(dirty, { holder: "h", until: at + 5_000 }, 1, at);
    expect(await raw(dirty)).not.toHaveProperty("ttl");
  });

  it("tells a reader that slept past the feed's end to trust nothing", async () => {
    const { cursor } = await store.changes(undefined);
    ahead += 9 * 60_000;
    const { gap, cursor: next } = await store.changes(cursor);
    expect(gap).toBe(false);
    ahead += 11 * 60_000;
    expect((await store.changes(next)).gap).toBe(true);
  });

  it("tells how long the slowest of what it heard was under way", async () => {
    const { cursor } = await store.changes(undefined);
    await store.announce([{ id: "lag1", key: "k", version: 1 }], now() - 7_000);
    await store.announce([{ id: "lag2", key: "k", version: 2 }], now() - 20);
    const { lagMs, cursor: next } = await store.changes(cursor);
    expect(await store.changes(next)).not.toHaveProperty("lagMs");
    expect(lagMs).toBeGreaterThanOrEqual(7_000);
    expect(lagMs).toBeLessThan(12_000);
  });

  it("hears of what others announce though its own clock is an hour off", async () => {
    for (const skew of [3_600_000, -3_600_000]) {
      const inReader = async <T>(work: () => Promise<T>) => {
        const back = setClock(() => Date.now() + ahead + skew);
        try {
          return await work();
        } finally {
          back();
          setClock(() => Date.now() + ahead);
        }
      };
      let { cursor } = await inReader(() => store.changes(undefined));
      for (let n = 0; n < 3; n++) {
        const id = `off${skew}-${n}`;
        await store.announce([{ id, key: "k", version: 1 }]);
        const news = await inReader(() => store.changes(cursor));
        expect([news.gap, news.changes.map((change) => change.id)]).toEqual([
          false,
          expect.arrayContaining([id]),
        ]);
        cursor = news.cursor;
        expect((await inReader(() => store.changes(cursor))).changes).toEqual([]);
        ahead += 30_000;
      }
    }
  });

  it("hears of what others announce whose clocks are five seconds off, once", async () => {
    ahead += 60_000;
    let { cursor } = await store.changes((await store.changes(undefined)).cursor);
    const heard: string[] = [];
    const listen = async () => {
      const news = await store.changes(cursor);
      cursor = news.cursor;
      heard.push(...news.changes.map(({ id }) => id));
    };
    for (const skew of [-5_000, 5_000, 0, -4_000, 4_000]) {
      const put = setClock(() => Date.now() + ahead + skew);
      await store.announce([{ id: `skew${skew}`, key: "k", version: 1 }]);
      put();
      setClock(() => Date.now() + ahead);
      await listen();
      ahead += 1_000;
      await listen();
    }
    ahead += 20_000;
    await listen();
    expect(heard).toEqual(["skew-5000", "skew5000", "skew0", "skew-4000", "skew4000"]);
  });
});
