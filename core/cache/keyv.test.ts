import suite, { keyvIteratorTests } from "@keyv/test-suite";
import Keyv from "keyv";
import * as vitest from "vitest";
import { createCaches } from "./cache.ts";
import { createKeyvStore } from "./keyv.ts";
import { createMemoryStore } from "./memory-store.ts";

const { describe, expect, it } = vitest;

describe("keyv's own tests of a store, over the cache in memory", () => {
  const caches = createCaches({});
  suite(vitest, Keyv, () => createKeyvStore(caches));
  keyvIteratorTests(vitest, Keyv, () => createKeyvStore(caches));
});

describe("keyv's own tests of a store, over the cache with a store below", () => {
  const caches = createCaches({ store: createMemoryStore() });
  suite(vitest, Keyv, () => createKeyvStore(caches));
  keyvIteratorTests(vitest, Keyv, () => createKeyvStore(caches));
});

describe("a keyv store", () => {
  const keyv = (namespace: string) =>
    new Keyv({ store: createKeyvStore(createCaches({ store: createMemoryStore() })), namespace });

  it("takes any text as namespace", async () => {
    const odd = keyv("a:b \u{1f600}");
    await odd.set("k", [1]);
    expect(await odd.get("k")).toEqual([1]);
    expect(await odd.has("k")).toBe(true);
    await odd.clear();
    expect(await odd.get("k")).toBeUndefined();
  });

  it("iterates over any key, and over more than are read at a time", async () => {
    const all = keyv("all");
    const keys = [...Array.from({ length: 250 }, (_, n) => `k${n}`), "*?[a]\\", "all:x", "\u{1f511}"];
    for (const key of keys) await all.set(key, `of ${key}`);
    await all.delete("k7");
    const found = new Map<string, unknown>();
    for await (const [key, value] of all.iterator?.({}) ?? []) found.set(key, value);
    expect(found.size).toBe(keys.length - 1);
    expect(found.get("*?[a]\\")).toBe("of *?[a]\\");
  });

  it("sets and deletes many", async () => {
    const many = keyv("many");
    await many.setMany([
      { key: "a", value: 1 },
      { key: "b", value: 2, ttl: 60_000 },
    ]);
    expect(await many.getMany(["a", "b", "c"])).toEqual([1, 2, undefined]);
    expect(await many.hasMany(["a", "c"])).toEqual([true, false]);
    expect(await many.deleteMany(["a", "c"])).toBe(true);
    expect(await many.deleteMany(["a", "c"])).toBe(false);
  });
});
