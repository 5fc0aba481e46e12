import { createDynamoStore } from "../../core/cache/dynamo-store.ts";
import { cacheStoreSuite } from "../kit/cache-store-suite.ts";
import { startCacheTable } from "../kit/cache-tables.ts";

cacheStoreSuite("a DynamoDB table", async () => {
  const world = await startCacheTable();
  return { ...world, other: createDynamoStore(world.table) };
});
