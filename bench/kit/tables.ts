import { tableKeys as cacheKeys } from "#core/cache/infra.schema.ts";
import { setClock } from "#core/kit/clock.ts";
import { documents } from "#core/kit/dynamo.ts";
import { tableKeys } from "#core/shortener/infra.schema.ts";
import { startDynamo } from "../../test/kit/dynamodb.ts";
import { createMeter } from "../../test/kit/meter.ts";

/** The links. */
export const TABLE = "tenfold-bench-ShortenerTable";
/** The cache. */
export const CACHE = "tenfold-bench-CacheTable";

/** Two tables, the meter of all that is asked of them, and a clock that is moved. */
export const startTables = async () => {
  const dynamo = await startDynamo();
  const link = (name: string) => JSON.stringify({ name, type: "sst.aws.Dynamo" });
  Object.assign(process.env, {
    SST_RESOURCE_App: JSON.stringify({ name: "tenfold", stage: "bench" }),
    SST_RESOURCE_ShortenerTable: link(TABLE),
    SST_RESOURCE_CacheTable: link(CACHE),
    // Past the endpoint that makes faults: this very process would serve it.
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${dynamo.port}`,
  });
  await dynamo.createTable(TABLE, tableKeys);
  await dynamo.createTable(CACHE, cacheKeys);
  let at = Date.now();
  const restore = setClock(() => at);
  return {
    meter: createMeter(documents()),
    advance: (ms: number) => {
      at += ms;
    },
    stop: async () => {
      restore();
      await dynamo.stop();
    },
  };
};
