import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gate, settle, standingClock, watched } from "../../test/kit/cache-world.ts";
import { createCache, createCaches } from "./cache.ts";
import { encode } from "./codec.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { CacheOptions } from "./options.ts";

let clock: ReturnType<typeof standingClock>;
let lower: ReturnType<typeof watched>;
beforeEach(() => {
  clock = standingClock();
  lower = watched(createMemoryStore());
});
afterEach(() => clock.restore());

/** One of several processes over one store. */
const start = (options: Partial<CacheOptions> = {}) =>
  createCache({ namespace: "test", store: lower.store, sleep: clock.sleep, random: () => 0.5, ...options });
/** One that has read the feed and knows the namespace's mark: as it is after its first request. */
const warm = async (options: Partial<CacheOptions> = {}) => {
  const cache = start(options);
  await cache.sync();
  await cache.get("warm");
  lower.calls();
  return cache;
};
const never = () => Promise.reject(new Error("The origin should not be asked"));
const strong = { consistency: "strong" } as const;

/** Moves the clock while anybody sleeps, until the work is done. */
const run = async <T>(work: Promise<T>, step = 50): Promise<T> => {
  let done = false;
  const end = () => {
    done = true;
  };
  work.then(end, end);
  for (;;) {
    await settle();
    if (done) return work;
    clock.move(step);
  }
};

describe("calls of a cache to its store", () => {
  it("makes none for a hit in memory, and one for a read of the store", async () => {
    const [one, two] = [await warm(), await warm()];
    await one.set("k", 1);
    expect(lower.calls()).toEqual({ set: 1 });
    expect(await one.get("k")).toBe(1);
    expect(lower.calls()).toEqual({});
    expect(await two.get("k")).toBe(1);
    expect(lower.calls()).toEqual({ get: 1 });
    expect(await two.get("k")).toBe(1);
    expect(lower.calls()).toEqual({});
  });

  it("makes one for a strong read, a set, a deletion, and for the invalidation of a tag or of all", async () => {
    const cache = await warm();
    await cache.set("k", 1, { tags: ["t"] });
    lower.calls();
    await cache.get("k", { ...strong, tags: ["t"] });
    expect(lower.calls()).toEqual({ get: 1 });
    await cache.delete("k");
    expect(lower.calls()).toEqual({ delete: 1 });
    await cache.invalidateTag("t");
    expect(lower.calls()).toEqual({ bump: 1 });
    await cache.set("k", 1, { tags: ["t"] });
    expect(lower.calls()).toEqual({ set: 1 });
    await cache.clear();
    expect(lower.calls()).toEqual({ bump: 1 });
    await cache.mset(new Map(Array.from({ length: 20 }, (_, n) => [`${n}`, n])));
    expect(lower.calls()).toEqual({ setMany: 1 });
  });

  it("makes three for a stampede of 500 in a process: read, lease, and the fill", async () => {
    const cache = await warm();
    let loads = 0;
    const load = async () => ++loads;
    const values = await Promise.all(Array.from({ length: 500 }, () => cache.getOrSet("k", load)));
    expect([loads, new Set(values).size]).toEqual([1, 1]);
    expect(lower.calls()).toEqual({ get: 1, lease: 1, fill: 1 });
    const strongly = Array.from({ length: 20 }, () => cache.getOrSet("s", load, strong));
    await Promise.all(strongly);
    expect(loads).toBe(2);
    expect(lower.calls()).toEqual({ get: 20, lease: 1, fill: 1 });
  });

  it("asks the feed once a second of use, for however many namespaces, and never where it is told not to", async () => {
    const caches = createCaches({ store: lower.store });
    const some = ["a", "b", "c"].map(caches);
    for (const cache of some) await cache.set("k", 1);
    await Promise.all(some.map((cache) => cache.get("other")));
    lower.calls();
    for (let second = 0; second < 3; second++) {
      clock.move(1_000);
      for (const cache of some) expect(await cache.get("k")).toBe(1);
      for (const cache of some) expect(await cache.get("k")).toBe(1);
    }
    expect(lower.calls()).toMatchObject({ changes: 3 });
    const alone = start({ syncMs: 0, l1: { ttl: 5_000 } });
    await alone.set("k", 1);
    lower.calls();
    clock.move(4_999);
    expect(await alone.get("k")).toBe(1);
    expect(lower.calls()).toEqual({});
    clock.move(1);
    expect(await alone.get("k")).toBe(1);
    expect(lower.calls()).toEqual({ get: 1 });
  });
});

describe("several processes over one store", () => {
  it("load once when 500 miss in ten of them", async () => {
    const processes = Array.from({ length: 10 }, () => start());
    const slow = gate<string>();
    let loads = 0;
    const load = () => {
      loads++;
      return slow.promise;
    };
    const all = Promise.all(Array.from({ length: 500 }, (_, n) => processes[n % 10]?.getOrSet("k", load)));
    await settle();
    clock.move(400);
    slow.open("v");
    expect(new Set(await run(all))).toEqual(new Set(["v"]));
    expect(loads).toBe(1);
  });

  it("go on when who has the lease dies: one takes over once it is over, and the dead one's fill comes late", async () => {
    const [dead, ...others] = Array.from({ length: 4 }, () => start());
    const lost = gate<string>();
    const abandoned = dead?.getOrSet("k", () => lost.promise, { timeout: 2_000 });
    await settle();
    let loads = 0;
    const load = () => `new ${++loads}`;
    const waiting = Promise.all(others.map((cache) => cache.getOrSet("k", load, { timeout: 2_000 })));
    await settle();
    clock.move(2_999);
    await settle();
    expect(loads).toBe(0);
    expect(await run(waiting)).toEqual(["new 1", "new 1", "new 1"]);
    lost.open("old");
    expect(await abandoned).toBe("old");
    expect(dead?.stats().lateFills).toBe(1);
    for (const cache of [dead, ...others]) expect(await cache?.get("k", strong)).toBe("new 1");
  });

  it("hand the lease on at once when a load fails", async () => {
    const [one, two] = [start(), start()];
    const failing = gate<string>();
    const first = one.getOrSet("k", () => failing.promise);
    await settle();
    const second = two.getOrSet("k", () => "second");
    await settle();
    failing.fail(new Error("no"));
    await expect(first).rejects.toThrow("no");
    await settle();
    clock.move(100);
    expect(await second).toBe("second");
  });

  it("see at once, reading strongly, what another did; and within a second of use otherwise", async () => {
    const [one, two] = [await warm(), await warm()];
    const drops: [string, () => Promise<number>, unknown][] = [
      ["set", () => one.set("set", "new"), "new"],
      ["delete", () => one.delete("delete"), undefined],
      ["tag", () => one.invalidateTag("t"), undefined],
      ["clear", () => one.clear(), undefined],
    ];
    for (const [key, drop, after] of drops) {
      await one.set(key, "old", { tags: ["t"], ...strong });
      expect(await two.get(key)).toBe("old");
      await drop();
      expect(await one.get(key)).toBe(after);
      expect(await two.get(key)).toBe("old");
      expect(await two.get(key, strong)).toBe(after);
      clock.move(1_000);
      expect(await two.get(key)).toBe(after);
    }
  });

  it("void what is loaded while another drops its tag", async () => {
    const [one, two] = [await warm(), await warm()];
    const slow = gate<string>();
    const loading = one.getOrSet("k", () => slow.promise, { tags: ["t"] });
    await settle();
    await two.invalidateTag("t");
    slow.open("old");
    expect(await loading).toBe("old");
    expect(await two.get("k", { tags: ["t"] })).toBeUndefined();
    expect(await two.get("k")).toBeUndefined();
    clock.move(1_000);
    expect(await one.get("k")).toBeUndefined();
  });

  it("go by versions where their clocks differ by an hour", async () => {
    const [late, early] = [start(), start()];
    clock.move(3_600_000);
    await early.set("k", "first", { ttl: 7_200_000 });
    clock.move(-3_600_000);
    await late.set("k", "second", { ttl: 7_200_000 });
    clock.move(3_600_000);
    expect(await early.get("k", strong)).toBe("second");
    clock.move(1_000);
    expect(await early.get("k")).toBe("second");
    clock.move(-3_600_000);
    expect(await late.get("k")).toBe("second");
  });

  it("keep nothing in memory of a read that was under way when its own process dropped the key", async () => {
    const answering = gate<void>();
    const store = {
      ...lower.store,
      get: async (...how: Parameters<typeof lower.store.get>) => {
        const found = await lower.store.get(...how);
        await answering.promise;
        return found;
      },
    };
    await start().set("k", "old");
    const cache = start({ store });
    const reading = cache.get("k");
    await settle();
    await cache.delete("k");
    answering.open();
    expect(await reading).toBeUndefined();
    expect(await cache.get("k")).toBeUndefined();
  });

  it("keep nothing in memory of a strong read that was under way when another's change was heard of", async () => {
    const answering = gate<void>();
    const store = {
      ...lower.store,
      get: async (...how: Parameters<typeof lower.store.get>) => {
        const found = await lower.store.get(...how);
        await answering.promise;
        return found;
      },
    };
    const other = start();
    await other.set("k", "old");
    const cache = start({ store });
    await cache.sync();
    const reading = cache.get("k", strong);
    await settle();
    await other.set("k", "new");
    await cache.sync();
    answering.open();
    expect(await reading).toBe("old");
    expect(await cache.get("k")).toBe("new");
  });

  it("join no load, reading strongly, that began before another's deletion", async () => {
    const [one, other] = [start(), start()];
    const slow = gate<string>();
    const before = one.getOrSet("k", () => slow.promise, strong);
    await settle();
    await other.delete("k");
    const after = one.getOrSet("k", () => "new", strong);
    await settle();
    slow.open("old");
    expect([await before, await run(after)]).toEqual(["old", "new"]);
  });

  it("trust no copy after a gap in the feed", async () => {
    const [one, two] = [await warm(), await warm()];
    await two.set("k", "old");
    await one.set("k", "new");
    for (let n = 0; n < 25_000; n++) await lower.store.bump(`other:${n % 10}`);
    clock.move(1_000);
    expect(await two.get("k")).toBe("new");
  });

  it("let who is told only by a replica that lags ask the primary copy", async () => {
    const store = createMemoryStore();
    let replica: Awaited<ReturnType<typeof store.get>> | undefined;
    const lagging = {
      ...store,
      get: async (...[key, how]: Parameters<typeof store.get>) =>
        (how?.strong ? undefined : replica) ?? store.get(key, how),
    };
    const cache = createCache({ namespace: "lag", store: lagging, l1: false });
    await cache.set("k", "old");
    replica = await store.get("lag:k");
    await cache.set("k", "new");
    expect(await cache.get("k")).toBe("new");
    await cache.delete("k");
    expect(await cache.get("k")).toBeUndefined();
  });
});

describe("an entry that is not the codec's", () => {
  it("is a miss that is counted, and is replaced by the next load", async () => {
    const good = encode({ a: "x".repeat(5_000) });
    const bad = [
      new Uint8Array(),
      Buffer.from("hello, I am no entry"),
      good.subarray(0, -1),
      good.with(20, (good[20] ?? 0) ^ 1),
      good.with(2, 9),
      good.with(3, 0),
    ];
    for (const [n, body] of bad.entries()) {
      const cache = start();
      const times = { freshUntil: Number.POSITIVE_INFINITY, keptUntil: Number.POSITIVE_INFINITY };
      await lower.store.set(`test:${n}`, { body, ...times, marks: {}, loadMs: 0 });
      expect(await cache.get(`${n}`)).toBeUndefined();
      expect(await cache.mget([`${n}`])).toEqual(new Map());
      expect(await cache.getOrSet(`${n}`, () => "good")).toBe("good");
      expect(cache.stats().poisoned).toBe(3);
      expect(await start().get(`${n}`)).toBe("good");
    }
  });
});

describe("a cache whose store is down", () => {
  it("goes on from memory for a second, then from the origin, once a second a key", async () => {
    const cache = await warm();
    await cache.set("k", "kept");
    lower.takeDown();
    clock.move(999);
    expect(await cache.getOrSet("k", never)).toBe("kept");
    let loads = 0;
    const load = () => ++loads;
    for (let tenth = 0; tenth < 50; tenth++) {
      clock.move(100);
      await cache.getOrSet("k", load);
    }
    expect(loads).toBe(5);
    expect(await cache.getOrSet("k", load, strong)).toBe(6);
    expect(await cache.get("other")).toBeUndefined();
    await expect(cache.get("other", strong)).rejects.toMatchObject({ kind: "unavailable" });
    expect(await cache.mget(["other"])).toEqual(new Map());
  });

  it("stops asking after five failures, tries again with one, and is back when it is", async () => {
    const cache = await warm();
    lower.takeDown();
    for (let n = 0; n < 20; n++) await cache.get(`${n}`);
    expect(cache.stats()).toMatchObject({ breaker: "open", storeErrors: expect.any(Number) });
    expect(Object.values(lower.calls()).reduce((sum, n) => sum + n, 0)).toBe(5);
    clock.move(1_000);
    expect(cache.stats().breaker).toBe("half-open");
    await Promise.all([1, 2, 3, 4].map((n) => cache.get(`${n}`)));
    expect(Object.values(lower.calls()).reduce((sum, n) => sum + n, 0)).toBe(1);
    lower.takeDown(false);
    clock.move(2_000);
    await cache.set("k", 1);
    expect(cache.stats().breaker).toBe("closed");
  });

  it("tells who writes or drops that it may not have happened, and keeps nothing of it in memory", async () => {
    const cache = await warm();
    const writes: (() => Promise<unknown>)[] = [
      () => cache.set("k", "new"),
      () => cache.mset(new Map([["k", "new"]])),
      () => cache.delete("k"),
      () => cache.invalidateTag("t"),
      () => cache.clear(),
    ];
    for (const write of writes) {
      await cache.set("k", "old", { tags: ["t"] });
      lower.takeDown();
      await expect(write()).rejects.toMatchObject({ kind: "unavailable" });
      expect(await cache.get("k")).toBeUndefined();
      lower.takeDown(false);
      clock.move(60_000);
    }
  });

  it("serves what memory has within its grace when the origin is down too", async () => {
    const cache = await warm();
    const how = { ttl: 100, grace: 5_000 };
    await cache.getOrSet("k", () => "old", how);
    lower.takeDown();
    clock.move(2_000);
    expect(await cache.getOrSetWithInfo("k", never, how)).toMatchObject({ value: "old", fresh: false });
    clock.move(3_100);
    await expect(cache.getOrSet("k", never, how)).rejects.toThrow();
  });
});

describe("what its origin does not have yet", () => {
  it("outlives its time and the drop of its tags until it is settled, by its version", async () => {
    const [one, two] = [await warm(), await warm()];
    const version = await one.set("k", "owed", { dirty: true, ttl: 100, tags: ["t"] });
    clock.move(1_000);
    await two.invalidateTag("t");
    expect(await two.getOrSetWithInfo("k", never)).toMatchObject({ value: "owed", dirty: true, version });
    expect(await two.clean("k", version - 1)).toBe(false);
    expect(await two.clean("k", version)).toBe(true);
    expect(await two.get("k", strong)).toBeUndefined();
  });
});
