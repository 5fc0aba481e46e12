import { tableKeys } from "#core/limits/infra.schema.ts";
import { startDynamo } from "../test/kit/dynamodb.ts";
import { startValkey } from "../test/kit/valkey.ts";
import { type Row, report } from "./kit/report.ts";
import { type Contender, deniedOf, exactnessOf, type Race, speedOf } from "./peers/contender.ts";
import { limiters } from "./peers/limiters.ts";

const TABLE = "bench-limits";

// How many are under way at once: what a warm process of each store may see.
const races: Readonly<Record<string, Race>> = {
  memory: { rounds: 7, times: 100_000, atOnce: 1 },
  "DynamoDB Local": { rounds: 3, times: 500, atOnce: 16 },
  Valkey: { rounds: 7, times: 10_000, atOnce: 16 },
};
// In memory where denials are remembered, so a short run: some peers ask again each time.
const again: Readonly<Record<string, Race>> = {
  memory: { rounds: 7, times: 50_000, atOnce: 1 },
  "DynamoDB Local": { rounds: 3, times: 500, atOnce: 16 },
  Valkey: { rounds: 7, times: 5_000, atOnce: 16 },
};

/** Those of one store side by side. */
const each = async (
  all: readonly Contender[],
  how: Readonly<Record<string, Race>>,
  measure: (contenders: readonly Contender[], how: Race) => Promise<Row[]>,
): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const [store, race] of Object.entries(how))
    rows.push(
      ...(await measure(
        all.filter((one) => one.store === store),
        race,
      )),
    );
  return rows;
};

/** Decisions beside rate-limiter-flexible and @upstash/ratelimit, on the same servers, in the same run. */
export const limits = async (): Promise<void> => {
  const dynamo = await startDynamo();
  const valkey = await startValkey();
  await dynamo.createTable(TABLE, tableKeys);
  const generous = await limiters(10_000, TABLE, valkey.url);
  const strict = await limiters(100, TABLE, valkey.url);
  try {
    report(
      "limits",
      "Rate limiter: decisions over 1,000 keys, all let through",
      await each(generous.all, races, speedOf),
    );
    const exact: Row[] = [];
    for (const contender of strict.all) exact.push(await exactnessOf(contender, "contended"));
    report("limits-exact", "Rate limiter: 1,000 at once at a limit of 100, then 10 more", exact);
    report(
      "limits-denied",
      "Rate limiter: a key that was denied, denied again",
      await each(strict.all, again, (contenders, how) => deniedOf(contenders, "contended", how)),
    );
  } finally {
    generous.stop();
    strict.stop();
    await valkey.stop();
    await dynamo.stop();
  }
};
