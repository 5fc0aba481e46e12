import { createDynamoStore } from "../../core/cache/dynamo-store.ts";
import { createMemoryStore } from "../../core/cache/memory-store.ts";
import { createValkeyStore } from "../../core/cache/valkey-store.ts";
import { openValkey } from "../../core/kit/valkey.ts";
import { cacheStoreSuite } from "../kit/cache-store-suite.ts";
import { startCacheTable } from "../kit/cache-tables.ts";
import { startCluster, startValkey } from "../kit/valkey.ts";

cacheStoreSuite("memory", async () => {
  const store = createMemoryStore();
  return { store, other: store, stop: async () => undefined };
});

cacheStoreSuite("a DynamoDB table", async () => {
  const world = await startCacheTable();
  return { ...world, other: createDynamoStore(world.table) };
});

const onServers = async (count: number) => {
  const servers = await Promise.all(Array.from({ length: count }, () => startValkey()));
  const settings = { mode: "single", nodes: servers.map(({ url }) => url) } as const;
  const [one, two] = [await openValkey(settings), await openValkey(settings)];
  return {
    store: createValkeyStore(one),
    other: createValkeyStore(two),
    stop: async () => {
      one.close();
      two.close();
      for (const server of servers) await server.stop();
    },
  };
};

cacheStoreSuite("one Valkey", () => onServers(1));
cacheStoreSuite("a ring of three Valkeys", () => onServers(3));

cacheStoreSuite("a Valkey cluster", async () => {
  const cluster = await startCluster();
  const settings = { mode: "cluster", nodes: cluster.urls } as const;
  const [one, two] = [await openValkey(settings), await openValkey(settings)];
  const replicas = await openValkey({ ...settings, reads: "replicas" });
  return {
    store: createValkeyStore(one, { replicas }),
    other: createValkeyStore(two),
    stop: async () => {
      for (const valkey of [one, two, replicas]) valkey.close();
      await cluster.stop();
    },
  };
});
