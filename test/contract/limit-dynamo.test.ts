import { limitStoreSuite } from "../kit/limit-store-suite.ts";
import { startLimitsTable } from "../kit/limits-table.ts";

limitStoreSuite("dynamodb", async () => {
  const world = await startLimitsTable();
  return { stores: [world.store()], close: () => world.stop() };
});
