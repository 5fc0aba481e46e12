import { randomUUID } from "node:crypto";
import { tableKeys as cacheKeys } from "../../core/cache/infra.schema.ts";
import type { User } from "../../core/identity/user.schema.ts";
import { setClock } from "../../core/kit/clock.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { tableKeys as limitKeys } from "../../core/limits/infra.schema.ts";
import { tableKeys } from "../../core/shortener/infra.schema.ts";
import { find } from "../../core/shortener/links.ts";
import { startDynamo } from "./dynamodb.ts";
import { createMeter } from "./meter.ts";

const TABLE = "tenfold-test-ShortenerTable";
const CACHE = "tenfold-test-CacheTable";
const LIMITS = "tenfold-test-LimitsTable";

/** The shortener's surroundings: a real table, its links and settings, a clock that can be moved, a meter. */
export const startShortener = async (strategy: "hash" | "counter" = "hash") => {
  Object.assign(process.env, {
    SST_RESOURCE_App: JSON.stringify({ name: "tenfold", stage: "test" }),
    SST_RESOURCE_ShortenerTable: JSON.stringify({ name: TABLE, type: "sst.aws.Dynamo" }),
    SST_RESOURCE_CacheTable: JSON.stringify({ name: CACHE, type: "sst.aws.Dynamo" }),
    SST_RESOURCE_LimitsTable: JSON.stringify({ name: LIMITS, type: "sst.aws.Dynamo" }),
    SST_RESOURCE_ShortenerCodeKey: JSON.stringify({
      value: "a key that only tests know",
      type: "sst.sst.Linkable",
    }),
    CODE_STRATEGY: strategy,
    CODE_LEASE: "1000",
  });
  const dynamo = await startDynamo();
  await dynamo.createTable(TABLE, tableKeys);
  await dynamo.createTable(LIMITS, limitKeys);
  await dynamo.createTable(CACHE, cacheKeys);
  // Connections stand before many requests at once need them, as they do in an environment that is warm: while none is
  // answered, each of these opens one.
  dynamo.faults.add({ fault: { kind: "latency", ms: 300 } });
  await Promise.all(Array.from({ length: 50 }, (_, n) => find({ domain: "warm", code: String(n) })));
  dynamo.faults.clear();
  let ahead = 0;
  const restore = setClock(() => Date.now() + ahead);
  const { faults, reached, restart } = dynamo;
  return {
    faults,
    reached,
    restart,
    table: TABLE,
    cacheTable: CACHE,
    meter: createMeter(documents()),
    /** Moves the domain's clock forward. */
    advance: (ms: number) => {
      ahead += ms;
    },
    stop: async () => {
      restore();
      await dynamo.stop();
    },
  };
};

/** Somebody nobody has met. */
export const newUser = (...groups: string[]): User => ({ id: randomUUID(), name: "somebody", groups });

let urls = 0;
/** A URL nobody has shortened. */
export const newUrl = (): string => `https://example.com/page/${++urls}-${randomUUID()}`;
