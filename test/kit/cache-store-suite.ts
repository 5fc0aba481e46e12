import pMap from "p-map";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CacheStore, Change, Draft, Stored } from "../../core/cache/store.ts";
import { FENCE_MS } from "../../core/cache/store.ts";
import { now, setClock } from "../../core/kit/clock.ts";

/** A store as the suite takes it. */
export interface StoreUnderTest {
  readonly store: CacheStore;
  /** Another process's view of the same data. The same store, where processes share nothing. */
  readonly other: CacheStore;
  /** Brings what happened to the feed, where somebody else does that. */
  pump?(): Promise<void>;
  /** Connections of a client: as many requests are under way at once, the others wait their turn here, where none times out. */
  readonly connections?: number;
  /** Opens them before many are needed at once. */
  warm?(): Promise<void>;
  stop(): Promise<void>;
}

const text = (stored: Stored | undefined) =>
  stored?.body === null || stored === undefined ? stored?.body : Buffer.from(stored.body).toString();

/** A body that is fresh for a minute. */
export const draft = (body: string | Uint8Array | null, more: Partial<Draft> = {}): Draft => ({
  body: typeof body === "string" ? Buffer.from(body) : body,
  freshUntil: now() + 60_000,
  keptUntil: now() + 90_000,
  marks: {},
  loadMs: 0,
  ...more,
});

let keys = 0;
/** A key nobody has used. */
export const newKey = (what = "k"): string => `ns/${what}-${++keys}-${process.pid}`;

/** What every store of the cache keeps to. Each test has keys of its own; the clock moves under all of them. */
export const cacheStoreSuite = (name: string, start: () => Promise<StoreUnderTest>): void => {
  describe(`the cache's store in ${name}`, () => {
    let world: StoreUnderTest;
    let store: CacheStore;
    let ahead = 0;
    let restore = () => {};
    beforeAll(async () => {
      world = await start();
      store = world.store;
      restore = setClock(() => Date.now() + ahead);
    });
    afterAll(async () => {
      restore();
      await world?.stop();
    });
    const race = <T>(n: number, work: (n: number) => Promise<T>) =>
      pMap(Array.from({ length: n }).keys(), work, {
        concurrency: world.connections ?? Number.POSITIVE_INFINITY,
      });
    const read = async (key: string) => (await store.get(key, { strong: true })).entry;

    it("finds nothing where nothing is", async () => {
      expect(await store.get(newKey())).toEqual({ entry: undefined, marks: {} });
      expect(await store.get(newKey(), { marks: ["m/never"] })).toEqual({
        entry: undefined,
        marks: { "m/never": 0 },
      });
    });

    it("gives back what was set, and counts versions from one", async () => {
      const key = newKey();
      const written = draft("a", { marks: { "t/x": 4, "t/y": 0 }, loadMs: 12.5 });
      expect(await store.set(key, written)).toBe(1);
      expect(await read(key)).toEqual({ ...written, body: expect.anything(), version: 1 });
      expect(text(await read(key))).toBe("a");
      expect(await store.set(key, draft("b"))).toBe(2);
      expect(await read(key)).toMatchObject({ version: 2, marks: {}, loadMs: 0 });
      expect(text((await world.other.get(key, { strong: true })).entry)).toBe("b");
    });

    it("tells an empty body from none", async () => {
      const key = newKey();
      await store.set(key, draft(new Uint8Array()));
      expect((await read(key))?.body?.byteLength).toBe(0);
      await store.delete(key, now() + 60_000);
      expect((await read(key))?.body).toBeNull();
    });

    it("remembers a deletion as a version, so that a fill that began before it is refused", async () => {
      const key = newKey();
      await store.set(key, draft("old"));
      expect(await store.delete(key, now() + 60_000)).toBe(2);
      expect(await store.fill(key, draft("late"), 1)).toBeUndefined();
      expect(await read(key)).toMatchObject({ version: 2, body: null });
      expect(await store.fill(key, draft("loaded after it"), 2)).toBe(3);
      expect(text(await read(key))).toBe("loaded after it");
    });

    it("refuses a fill of what was set or deleted for the first time meanwhile", async () => {
      const [set, deleted] = [newKey(), newKey()];
      await store.set(set, draft("new"));
      await store.delete(deleted, now() + 60_000);
      expect(await store.fill(set, draft("late"), 0)).toBeUndefined();
      expect(await store.fill(deleted, draft("late"), 0)).toBeUndefined();
      expect(text(await read(set))).toBe("new");
    });

    it("keeps the fence when what was set lives for no time at all", async () => {
      const key = newKey();
      await store.set(key, draft("gone", { freshUntil: now(), keptUntil: now() }));
      expect(await read(key)).toMatchObject({ version: 1, body: null });
      expect(await store.fill(key, draft("late"), 0)).toBeUndefined();
      expect(await store.fill(key, draft("after it"), 1)).toBe(2);
    });

    it("reads by the caller's clock: stale once fresh is over, nothing once it is kept no longer", async () => {
      const key = newKey();
      await store.set(key, draft("a"));
      ahead += 75_000;
      expect(text(await read(key))).toBe("a");
      ahead += 15_000;
      expect((await read(key))?.body ?? null).toBeNull();
      const version = (await read(key))?.version ?? 0;
      expect(await store.fill(key, draft("b"), version)).toBe(version + 1);
      expect(text(await read(key))).toBe("b");
    });

    it("keeps for ever what has no end, and what its origin does not have yet", async () => {
      const [endless, dirty] = [newKey(), newKey()];
      await store.set(endless, draft("e", { freshUntil: Infinity, keptUntil: Infinity }));
      await store.set(dirty, draft("d", { dirty: true }));
      ahead += 40 * 86_400_000;
      expect(await read(endless)).toMatchObject({ freshUntil: Infinity, keptUntil: Infinity });
      expect(text(await read(dirty))).toBe("d");
      expect((await read(dirty))?.dirty).toBe(true);
      expect(await store.fill(dirty, draft("d"), 1)).toBe(2);
      expect(await read(dirty)).not.toHaveProperty("dirty");
    });

    it("keeps any text as key and mark, however odd, and mixes up none", async () => {
      const long = "é".repeat(512);
      const odd = [
        "",
        "\u0000",
        "{a}b",
        "{}",
        "a b\r\n$9",
        "\ud800",
        "\ud801",
        "\ufffd",
        "ключ 🔑",
        long,
        `${long}\ud800`,
      ];
      const tail = newKey();
      const names = odd.map((each) => `${tail}/${each}`);
      for (const [n, key] of names.entries()) await store.set(key, draft(`v${n}`, { marks: { [key]: n } }));
      for (const [n, key] of names.entries()) {
        expect([key, text(await read(key))]).toEqual([key, `v${n}`]);
        expect((await read(key))?.marks).toEqual({ [key]: n });
      }
      const bumped = names.at(-2) ?? "";
      await store.bump(bumped);
      const marks = await store.marks(names, true);
      expect(Object.entries(marks).filter(([, version]) => version > 0)).toHaveLength(1);
      expect(marks[bumped]).toBeGreaterThan(0);
    });

    it("keeps every byte of a value of 4 MiB, and drops it whole", async () => {
      const key = newKey();
      const big = Buffer.alloc(4 * 1_024 * 1_024, "0123456789abcdef-");
      await store.set(key, draft(big));
      const found = await read(key);
      expect(Buffer.compare(found?.body ?? Buffer.alloc(0), big)).toBe(0);
      expect(await store.fill(key, draft(big.subarray(0, 700_000)), 1)).toBe(2);
      expect((await read(key))?.body?.byteLength).toBe(700_000);
      await store.set(key, draft("small"));
      expect(text(await read(key))).toBe("small");
    });

    it("reads and writes many at once, in order, with marks", async () => {
      const names = Array.from({ length: 230 }, () => newKey("many"));
      const some = names.filter((_, n) => n % 10 !== 0);
      const mark = newKey("mark");
      const version = await store.bump(mark);
      const written = await store.setMany(new Map(some.map((key) => [key, draft(key)])));
      expect([...written.keys()]).toEqual(some);
      expect(new Set(written.values())).toEqual(new Set([1]));
      const { entries, marks } = await store.getMany([...names, names[1] ?? ""], {
        marks: [mark],
        strong: true,
      });
      expect(entries.map(text)).toEqual(
        [...names, names[1] ?? ""].map((key) => (some.includes(key) ? key : undefined)),
      );
      expect(marks).toEqual({ [mark]: version });
    });

    it("counts a mark up with each bump, and reads it with an entry", async () => {
      const [key, mark, still] = [newKey(), newKey("mark"), newKey("mark")];
      const first = await store.bump(mark);
      const second = await store.bump(mark);
      expect(first).toBeGreaterThan(0);
      expect(second).toBeGreaterThan(first);
      await store.set(key, draft("a"));
      const found = await store.get(key, { marks: [mark, still], strong: true });
      expect(found.marks).toEqual({ [mark]: second, [still]: 0 });
      expect(text(found.entry)).toBe("a");
      expect(await store.marks([mark, still], true)).toEqual(found.marks);
    });

    it("ends 1,000 concurrent sets of a key with version 1,000, each version answered once", async () => {
      await world.warm?.();
      const key = newKey();
      const versions = await race(1_000, (n) => (n % 2 ? store : world.other).set(key, draft(`${n}`)));
      expect(new Set(versions).size).toBe(1_000);
      const last = await read(key);
      expect(last?.version).toBe(1_000);
      expect(text(last)).toBe(String(versions.indexOf(1_000)));
    });

    it("lets one of 100 concurrent fills in", async () => {
      await world.warm?.();
      const key = newKey();
      const answers = await race(100, (n) => (n % 2 ? store : world.other).fill(key, draft(`${n}`), 0));
      expect(answers.filter((version) => version !== undefined)).toEqual([1]);
      expect(text(await read(key))).toBe(String(answers.indexOf(1)));
    });

    it("gives the lease to one of 500 who ask at once, and tells the others whose it is", async () => {
      await world.warm?.();
      const key = newKey();
      const until = now() + 5_000;
      const answers = await race(500, (n) =>
        (n % 2 ? store : world.other).lease(key, { holder: `h${n}`, until }, 0, now()),
      );
      const winners = answers.flatMap(({ taken }, n) => (taken ? [`h${n}`] : []));
      expect(winners).toHaveLength(1);
      for (const { taken, entry } of answers) {
        if (taken) expect(entry).toBeUndefined();
        else expect(entry).toMatchObject({ version: 0, body: null, lease: { holder: winners[0], until } });
      }
      expect(await read(key)).toMatchObject({ version: 0, body: null, lease: { holder: winners[0] } });
    });

    it("hands the lease of one who died on when it is over, and not before", async () => {
      const key = newKey();
      await store.set(key, draft("a"));
      const dead = { holder: "dead", until: now() + 3_000 };
      expect(await store.lease(key, dead, 1, now())).toEqual({ taken: true, entry: undefined });
      expect(await store.lease(key, dead, 1, now())).toMatchObject({ taken: true });
      const next = () => store.lease(key, { holder: "next", until: now() + 3_000 }, 1, now());
      expect(await next()).toMatchObject({ taken: false, entry: { version: 1, lease: dead } });
      ahead += 3_000;
      expect(await read(key)).not.toHaveProperty("lease");
      expect((await next()).taken).toBe(true);
      expect(text(await read(key))).toBe("a");
    });

    it("ends a lease with a set, a delete, a fill or its release by the holder; others release nothing", async () => {
      const ends: ((key: string) => Promise<unknown>)[] = [
        (key) => store.set(key, draft("b")),
        (key) => store.delete(key, now() + 60_000),
        (key) => store.fill(key, draft("b"), 1),
        (key) => store.release(key, "me"),
      ];
      for (const end of ends) {
        const key = newKey();
        await store.set(key, draft("a"));
        await store.lease(key, { holder: "me", until: now() + 9_000 }, 1, now());
        await store.release(key, "somebody else");
        expect((await read(key))?.lease).toMatchObject({ holder: "me" });
        await end(key);
        expect(await read(key)).not.toHaveProperty("lease");
      }
      await store.release(newKey(), "me");
    });

    it("refuses a lease to whoever saw another version", async () => {
      const key = newKey();
      await store.set(key, draft("a"));
      await store.set(key, draft("b"));
      const answer = await store.lease(key, { holder: "h", until: now() + 9_000 }, 1, now());
      expect(answer).toMatchObject({ taken: false, entry: { version: 2 } });
      expect(text(answer.entry)).toBe("b");
      expect((await store.lease(key, { holder: "h", until: now() + 9_000 }, 0, now())).taken).toBe(false);
    });

    it("gives the lease on what is long gone to whoever saw its last version", async () => {
      const key = newKey();
      await store.set(key, draft("a"));
      ahead += 90_000 + FENCE_MS;
      const version = (await read(key))?.version ?? 0;
      expect((await store.lease(key, { holder: "h", until: now() + 9_000 }, version, now())).taken).toBe(
        true,
      );
      expect(await store.fill(key, draft("b"), version)).toBe(version + 1);
    });

    const since = async (reader: CacheStore, cursor: string) => {
      await world.pump?.();
      return reader.changes(cursor);
    };

    it("tells another process of sets, deletes and bumps, and of nothing else", async () => {
      const { cursor } = await since(world.other, (await world.other.changes(undefined)).cursor);
      const [key, filled, leased, mark] = [newKey(), newKey(), newKey(), newKey("mark")];
      await store.set(key, draft("a"));
      await store.delete(key, now() + 60_000);
      const version = await store.bump(mark);
      await store.fill(filled, draft("f"), 0);
      await store.lease(leased, { holder: "h", until: now() + 1_000 }, 0, now());
      const heard = await since(world.other, cursor);
      expect(heard.gap).toBe(false);
      const about = (change: Change) => [key, filled, leased, mark].includes(change.key ?? change.mark ?? "");
      expect(heard.changes.filter(about).map(({ id: _, ...change }) => change)).toEqual(
        expect.arrayContaining([
          { key, version: 1 },
          { key, version: 2 },
          { mark, version },
        ]),
      );
      expect(heard.changes.filter(about)).toHaveLength(3);
      expect((await since(world.other, heard.cursor)).changes.filter(about)).toEqual([]);
    });

    it("misses no change while 20 write and a reader listens, each under an id of its own", async () => {
      let { cursor } = await world.other.changes(undefined);
      const names = Array.from({ length: 200 }, () => newKey("feed"));
      let writing = true;
      const heard: Change[] = [];
      const listen = async () => {
        const news = await since(world.other, cursor);
        expect(news.gap).toBe(false);
        cursor = news.cursor;
        heard.push(...news.changes);
      };
      const reader = (async () => {
        while (writing) await listen();
      })();
      await race(20, async (n) => {
        for (const key of names.filter((_, index) => index % 20 === n)) await store.set(key, draft(key));
      });
      writing = false;
      await reader;
      await listen();
      const ours = heard.filter(({ key }) => key !== undefined && names.includes(key));
      expect(new Set(ours.map(({ key }) => key)).size).toBe(200);
      expect(new Set(ours.map(({ id }) => id)).size).toBe(ours.length);
    });
  });
};
