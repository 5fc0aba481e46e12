import { documents } from "../../core/kit/dynamo.ts";
import { dynamoStore } from "../../core/limits/dynamo-store.ts";
import { tableKeys } from "../../core/limits/infra.schema.ts";
import { startDynamo } from "./dynamodb.ts";
import { createMeter } from "./meter.ts";

const TABLE = "tenfold-test-LimitsTable";

/** The limiter's table on a real DynamoDB Local, stores that share nothing but it, and a meter of their calls. */
export const startLimitsTable = async () => {
  const dynamo = await startDynamo();
  await dynamo.createTable(TABLE, tableKeys);
  const { faults, reached } = dynamo;
  const store = () => dynamoStore(TABLE);
  // Connections stand before many requests at once need them, as they do in an environment that is warm.
  dynamo.faults.add({ fault: { kind: "latency", ms: 300 } });
  const params = { algorithm: "gcra", limit: 1, windowMs: 1_000, burst: 1 } as const;
  await Promise.all(
    Array.from({ length: 50 }, (_, n) => store().peek({ key: `warm ${n}`, params, cost: 0 }, 0)),
  );
  dynamo.faults.clear();
  return {
    faults,
    reached,
    store,
    table: TABLE,
    stores: (count: number) => Array.from({ length: count }, store),
    meter: createMeter(documents()),
    stop: () => dynamo.stop(),
  };
};
