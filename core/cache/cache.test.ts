import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gate, settle, standingClock, watched } from "../../test/kit/cache-world.ts";
import { createCache } from "./cache.ts";
import { LONGEST_LIFE_MS } from "./life.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { CacheOptions } from "./options.ts";

let clock: ReturnType<typeof standingClock>;
let lower: ReturnType<typeof watched>;
beforeEach(() => {
  clock = standingClock();
  lower = watched(createMemoryStore());
});
afterEach(() => clock.restore());

/** One process. */
const process = (options: Partial<CacheOptions> = {}) =>
  createCache({ namespace: "test", store: lower.store, sleep: clock.sleep, ...options });

const never = () => Promise.reject(new Error("The origin should not be asked"));

describe.each([
  ["with a store", () => process()],
  ["in memory alone", () => createCache({ namespace: "test", sleep: clock.sleep })],
])("a cache %s", (_name, create) => {
  it("gives back what was set until its time is over, to the millisecond", async () => {
    const cache = create();
    await cache.set("k", { a: [1] }, { ttl: 100 });
    clock.move(99);
    expect(await cache.get("k")).toEqual({ a: [1] });
    clock.move(1);
    expect(await cache.get("k")).toBeUndefined();
  });

  it("keeps what is told no end for the longest life there is, its grace included", async () => {
    const cache = create();
    await cache.set("set", 1, { ttl: Infinity, grace: Infinity });
    await cache.getOrSet("loaded", () => 2, { ttl: Infinity });
    await cache.set("graceful", 3, { ttl: 100, grace: Infinity });
    const all = () => Promise.all(["set", "loaded", "graceful"].map((key) => cache.get(key)));
    clock.move(LONGEST_LIFE_MS - 1);
    expect(await all()).toEqual([1, 2, undefined]);
    expect(await cache.getOrSet("graceful", () => 4, { grace: 1 })).toBe(3);
    await cache.settled();
    await cache.delete("graceful");
    clock.move(1);
    expect(await all()).toEqual([undefined, undefined, undefined]);
  });

  it("loads what is missing once, and then has it", async () => {
    const cache = create();
    expect(await cache.getOrSetWithInfo("k", () => "v", { ttl: 100, tags: ["t"] })).toMatchObject({
      value: "v",
      tier: "origin",
      fresh: true,
      loaded: true,
      tags: ["t"],
    });
    expect(await cache.getOrSetWithInfo<string>("k", never)).toMatchObject({
      value: "v",
      tier: "l1",
      loaded: false,
    });
  });

  it("keeps nothing with no time to live, and drops what a value of none replaces", async () => {
    const cache = create();
    expect(await cache.getOrSet("k", () => 1, { ttl: 0 })).toBe(1);
    expect(await cache.get("k")).toBeUndefined();
    await cache.set("k", 2);
    await cache.set("k", 3, { ttl: 0 });
    expect(await cache.get("k")).toBeUndefined();
  });

  it("remembers shortly that there is nothing, and tells null from undefined", async () => {
    const cache = create();
    const how = { ttl: 60_000, negativeTtl: 100, grace: 60_000 };
    expect(await cache.getOrSet<unknown>("n", () => null, how)).toBeNull();
    expect(await cache.getOrSet<unknown>("u", () => undefined, how)).toBeUndefined();
    expect(await cache.getOrSet<unknown>("n", never, how)).toBeNull();
    expect(await cache.getOrSet<unknown>("u", never, how)).toBeUndefined();
    expect(await cache.getWithInfo("u")).toMatchObject({ value: undefined });
    clock.move(100);
    expect(await cache.getOrSet("n", () => "there", how)).toBe("there");
    await cache.set("zero", "old", { ttl: 0 });
    expect(await cache.getOrSet<unknown>("zero", () => null, { negativeTtl: 0 })).toBeNull();
    expect(await cache.getOrSet("zero", () => "there", how)).toBe("there");
  });

  it("drops by key, by tag and all, and brings nothing back that was being loaded meanwhile", async () => {
    const cache = create();
    const drops: [string, () => Promise<number>][] = [
      ["a", () => cache.delete("a")],
      ["b", () => cache.invalidateTag("t")],
      ["c", () => cache.clear()],
      ["d", () => cache.set("d", "set")],
    ];
    for (const [key, drop] of drops) {
      const slow = gate<string>();
      const loading = cache.getOrSet(key, () => slow.promise, { tags: ["t"] });
      await settle();
      await drop();
      const after = cache.getOrSet(key, () => "after", { tags: ["t"] });
      expect(await after).toBe(key === "d" ? "set" : "after");
      slow.open("before");
      expect(await loading).toBe("before");
      expect(await cache.get(key)).toBe(key === "d" ? "set" : "after");
      expect(await cache.get(key, { consistency: "strong" })).toBe(key === "d" ? "set" : "after");
    }
  });

  it("serves what is stale at once within its grace, and loads anew behind it", async () => {
    const cache = create();
    const how = { ttl: 100, grace: 1_000 };
    await cache.getOrSet("k", () => "old", how);
    clock.move(100);
    const slow = gate<string>();
    let loads = 0;
    const load = () => {
      loads++;
      return slow.promise;
    };
    const answers = await Promise.all([1, 2, 3].map(() => cache.getOrSetWithInfo("k", load, how)));
    expect(answers.map(({ value, fresh }) => [value, fresh])).toEqual(Array(3).fill(["old", false]));
    expect(await cache.getOrSet("k", load, how)).toBe("old");
    slow.open("new");
    await cache.settled();
    expect(await cache.getOrSetWithInfo("k", load, how)).toMatchObject({ value: "new", fresh: true });
    expect(loads).toBe(1);
    expect(cache.stats().staleServed).toBe(4);
  });

  it("serves what is stale while the origin fails, asks it at most once a second, and fails when the grace is over", async () => {
    const cache = create();
    const how = { ttl: 100, grace: 5_000 };
    await cache.getOrSet("k", () => "old", how);
    let loads = 0;
    const load = () => {
      loads++;
      return Promise.reject(new Error(`no ${loads}`));
    };
    for (let second = 0; second < 5; second++) {
      clock.move(999);
      for (let n = 0; n < 10; n++) {
        expect(await cache.getOrSet("k", load, how)).toBe("old");
        await cache.settled();
      }
    }
    expect(loads).toBe(3);
    clock.move(1_200);
    const failures = await Promise.allSettled([1, 2, 3].map(() => cache.getOrSet("k", load, how)));
    expect(failures.map((each) => each.status === "rejected" && String(each.reason))).toEqual(
      Array(3).fill("Error: no 4"),
    );
    await expect(cache.getOrSet("k", load, how)).rejects.toThrow("no 4");
    clock.move(1_000);
    expect(await cache.getOrSet("k", () => "back", how)).toBe("back");
    expect(cache.stats().origin).toMatchObject({ failures: 4 });
  });

  it("fails a load that takes too long, and tells it to stop", async () => {
    const cache = create();
    const told: AbortSignal[] = [];
    const endless = (signal: AbortSignal) => {
      told.push(signal);
      return new Promise<never>(() => {});
    };
    await expect(cache.getOrSet("k", endless, { timeout: 5 })).rejects.toThrow("No answer within 5 ms");
    expect(told.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("cannot be changed through a value it gave or was given", async () => {
    const cache = create();
    const given = { list: [1], deep: { a: 1 } };
    await cache.set("plain", given);
    given.list.push(2);
    expect(Object.isFrozen(given)).toBe(false);
    const plain = await cache.get<typeof given>("plain");
    expect(() => plain?.list.push(3)).toThrow(TypeError);
    expect(await cache.get("plain")).toEqual({ list: [1], deep: { a: 1 } });

    const rich = await cache.getOrSet("rich", () => ({
      at: new Date(0),
      bytes: Buffer.from("ab"),
      map: new Map([[1, 2]]),
    }));
    rich.at.setTime(1);
    rich.bytes[0] = 0;
    rich.map.clear();
    expect(await cache.get("rich")).toEqual({
      at: new Date(0),
      bytes: Buffer.from("ab"),
      map: new Map([[1, 2]]),
    });
  });

  it("loads many who ask at once together, and each by themselves where protection is off", async () => {
    const cache = create();
    let loads = 0;
    const load = async () => ++loads;
    expect(await Promise.all(Array.from({ length: 50 }, () => cache.getOrSet("k", load)))).toEqual(
      Array(50).fill(1),
    );
    expect(cache.stats().waited).toBe(49);
    await Promise.all(Array.from({ length: 5 }, () => cache.getOrSet("other", load, { protect: false })));
    expect(loads).toBe(6);
  });

  it("reads and writes many", async () => {
    const cache = create();
    await cache.mset(new Map(Object.entries({ a: 1, b: 2, c: 3 })), { tags: ["t"] });
    await cache.set("d", 4);
    const found = await cache.mget(["a", "d", "x", "a"]);
    expect([...found].sort()).toEqual([
      ["a", 1],
      ["d", 4],
    ]);
    await cache.invalidateTag("t");
    expect([...(await cache.mget(["a", "b", "c", "d"], { consistency: "strong" }))]).toEqual([["d", 4]]);
    await cache.mset(new Map([["d", 5]]), { ttl: 0 });
    expect(await cache.mget(["d"])).toEqual(new Map());
  });

  it("refreshes ahead at the chance of XFetch, and never before it", async () => {
    let random = 0;
    const cache = createCache({ namespace: "ahead", sleep: clock.sleep, random: () => random });
    const how = { ttl: 1_000, refreshAhead: true };
    let loads = 0;
    const slow = async () => {
      clock.move(100); // the load takes 100 ms
      return ++loads;
    };
    expect(await cache.getOrSet("k", slow, how)).toBe(1);
    clock.move(800);
    random = 0.8; // 1 − 0.8 = 0.2: 100 · ln 5 = 161 ms before the end
    expect(await cache.getOrSet("k", slow, how)).toBe(1);
    clock.move(38);
    await cache.getOrSet("k", slow, how);
    await cache.settled();
    expect(loads).toBe(1);
    clock.move(2);
    expect(await cache.getOrSet("k", slow, how)).toBe(1);
    await cache.settled();
    expect(await cache.getOrSet("k", slow, how)).toBe(2);
    expect(loads).toBe(2);
  });

  it("refuses what is no key, no tag, no time and no data, and changes nothing", async () => {
    const cache = create();
    await cache.set("k", "kept");
    const refused: [Promise<unknown>, string][] = [
      [cache.get(""), "not empty"],
      [cache.set("x".repeat(10_240), 1), "1024 bytes"],
      [cache.set("k", 1, { tags: [""] }), "tag"],
      [cache.set("k", 1, { tags: Array(11).fill("t") }), "10 tags"],
      [cache.set("k", 1, { tags: ["é".repeat(65)] }), "128 bytes"],
      [cache.set("k", 1, { ttl: -1 }), "ttl"],
      [cache.set("k", 1, { ttl: Number.NaN }), "ttl"],
      [cache.getOrSet("k", never, { negativeTtl: -1, consistency: "strong" }), "negativeTtl"],
      [cache.getOrSet("k", never, { timeout: 60_000, consistency: "strong" }), "50000 ms"],
      [cache.set("k", () => 1), "data only"],
      [cache.set("k", Symbol("s")), "data only"],
      [cache.invalidateTag(""), "tag"],
    ];
    for (const [promise, why] of refused)
      await expect(promise).rejects.toMatchObject({
        kind: "invalid-request",
        message: expect.stringContaining(why),
      });
    expect(() => createCache({ namespace: "a:b" })).toThrow("namespace");
    const big = "x".repeat(5 * 1024 * 1024);
    const tooLarge = { kind: "value-too-large" };
    await expect(cache.set("k", big)).rejects.toMatchObject(tooLarge);
    await expect(
      cache.mset(
        new Map([
          ["k", "ok"],
          ["l", big],
        ]),
      ),
    ).rejects.toMatchObject(tooLarge);
    await expect(cache.set("k", { big: [big] })).rejects.toMatchObject(tooLarge);
    expect(await cache.get("k", { consistency: "strong" })).toBe("kept");
    expect(await cache.get("l")).toBeUndefined();
  });

  it("takes any other text as key", async () => {
    const cache = create();
    const keys = ["\u0000", "\ud800", "\ud801", "\ufffd", "a:b", ":", "__proto__", "é".repeat(512)];
    for (const key of keys) await cache.set(key, `of ${key}`);
    for (const key of keys) expect(await cache.get(key)).toBe(`of ${key}`);
    for (const key of keys) expect(await cache.get(key, { consistency: "strong" })).toBe(`of ${key}`);
  });
});
