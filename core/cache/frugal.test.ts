import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { standingClock, watched } from "../../test/kit/cache-world.ts";
import { createCache } from "./cache.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { CacheOptions } from "./options.ts";

let clock: ReturnType<typeof standingClock>;
let lower: ReturnType<typeof watched>;
beforeEach(() => {
  clock = standingClock();
  lower = watched(createMemoryStore());
});
afterEach(() => clock.restore());

const start = (options: Partial<CacheOptions> = {}) =>
  createCache({ namespace: "test", store: lower.store, sleep: clock.sleep, heeds: "needed", ...options });
const news = () => lower.calls().changes ?? 0;

describe("a cache that heeds others only where it is needed", () => {
  it("begins to hear with its first read, and asks for no news where it reads below anyway", async () => {
    const cache = start();
    await cache.get("a");
    expect(news()).toBe(1);
    clock.move(5_000);
    await cache.get("b");
    await cache.getOrSet("c", () => 1);
    expect(news()).toBe(0);
  });

  it("asks once in a second of use, where an entry of memory is about to be served", async () => {
    const [one, two] = [start(), start()];
    await one.getOrSet("a", () => 1);
    await two.set("a", 2);
    clock.move(999);
    lower.calls();
    expect(await one.get("a")).toBe(1);
    expect(news()).toBe(0);
    clock.move(1);
    expect(await one.get("a")).toBe(2);
    expect(await one.get("a")).toBe(2);
    expect(news()).toBe(1);
  });

  it("asks for none where an entry ended, or is younger than the news may be old", async () => {
    const cache = start();
    await cache.getOrSet("first", () => 1);
    clock.move(5_000);
    await cache.getOrSet("a", () => 1, { ttl: 1_500 });
    lower.calls();
    clock.move(900);
    await cache.get("a");
    clock.move(600);
    await cache.get("a");
    expect(news()).toBe(0);
  });
});

describe("a value that says how long it is kept", () => {
  const lifetime = (value: unknown) => value as number;

  it("is kept for no longer, in memory and below", async () => {
    const [one, two] = [start(), start()];
    await one.getOrSet("k", () => 300, { ttl: 10_000, lifetime });
    clock.move(299);
    expect(await two.get("k")).toBe(300);
    clock.move(1);
    expect([await one.get("k"), await two.get("k")]).toEqual([undefined, undefined]);
  });

  it("is not kept longer than others are, and at 0 not at all", async () => {
    const cache = start();
    await cache.getOrSet("long", () => 99_999, { ttl: 100, lifetime });
    await cache.getOrSet("none", () => 0, { ttl: 100, lifetime });
    expect([await cache.get("long"), await cache.get("none")]).toEqual([99_999, undefined]);
    clock.move(100);
    expect(await cache.get("long")).toBeUndefined();
  });
});
