import { tableKeys } from "#core/limits/infra.schema.ts";
import { startDynamo } from "../test/kit/dynamodb.ts";
import { startValkey } from "../test/kit/valkey.ts";
import { type Row, report } from "./kit/report.ts";
import { type Contender, exactnessOf, speedOf } from "./peers/contender.ts";
import { limiters } from "./peers/limiters.ts";

const TABLE = "bench-limits";

// Decisions, and how many are under way at once: what a warm process of each store may see.
const loads: Readonly<Record<string, readonly [times: number, atOnce: number]>> = {
  memory: [200_000, 1],
  "DynamoDB Local": [4_000, 16],
  Valkey: [40_000, 16],
};

const isLog = ({ algorithm }: Contender) => algorithm === "sliding-window-log";

/** Decisions beside rate-limiter-flexible and @upstash/ratelimit, on the same servers, in the same run. */
export const limits = async (): Promise<void> => {
  const dynamo = await startDynamo();
  const valkey = await startValkey();
  await dynamo.createTable(TABLE, tableKeys);
  const generous = await limiters(10_000, TABLE, valkey.url);
  const strict = await limiters(100, TABLE, valkey.url);
  try {
    const speed: Row[] = [];
    for (const contender of generous.all) {
      const [times, atOnce] = loads[contender.store] ?? [1_000, 1];
      speed.push(await speedOf(contender, isLog(contender) ? times / 4 : times, atOnce));
    }
    report("limits", "Rate limiter: decisions over 1,000 keys, all let through", speed);
    const exact: Row[] = [];
    for (const contender of strict.all) exact.push(await exactnessOf(contender, "contended"));
    report("limits-exact", "Rate limiter: 1,000 at once at a limit of 100, then 10 more", exact);
  } finally {
    generous.stop();
    strict.stop();
    await valkey.stop();
    await dynamo.stop();
  }
};
