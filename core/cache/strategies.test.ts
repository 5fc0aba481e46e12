import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCache } from "./cache.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { Origin } from "./origin.ts";
import { flush, read, readAhead, writeAside, writeBehind, writeThrough } from "./strategies.ts";

/** Records in memory, of which every call can take its time or fail. */
const createRecords = (wait: () => Promise<unknown> = async () => {}) => {
  const records = new Map<string, { readonly value: number | undefined; readonly version: number }>();
  let fails = false;
  const origin: Origin<number> = {
    read: async (key) => {
      const value = records.get(key)?.value;
      await wait();
      return value;
    },
    write: async (key, value, version) => {
      await wait();
      if (fails) throw new Error("The records are down");
      if ((records.get(key)?.version ?? 0) >= version) return false;
      records.set(key, { value, version });
      return true;
    },
  };
  return {
    origin,
    value: (key: string) => records.get(key)?.value,
    fail: (does = true) => {
      fails = does;
    },
  };
};

const world = (wait?: () => Promise<unknown>) => {
  const store = createMemoryStore();
  const records = createRecords(wait);
  const start = () => ({ cache: createCache({ namespace: "s", store }), origin: records.origin });
  return { records, start, fronted: start() };
};

describe("the strategies", () => {
  it("write aside: the record, and the next reader loads it", async () => {
    const { fronted, records } = world();
    expect(await writeAside(fronted, "k", 1)).toBe(true);
    expect(await fronted.cache.get("k")).toBeUndefined();
    expect(await read(fronted, "k")).toBe(1);
    expect(await writeAside(fronted, "k", undefined)).toBe(true);
    expect(await readAhead(fronted, "k")).toBeUndefined();
    records.fail();
    await expect(writeAside(fronted, "k", 2)).rejects.toThrow("down");
    expect(await read(fronted, "k")).toBeUndefined();
  });

  it("write through: both, or where the record fails neither", async () => {
    const { fronted, records } = world();
    expect(await writeThrough(fronted, "k", 1)).toBe(true);
    expect([await fronted.cache.get("k"), records.value("k")]).toEqual([1, 1]);
    records.fail();
    await expect(writeThrough(fronted, "k", 2)).rejects.toThrow("down");
    expect(await fronted.cache.get("k")).toBeUndefined();
    expect(await read(fronted, "k")).toBe(1);
  });

  it("write behind: many become one, whatever is repeated, late or fails on the way", async () => {
    const { fronted, records } = world();
    const owed: string[] = [];
    for (let n = 1; n <= 50; n++)
      await writeBehind(fronted, "k", n, async (key) => void owed.push(key), { ttl: 1 });
    expect([await read(fronted, "k"), records.value("k")]).toEqual([50, undefined]);
    records.fail();
    await expect(flush(fronted, "k")).rejects.toThrow("down");
    records.fail(false);
    expect(await Promise.all(owed.map((key) => flush(fronted, key)))).toContain(true);
    expect(records.value("k")).toBe(50);
    expect(await flush(fronted, "k")).toBe(false);
  });

  it("leave cache and records of one mind, however writes of two processes meet", async () => {
    const write = fc.constantFrom(writeAside<number>, writeThrough<number>);
    const steps = fc.array(fc.tuple(fc.nat({ max: 1 }), write), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, async (scheduler, list) => {
        const { records, start } = world(() => scheduler.schedule(Promise.resolve()));
        const processes = [start(), start()];
        const writes = list.flatMap(([process, work], n) => {
          const fronted = processes[process] ?? start();
          return [work(fronted, "k", n), read(fronted, "k")];
        });
        await scheduler.waitFor(Promise.all(writes));
        for (const { cache } of processes) {
          const kept = await cache.get("k", { consistency: "strong" });
          if (kept !== undefined) expect(kept).toBe(records.value("k"));
        }
      }),
      { numRuns: 100 },
    );
  });
});
