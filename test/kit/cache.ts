import { tableKeys } from "../../core/cache/infra.schema.ts";
import { forgetTiers, journal } from "../../core/cache/tiers.ts";
import { setClock } from "../../core/kit/clock.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { startDynamo } from "./dynamodb.ts";
import { createMeter } from "./meter.ts";

const TABLE = "tenfold-test-CacheTable";

/** The cache's surroundings: a real table, its link, a clock that can be moved, a meter. */
export const startCache = async () => {
  Object.assign(process.env, {
    SST_RESOURCE_App: JSON.stringify({ name: "tenfold", stage: "test" }),
    SST_RESOURCE_CacheTable: JSON.stringify({ name: TABLE, type: "sst.aws.Dynamo" }),
  });
  const dynamo = await startDynamo();
  await dynamo.createTable(TABLE, tableKeys);
  let ahead = 0;
  const restore = setClock(() => Date.now() + ahead);
  const { faults, reached, restart } = dynamo;
  return {
    faults,
    reached,
    restart,
    table: TABLE,
    store: journal(),
    meter: createMeter(documents()),
    /** Moves the domain's clock forward. */
    advance: (ms: number) => {
      ahead += ms;
    },
    stop: async () => {
      restore();
      forgetTiers();
      await dynamo.stop();
    },
  };
};
