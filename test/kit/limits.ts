import { randomUUID } from "node:crypto";
import type { User } from "../../core/identity/user.schema.ts";
import { setClock } from "../../core/kit/clock.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { parse } from "../../core/kit/problem.ts";
import { forgetBans } from "../../core/limits/bans.ts";
import { forgetBooks } from "../../core/limits/book.ts";
import { tableKeys } from "../../core/limits/infra.schema.ts";
import type { Level } from "../../core/limits/judgement.ts";
import { judge } from "../../core/limits/limiter.ts";
import { asStated, policies } from "../../core/limits/policies.schema.ts";
import { MAX_LIMIT, type NewRule, Rule } from "../../core/limits/rule.schema.ts";
import { define } from "../../core/limits/rules.ts";
import { setStores } from "../../core/limits/stores.ts";
import type { Running } from "../../local/start.ts";
import { startDynamo } from "./dynamodb.ts";
import { createMeter } from "./meter.ts";

const TABLE = "tenfold-test-LimitsTable";

/** The limiter's surroundings: a real table, a clock that stands still until it is moved, a meter, and other processes. */
export const startLimits = async () => {
  Object.assign(process.env, {
    SST_RESOURCE_App: JSON.stringify({ name: "tenfold", stage: "test" }),
    SST_RESOURCE_LimitsTable: JSON.stringify({ name: TABLE, type: "sst.aws.Dynamo" }),
  });
  const dynamo = await startDynamo();
  await dynamo.createTable(TABLE, tableKeys);
  let at = Date.UTC(2026, 10, 24, 12);
  const restore = setClock(() => at);
  /** This process forgets all it knows: from now on it is another. */
  const asAnother = () => {
    forgetBooks();
    forgetBans();
    setStores();
  };
  asAnother();
  const { faults, reached, restart } = dynamo;
  return {
    faults,
    reached,
    restart,
    asAnother,
    table: TABLE,
    meter: createMeter(documents()),
    /** Moves the clock, by milliseconds. */
    advance: (ms: number) => {
      at += ms;
    },
    now: () => at,
    stop: async () => {
      restore();
      asAnother();
      await dynamo.stop();
    },
  };
};

/** A user who makes rules and asks for decisions by them. */
export const asTenant = (tenant: User) => {
  const make = async (rule: Partial<NewRule> = {}): Promise<Level> => {
    const name = `r${randomUUID().slice(0, 8)}`;
    const input = { name, algorithm: "token-bucket", limit: 3, window: 60, scope: "user", ...rule };
    await define(tenant, "you", parse(Rule, input));
    return { owner: tenant.id, rule: name, key: randomUUID() };
  };
  const say = async (levels: readonly Level[], cost = 1) => {
    const { allowed, levels: judged } = await judge(levels, {}, cost);
    return [allowed, ...judged.map(({ decidedBy }) => decidedBy)].join(" ");
  };
  const left = async (level: Level) => (await judge([level], {}, 0)).levels[0]?.decision.remaining;
  return { make, say, left };
};

/** Raises the app's limits as far as they go, as an admin may, for what measures something else. Holds everywhere within seconds. */
export const raiseLimits = async (app: Pick<Running, "url" | "tokenOf">): Promise<void> => {
  const token = await app.tokenOf("moderator@tenfold.example");
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  for (const rule of policies.values()) {
    if (asStated.has(rule.name)) continue;
    const answer = await fetch(`${app.url}/api/v1/limits/rules?owner=app`, {
      method: "PUT",
      headers,
      body: JSON.stringify(raised(rule)),
    });
    if (!answer.ok) throw new Error(`${rule.name} was not raised: ${answer.status} ${await answer.text()}`);
  }
};

// A log holds so many and no more: a bucket of the same scope stands in.
const raised = ({ name, scope }: Rule) => ({
  name,
  scope,
  algorithm: "token-bucket",
  limit: MAX_LIMIT,
  window: 60,
  burst: MAX_LIMIT,
  lease: scope === "global" || scope === "route" ? 10_000 : 1_000,
});
