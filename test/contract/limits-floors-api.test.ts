import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "../../core/kit/problem.ts";
import { check, forget, giveBack } from "../../core/limits/checking.ts";
import { levelsOf } from "../../core/limits/guards.ts";
import { judge } from "../../core/limits/limiter.ts";
import { delist, enlist, listed } from "../../core/limits/lists.ts";
import { type NewRule, Rule } from "../../core/limits/rule.schema.ts";
import { define, drop, standingRules } from "../../core/limits/rules.ts";
import { usageOf } from "../../core/limits/usage.ts";
import { startLimits } from "../kit/limits.ts";
import { newUser } from "../kit/shortener.ts";

type Cost = [calls: number, rcu: number, wcu: number];
type Work = () => Promise<unknown>;

describe("calls and units of the limiter's operations", () => {
  let world: Awaited<ReturnType<typeof startLimits>>;
  beforeAll(async () => {
    world = await startLimits();
  });
  afterAll(() => world.stop());

  const user = newUser();
  const rule = (changes: Partial<NewRule> = {}) =>
    parse(Rule, {
      name: `r${randomUUID().slice(0, 8)}`,
      algorithm: "token-bucket",
      limit: 100,
      window: 60,
      scope: "user",
      ...changes,
    });
  /** A rule this process knows, and a key nobody has asked for. */
  const asks = async (changes: Partial<NewRule> = {}) => {
    const made = rule(changes);
    await define(user, "you", made);
    return { rule: made.name, key: randomUUID(), cost: 1 };
  };
  const value = () => ({ kind: "key" as const, value: randomUUID() });
  const request = (limit: "read" | "write" | "redirect", ip: string) => () =>
    judge(levelsOf({ limit, route: "GET /x", ip, user: user.id }), { ip });

  const rows: [name: string, cost: Cost, prepare: () => Promise<Work>][] = [
    [
      "check by an exact rule",
      [1, 0, 1],
      async () => {
        const one = await asks();
        return () => check(user, one);
      },
    ],
    [
      "check after five seconds: the rules are looked at, once for all keys",
      [2, 0.5, 1],
      async () => {
        const own = newUser();
        const made = rule();
        await define(own, "you", made);
        world.advance(5_000);
        return () => check(own, { rule: made.name, key: randomUUID(), cost: 1 });
      },
    ],
    [
      "check of a key that was denied, again",
      [0, 0, 0],
      async () => {
        const one = await asks({ limit: 1, algorithm: "gcra" });
        await check(user, one);
        await check(user, one);
        return () => check(user, one);
      },
    ],
    [
      "check by a rule that leases, within the lease",
      [0, 0, 0],
      async () => {
        const one = await asks({ lease: 20 });
        await check(user, one);
        return () => check(user, one);
      },
    ],
    [
      "check by a rule that bans, of a key this process knows",
      [1, 0, 1],
      async () => {
        const one = await asks({ ban: { after: 9, within: 60, for: 60 } });
        await check(user, one);
        return () => check(user, one);
      },
    ],
    [
      "check of who is banned",
      [0, 0, 0],
      async () => {
        const one = await asks({ limit: 1, ban: { after: 1, within: 60, for: 600 } });
        for (let n = 0; n < 3; n++) await check(user, one);
        return () => check(user, one);
      },
    ],
    [
      "check of who is on a list",
      [0, 0, 0],
      async () => {
        const one = await asks();
        await enlist(user, "you", "allow", { kind: "key", value: one.key });
        return () => check(user, one);
      },
    ],
    [
      "refund: a conditional write, and a look",
      [2, 1, 1],
      async () => {
        const one = await asks();
        await check(user, one);
        return () => giveBack(user, one);
      },
    ],
    [
      "reset: the key, and a look",
      [2, 1, 1],
      async () => {
        const owner = newUser();
        const made = rule();
        await define(owner, "you", made);
        const one = { rule: made.name, key: "k", cost: 1 };
        await check(owner, one);
        return () => forget(owner, one);
      },
    ],
    [
      "reset, by who has many rules: the same",
      [2, 1, 1],
      async () => {
        const owner = newUser();
        const made = Array.from({ length: 12 }, () => rule({ ban: { after: 3, within: 60, for: 60 } }));
        for (const one of made) await define(owner, "you", one);
        const { name } = rule();
        await define(owner, "you", rule({ name }));
        await check(owner, { rule: name, key: "k", cost: 1 });
        return () => forget(owner, { rule: name, key: "k" });
      },
    ],
    [
      "usage of a key by one rule: a look at the rules and one at the key",
      [2, 2, 0],
      async () => {
        const one = await asks();
        return () => usageOf(user, "192.0.2.1", one);
      },
    ],
    ["what the app leaves to the caller", [6, 6, 0], async () => () => usageOf(user, "192.0.2.1", {})],
    ["rules", [1, 1, 0], async () => () => standingRules(user)],
    [
      "define a new rule: tried as a change first, then looked at",
      [3, 1, 2],
      async () => {
        const owner = newUser();
        return () => define(owner, "you", rule());
      },
    ],
    [
      "change a rule",
      [2, 1, 1],
      async () => {
        const owner = newUser();
        const made = rule();
        await define(owner, "you", made);
        return () => define(owner, "you", { ...made, limit: 5 });
      },
    ],
    [
      "drop a rule",
      [2, 1, 1],
      async () => {
        const owner = newUser();
        const made = rule();
        await define(owner, "you", made);
        return () => drop(owner, "you", made.name);
      },
    ],
    [
      "read a list",
      [1, 1, 0],
      async () => {
        const owner = newUser();
        await enlist(owner, "you", "deny", value());
        return () => listed(owner, "you", "deny");
      },
    ],
    [
      "put on a list",
      [3, 1, 2],
      async () => {
        const owner = newUser();
        return () => enlist(owner, "you", "deny", value());
      },
    ],
    [
      "take off a list",
      [2, 1, 1],
      async () => {
        const owner = newUser();
        const entry = value();
        await enlist(owner, "you", "deny", entry);
        return () => delist(owner, "you", "deny", entry);
      },
    ],
    [
      "guard of a read, of a caller this process knows",
      [0, 0, 0],
      async () => {
        await request("read", "192.0.2.2")();
        return request("read", "192.0.2.2");
      },
    ],
    [
      "guard of a read in a new environment, whose levels are at rest: a lease of each, at once",
      [4, 0, 4],
      async () => {
        await request("read", "192.0.2.7")();
        world.advance(120_000);
        world.asAnother();
        return request("read", "192.0.2.7");
      },
    ],
    [
      "guard of a read a quarter of a minute after the last: the rules are looked at, and nothing leased anew",
      [1, 0.5, 0],
      async () => {
        await request("read", "192.0.2.8")();
        return () => {
          world.advance(15_000);
          return request("read", "192.0.2.8")();
        };
      },
    ],
    [
      "guard of a write, of a caller this process knows",
      [0, 0, 0],
      async () => {
        await request("write", "192.0.2.3")();
        return request("write", "192.0.2.3");
      },
    ],
    ["guard of a redirect, of anybody", [0, 0, 0], async () => request("redirect", "192.0.2.4")],
  ];

  it.each(rows)("%s", async (_name, [calls, rcu, wcu], prepare) => {
    const work = await prepare();
    await judge([{ rule: "redirect-ip", key: "warm" }], {}); // the app's rules are known
    expect(await world.meter.measure(work)).toMatchObject({ calls, rcu, wcu });
  });

  it("a thousand reads of one caller cost a call a hundred, and a few", async () => {
    const read = request("read", "192.0.2.5");
    const { calls, wcu } = await world.meter.measure(async () => {
      for (let n = 0; n < 1_000; n++) await read();
    });
    expect(calls).toBeLessThanOrEqual(30);
    expect(wcu).toBeLessThanOrEqual(60);
  });

  it("four thousand redirects of one caller cost none", async () => {
    const redirect = request("redirect", "192.0.2.6");
    await redirect();
    const { calls } = await world.meter.measure(async () => {
      for (let n = 0; n < 4_000; n++) await redirect();
    });
    expect(calls).toBe(0);
  });
});
