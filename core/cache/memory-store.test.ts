import { cacheStoreSuite } from "../../test/kit/cache-store-suite.ts";
import { createMemoryStore } from "./memory-store.ts";

cacheStoreSuite("this process's memory", async () => {
  const store = createMemoryStore();
  return { store, other: store, stop: async () => {} };
});
