import { createCache } from "../core/cache/cache.ts";

const c = createCache({ namespace: "n" });
const v = { id: 1, name: "a", tags: ["x", "y"] };
const t = performance.now();
for (let i = 0; i < 60000; i++) await c.set("k", v, { ttl: 3600000 });
console.log(((performance.now() - t) / 60000) * 1000);
