import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createCache } from "../../core/cache/cache.ts";
import { createMemoryStore } from "../../core/cache/memory-store.ts";
import { report } from "../../core/cache/stats-flush.ts";
import { metrics } from "../../core/kit/metrics.ts";
import { startCache } from "../kit/cache.ts";

let world: Awaited<ReturnType<typeof startCache>>;
beforeAll(async () => {
  world = await startCache();
});
afterAll(() => world.stop());

it("each failure of the store and each load is one in the metrics, though figures are told in two ways", async () => {
  const added = vi.spyOn(metrics, "addMetric");
  const told = (name: string) =>
    added.mock.calls.filter(([metric]) => metric === name).reduce((sum, [, , value]) => sum + value, 0);
  let down = true;
  const store = createMemoryStore();
  const failing = {
    ...store,
    get: (...asked: Parameters<typeof store.get>) =>
      down ? Promise.reject(new Error("down")) : store.get(...asked),
  };
  const namespace = "u/ada/counted";
  const cache = createCache({ namespace, store: failing, l1: false, syncMs: 0 });
  for (let n = 0; n < 3; n++) await cache.get("a");
  down = false;
  for (let n = 0; n < 4; n++) await cache.getOrSet(`b${n}`, () => n);
  const { storeErrors, origin } = cache.stats();
  expect([storeErrors, origin.loads]).toEqual([3, 4]);
  // Figures of the process are told to the tally within a second of use, by it within ten, and to the table every ten.
  for (let n = 0; n < 3; n++) {
    world.advance(11_000);
    await cache.get("a");
    await report(namespace, cache.stats());
  }
  expect([told("CacheStoreErrors"), told("CacheLoads")]).toEqual([3, 4]);
});
