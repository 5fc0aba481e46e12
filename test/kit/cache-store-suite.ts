import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CacheStore } from "../../core/cache/store.ts";
import { now, setClock } from "../../core/kit/clock.ts";
import { draft, newKey, type StoreUnderTest, text } from "./cache-drafts.ts";
import { cacheStoreRaces } from "./cache-store-races.ts";

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
    const read = async (key: string) => (await store.get(key, { strong: true })).entry;

    it("finds nothing where nothing is", async () => {
      expect(await store.get(newKey())).toEqual({ entry: undefined, marks: {} });
      expect(await store.get(newKey(), { marks: ["m/never"] })).toEqual({
        entry: undefined,
        marks: { "m/never": 0 },
      });
    });

    it("gives back what was set, and counts versions up one by one", async () => {
      const key = newKey();
      const written = draft("a", { marks: { "t/x": 4, "t/y": 0 }, loadMs: 12.5 });
      const version = await store.set(key, written);
      expect(version).toBeGreaterThan(0);
      expect(await read(key)).toEqual({ ...written, body: expect.anything(), version });
      expect(text(await read(key))).toBe("a");
      expect(await store.set(key, draft("b"))).toBe(version + 1);
      expect(await read(key)).toMatchObject({ version: version + 1, marks: {}, loadMs: 0 });
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
      const version = await store.set(key, draft("old"));
      expect(await store.delete(key, now() + 60_000)).toBe(version + 1);
      expect(await store.fill(key, draft("late"), version)).toBeUndefined();
      expect(await read(key)).toMatchObject({ version: version + 1, body: null });
      expect(await store.fill(key, draft("loaded after it"), version + 1)).toBe(version + 2);
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
      const version = await store.set(key, draft("gone", { freshUntil: now(), keptUntil: now() }));
      expect(await read(key)).toMatchObject({ version, body: null });
      expect(await store.fill(key, draft("late"), 0)).toBeUndefined();
      expect(await store.fill(key, draft("after it"), version)).toBe(version + 1);
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
      const version = await store.set(dirty, draft("d", { dirty: true }));
      ahead += 40 * 86_400_000;
      expect(await read(endless)).toMatchObject({ freshUntil: Infinity, keptUntil: Infinity });
      expect(text(await read(dirty))).toBe("d");
      expect((await read(dirty))?.dirty).toBe(true);
      expect(await store.fill(dirty, draft("d"), version)).toBe(version + 1);
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
      const version = await store.set(key, draft(big));
      const found = await read(key);
      expect(Buffer.compare(found?.body ?? Buffer.alloc(0), big)).toBe(0);
      expect(await store.fill(key, draft(big.subarray(0, 700_000)), version)).toBe(version + 1);
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
      for (const [key, each] of written) expect((await store.set(key, draft(key))) - each).toBe(1);
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

    it("names the keys that begin so, whatever signs they hold, and no others", async () => {
      const start = `${newKey("keys")}/*?[`;
      const names = ["a", "", "{x}", "E#e", "\u{1f511}", "b\\"].map((each) => start + each);
      for (const key of names) await store.set(key, draft(key));
      await store.set(start.slice(0, -1), draft("another"));
      await store.bump(`${start}mark`);
      const found = new Set<string>();
      for await (const key of store.keys?.(start) ?? []) found.add(key);
      expect(found).toEqual(new Set(names));
    });

    cacheStoreRaces({
      world: () => world,
      advance: (ms) => {
        ahead += ms;
      },
    });
  });
};
