import pMap from "p-map";
import { expect, it } from "vitest";
import { type CacheStore, type Change, FENCE_MS } from "../../core/cache/store.ts";
import { now } from "../../core/kit/clock.ts";
import { draft, newKey, type StoreUnderTest, text } from "./cache-drafts.ts";

/** The part of the suite in which many want the same: concurrent writers, leases, the feed. */
export const cacheStoreRaces = ({
  world,
  advance,
}: {
  readonly world: () => StoreUnderTest;
  /** Moves the clock. */
  readonly advance: (ms: number) => void;
}): void => {
  const race = <T>(n: number, work: (n: number) => Promise<T>) =>
    pMap(Array.from({ length: n }).keys(), work, {
      concurrency: world().connections ?? Number.POSITIVE_INFINITY,
    });
  const read = async (key: string) => (await world().store.get(key, { strong: true })).entry;

  it("counts 1,000 concurrent sets of a key one by one, each version answered once", async () => {
    await world().warm?.();
    const key = newKey();
    const versions = await race(1_000, (n) =>
      (n % 2 ? world().store : world().other).set(key, draft(`${n}`)),
    );
    expect(new Set(versions).size).toBe(1_000);
    const last = await read(key);
    const highest = Math.max(...versions);
    expect(highest - Math.min(...versions)).toBe(999);
    expect(last?.version).toBe(highest);
    expect(text(last)).toBe(String(versions.indexOf(highest)));
  });

  it("lets one of 100 concurrent fills in", async () => {
    await world().warm?.();
    const key = newKey();
    const answers = await race(100, (n) =>
      (n % 2 ? world().store : world().other).fill(key, draft(`${n}`), 0),
    );
    const [version, ...others] = answers.filter((answer) => answer !== undefined);
    expect(others).toEqual([]);
    expect(await read(key)).toMatchObject({ version });
    expect(text(await read(key))).toBe(String(answers.indexOf(version)));
  });

  it("gives the lease to one of 500 who ask at once, and tells the others whose it is", async () => {
    await world().warm?.();
    const key = newKey();
    const until = now() + 5_000;
    const answers = await race(500, (n) =>
      (n % 2 ? world().store : world().other).lease(key, { holder: `h${n}`, until }, 0, now()),
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
    const version = await world().store.set(key, draft("a"));
    const dead = { holder: "dead", until: now() + 3_000 };
    expect(await world().store.lease(key, dead, version, now())).toEqual({ taken: true, entry: undefined });
    expect(await world().store.lease(key, dead, version, now())).toMatchObject({ taken: true });
    const next = () => world().store.lease(key, { holder: "next", until: now() + 3_000 }, version, now());
    expect(await next()).toMatchObject({ taken: false, entry: { version, lease: dead } });
    advance(3_000);
    expect(await read(key)).not.toHaveProperty("lease");
    expect((await next()).taken).toBe(true);
    expect(text(await read(key))).toBe("a");
  });

  it("ends a lease with a set, a delete, a fill or its release by the holder; others release nothing", async () => {
    const ends: ((key: string, version: number) => Promise<unknown>)[] = [
      (key) => world().store.set(key, draft("b")),
      (key) => world().store.delete(key, now() + 60_000),
      (key, version) => world().store.fill(key, draft("b"), version),
      (key) => world().store.release(key, "me"),
    ];
    for (const end of ends) {
      const key = newKey();
      const version = await world().store.set(key, draft("a"));
      await world().store.lease(key, { holder: "me", until: now() + 9_000 }, version, now());
      await world().store.release(key, "somebody else");
      expect((await read(key))?.lease).toMatchObject({ holder: "me" });
      await end(key, version);
      expect(await read(key)).not.toHaveProperty("lease");
    }
    await world().store.release(newKey(), "me");
  });

  it("lets a fill by whose lease is there in, and none by whose is not", async () => {
    const [key, forgotten] = [newKey(), newKey()];
    await world().store.lease(key, { holder: "me", until: now() + 9_000 }, 0, now());
    expect(await world().store.fill(key, draft("a"), 0, "another")).toBeUndefined();
    const version = await world().store.fill(key, draft("a"), 0, "me");
    expect(await read(key)).toMatchObject({ version });
    expect(await world().store.fill(key, draft("b"), version ?? 0, "me")).toBeUndefined();
    expect(await world().store.fill(forgotten, draft("a"), 0, "me")).toBeUndefined();
  });

  it("refuses a lease to whoever saw another version", async () => {
    const key = newKey();
    const old = await world().store.set(key, draft("a"));
    const version = await world().store.set(key, draft("b"));
    const answer = await world().store.lease(key, { holder: "h", until: now() + 9_000 }, old, now());
    expect(answer).toMatchObject({ taken: false, entry: { version } });
    expect(text(answer.entry)).toBe("b");
    expect((await world().store.lease(key, { holder: "h", until: now() + 9_000 }, 0, now())).taken).toBe(
      false,
    );
  });

  it("gives the lease on what is long gone to whoever saw its last version", async () => {
    const key = newKey();
    await world().store.set(key, draft("a"));
    advance(90_000 + FENCE_MS);
    const version = (await read(key))?.version ?? 0;
    expect(
      (await world().store.lease(key, { holder: "h", until: now() + 9_000 }, version, now())).taken,
    ).toBe(true);
    expect(await world().store.fill(key, draft("b"), version)).toBe(version + 1);
  });

  const since = async (reader: CacheStore, cursor: string) => {
    await world().pump?.();
    return reader.changes(cursor);
  };

  it("tells another process of sets, deletes and bumps, and of nothing else", async () => {
    const { cursor } = await since(world().other, (await world().other.changes(undefined)).cursor);
    const [key, filled, leased, mark] = [newKey(), newKey(), newKey(), newKey("mark")];
    const set = await world().store.set(key, draft("a"));
    const deleted = await world().store.delete(key, now() + 60_000);
    const version = await world().store.bump(mark);
    await world().store.fill(filled, draft("f"), 0);
    await world().store.lease(leased, { holder: "h", until: now() + 1_000 }, 0, now());
    const heard = await since(world().other, cursor);
    expect(heard.gap).toBe(false);
    const about = (change: Change) => [key, filled, leased, mark].includes(change.key ?? change.mark ?? "");
    expect(heard.changes.filter(about).map(({ id: _, ...change }) => change)).toEqual(
      expect.arrayContaining([
        { key, version: set },
        { key, version: deleted },
        { mark, version },
      ]),
    );
    expect(heard.changes.filter(about)).toHaveLength(3);
    expect((await since(world().other, heard.cursor)).changes.filter(about)).toEqual([]);
  });

  it("misses no change while 20 write and a reader listens, each under an id of its own", async () => {
    let { cursor } = await world().other.changes(undefined);
    const names = Array.from({ length: 200 }, () => newKey("feed"));
    let writing = true;
    const heard: Change[] = [];
    const listen = async () => {
      const news = await since(world().other, cursor);
      expect(news.gap).toBe(false);
      cursor = news.cursor;
      heard.push(...news.changes);
    };
    const reader = (async () => {
      while (writing) await listen();
    })();
    await race(20, async (n) => {
      for (const key of names.filter((_, index) => index % 20 === n))
        await world().store.set(key, draft(key));
    });
    writing = false;
    await reader;
    await listen();
    const ours = heard.filter(({ key }) => key !== undefined && names.includes(key));
    expect(new Set(ours.map(({ key }) => key)).size).toBe(200);
    expect(new Set(ours.map(({ id }) => id)).size).toBe(ours.length);
  });
};
