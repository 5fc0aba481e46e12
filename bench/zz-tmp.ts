import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { createCache as cm } from "cache-manager";
import { createCache } from "../core/cache/cache.ts";
import { createMemoryStore } from "../core/cache/memory-store.ts";

const time = async (name: string, fn: (n: number) => unknown, n = 200000) => {
  for (let i = 0; i < 20000; i++) await fn(i);
  const t = performance.now();
  for (let i = 0; i < n; i++) await fn(i);
  console.log(name, (((performance.now() - t) / n) * 1000).toFixed(3), "us");
};
const v = { id: 1, name: "a", tags: ["x", "y"] };
for (const serialize of [true, false]) {
  const bento = new BentoCache({
    default: "m",
    stores: { m: bentostore().useL1Layer(memoryDriver({ maxItems: 10000, serialize } as never)) },
  });
  await bento.set({ key: "k", value: v, ttl: "1h" });
  await time(`bento ser=${serialize} get`, () => bento.get({ key: "k" }));
  await time(`bento ser=${serialize} getOrSet`, () =>
    bento.getOrSet({ key: "k", factory: () => v, ttl: "1h" }),
  );
  await time(`bento ser=${serialize} set`, () => bento.set({ key: "k", value: v, ttl: "1h" }));
}
const m = cm();
await m.set("k", v, 3600000);
await time("cm get", () => m.get("k"));
await time("cm wrap", () => m.wrap("k", () => v, 3600000));
await time("cm set", () => m.set("k", v, 3600000));
for (const store of [undefined, createMemoryStore()]) {
  const c = createCache({ namespace: "n", ...(store && { store }) });
  const o = { ttl: 3600000 };
  await c.set("k", v, o);
  await time(`ours ${store?.name} get`, () => c.get("k"));
  await time(`ours ${store?.name} getOrSet`, () => c.getOrSet("k", () => v, o));
  await time(`ours ${store?.name} getOrSet ahead`, () =>
    c.getOrSet("k", () => v, { ttl: 3600000, refreshAhead: true }),
  );
  await time(`ours ${store?.name} set`, () => c.set("k", v, o), 50000);
  await time(`ours ${store?.name} set n`, (n) => c.set("k" + (n % 1000), v, o), 50000);
  console.log(JSON.stringify(c.stats()));
}
