import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "../../core/kit/problem.ts";
import { closeValkey } from "../../core/kit/valkey.ts";
import { judge } from "../../core/limits/limiter.ts";
import { type NewRule, Rule } from "../../core/limits/rule.schema.ts";
import { define } from "../../core/limits/rules.ts";
import { startLimits } from "../kit/limits.ts";
import { newUser } from "../kit/shortener.ts";
import { startValkey } from "../kit/valkey.ts";

describe("judging where a Valkey is configured", () => {
  let world: Awaited<ReturnType<typeof startLimits>>;
  let server: Awaited<ReturnType<typeof startValkey>>;
  const tenant = newUser();
  beforeAll(async () => {
    server = await startValkey();
    process.env.VALKEY_NODES = server.url;
    world = await startLimits();
  });
  afterAll(async () => {
    delete process.env.VALKEY_NODES;
    await closeValkey();
    await world.stop();
    await server.stop();
  });

  const make = async (changes: Partial<NewRule>) => {
    const name = `r${randomUUID().slice(0, 8)}`;
    const base = { name, algorithm: "gcra", limit: 100, window: 3_600, scope: "user" };
    await define(tenant, "you", parse(Rule, { ...base, ...changes }));
    return { owner: tenant.id, rule: name, key: randomUUID() };
  };

  it("rules are in the table and counts in Valkey: a decision costs no call to the table, and is exact", async () => {
    const level = await make({});
    await judge([level], {}, 0);
    const { calls, result } = await world.meter.measure(() =>
      Promise.all(Array.from({ length: 1_000 }, () => judge([level], {}))),
    );
    expect(calls).toBe(0);
    expect(result.filter(({ allowed }) => allowed)).toHaveLength(100);
  });

  it("a server that is gone leaves each rule to its own choice, and is used again when it is back", async () => {
    const [open, closed] = [await make({ onFailure: "open" }), await make({ onFailure: "closed" })];
    await judge([open], {});
    await server.kill();
    const said = async (level: typeof open) => (await judge([level], {})).levels[0]?.decidedBy;
    expect([await said(open), await said(closed)]).toEqual(["open", "closed"]);
    await server.restart();
    await expect
      .poll(async () => {
        world.advance(1_000);
        return said(closed);
      })
      .toBe("store");
  });
});
