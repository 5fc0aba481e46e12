import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "../../core/kit/problem.ts";
import type { Level } from "../../core/limits/judgement.ts";
import { judge, refund } from "../../core/limits/limiter.ts";
import { enlist } from "../../core/limits/lists.ts";
import { Rule } from "../../core/limits/rule.schema.ts";
import { define, drop } from "../../core/limits/rules.ts";
import { asTenant, startLimits } from "../kit/limits.ts";
import { newUser } from "../kit/shortener.ts";

/** Another process: modules of its own, so that what it learns this one does not. */
const elsewhereRules = () => {
  vi.resetModules();
  return import("../../core/limits/rules.ts");
};

describe("judging by stored rules", () => {
  let world: Awaited<ReturnType<typeof startLimits>>;
  const tenant = newUser();
  const admin = newUser("admins");
  beforeAll(async () => {
    world = await startLimits();
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    world.faults.clear();
    world.asAnother();
  });

  const { make, say, left } = asTenant(tenant);

  it("admits exactly the limit of many callers at once", async () => {
    const level = await make({ limit: 100 });
    const all = await Promise.all(Array.from({ length: 1_000 }, () => judge([level], {})));
    expect(all.filter(({ allowed }) => allowed)).toHaveLength(100);
  });

  it("takes nothing from any level where one denies", async () => {
    const wide = await make({ scope: "global", limit: 10 });
    const narrow = await make({ limit: 1 });
    expect(await say([narrow, wide])).toBe("true store store");
    expect(await say([narrow, wide])).toMatch(/^false/);
    expect(await left(wide)).toBe(9);
  });

  it("names the levels from wide to narrow, however they were asked", async () => {
    const [route, user, global] = [
      await make({ scope: "route" }),
      await make(),
      await make({ scope: "global" }),
    ];
    const { levels } = await judge([route, user, global], {});
    expect(levels.map(({ rule }) => rule.scope)).toEqual(["global", "user", "route"]);
  });

  it("gives back what is refunded, and no more", async () => {
    const level = await make();
    await judge([level], {}, 2);
    await refund([level], 1);
    expect(await left(level)).toBe(2);
    await refund([level], 5);
    expect(await left(level)).toBe(3);
  });

  it("counts all addresses of an IPv6 site, and all spellings of an address, as one", async () => {
    const level = await make({ scope: "ip", limit: 2 });
    expect(await say([{ ...level, key: "2001:db8::1" }])).toBe("true store");
    expect(await say([{ ...level, key: "2001:db8:0:0:ffff::9" }])).toBe("true store");
    expect(await say([{ ...level, key: "2001:db8::3" }])).toMatch(/^false/);
    expect(await say([{ ...level, key: "::ffff:192.0.2.1" }], 2)).toBe("true store");
    expect(await say([{ ...level, key: "192.0.2.1" }])).toMatch(/^false/);
  });

  it("keeps the keys of two tenants apart, whatever they are called", async () => {
    const level = await make({ limit: 1 });
    const other = newUser();
    const rule = { name: level.rule, algorithm: "token-bucket", limit: 1, window: 60, scope: "user" };
    await define(other, "you", parse(Rule, rule));
    expect(await say([level])).toBe("true store");
    expect(await say([{ ...level, owner: other.id }])).toBe("true store");
    expect(await say([level])).toMatch(/^false/);
  });

  describe("a rule", () => {
    it("that does not exist is told so, and nothing is changed", async () => {
      const before = world.reached.length;
      await expect(judge([{ owner: tenant.id, rule: "nobodys", key: "k" }], {})).rejects.toMatchObject({
        kind: "not-found",
      });
      expect(world.reached.slice(before).map(({ operation }) => operation)).toEqual(["Query", "Query"]);
    });

    it("that was made in another process is known at once", async () => {
      await judge([await make()], {});
      const { define: defineElsewhere } = await elsewhereRules();
      const made = {
        name: `r${randomUUID().slice(0, 8)}`,
        algorithm: "gcra",
        limit: 1,
        window: 60,
        scope: "user",
      };
      await defineElsewhere(tenant, "you", parse(Rule, made));
      expect(await say([{ owner: tenant.id, rule: made.name, key: "k" }])).toBe("true store");
    });

    it("that changed holds here at once, elsewhere within five seconds, and counts on", async () => {
      const level = await make({ limit: 2 });
      await judge([level], {}, 2);
      const changed = { name: level.rule, algorithm: "token-bucket", limit: 5, window: 60, scope: "user" };
      await define(tenant, "you", parse(Rule, changed));
      const judged = await judge([level], {});
      expect(judged.levels[0]?.rule.limit).toBe(5);
      const { define: defineElsewhere } = await elsewhereRules();
      await defineElsewhere(tenant, "you", parse(Rule, { ...changed, limit: 9 }));
      const now = async () => (await judge([level], {}, 0)).levels[0];
      expect((await now())?.rule.limit).toBe(5);
      world.advance(5_000);
      expect((await now())?.rule.limit).toBe(9);
      expect((await now())?.decision.remaining).toBeLessThan(9);
    });

    it("of the app stands as the code states it until an admin changes it, and again when the change is dropped", async () => {
      const level: Level = { rule: "anonymous-creation", key: "198.51.100.7" };
      const limit = async () => (await judge([level], {}, 0)).levels[0]?.rule.limit;
      expect(await limit()).toBe(300);
      const rule = { name: "anonymous-creation", algorithm: "gcra", limit: 7, window: 60, scope: "ip" };
      await define(admin, "app", parse(Rule, rule));
      expect(await limit()).toBe(7);
      await drop(admin, "app", "anonymous-creation");
      expect(await limit()).toBe(300);
    });
  });

  describe("who is on a list", () => {
    it("is let through without being counted, or denied", async () => {
      const level = await make({ limit: 1 });
      await enlist(tenant, "you", "allow", { kind: "key", value: level.key });
      expect(await say([level])).toBe("true allow-list");
      expect(await say([level])).toBe("true allow-list");
      await enlist(tenant, "you", "deny", { kind: "user", value: "mallory" });
      const judged = await judge([level], { user: "mallory" });
      expect([judged.allowed, judged.retryAfterMs]).toEqual([false, Number.POSITIVE_INFINITY]);
    });

    it.each([
      ["ip", "::ffff:203.0.113.7", "203.0.113.7", "203.0.113.8"],
      ["cidr", "203.0.113.129/25", "203.0.113.200", "203.0.113.100"],
      ["cidr", "::ffff:10.1.2.3/104", "10.255.0.1", "11.0.0.1"],
      ["cidr", "2001:db8:7::1/48", "2001:db8:7:ffff::2", "2001:db8:8::1"],
      ["api-key", "secret", "secret", "other"],
    ] as const)("by %s %s means %s and not %s", async (kind, value, meant, other) => {
      const level = await make({ limit: 100 });
      await enlist(tenant, "you", "deny", { kind, value });
      const asks = (text: string) => judge([level], kind === "api-key" ? { apiKey: text } : { ip: text });
      expect((await asks(meant)).allowed).toBe(false);
      expect((await asks(other)).allowed).toBe(true);
    });

    it("is on it until the time told", async () => {
      const level = await make();
      const until = new Date(world.now() + 10_000).toISOString();
      await enlist(tenant, "you", "deny", { kind: "key", value: level.key, until });
      const judged = await judge([level], {});
      expect([judged.allowed, judged.retryAfterMs]).toEqual([false, 10_000]);
      world.advance(10_000);
      expect((await judge([level], {})).allowed).toBe(true);
    });

    it("of another tenant's is nobody here", async () => {
      const level = await make();
      await enlist(newUser(), "you", "deny", { kind: "key", value: level.key });
      expect(await say([level])).toBe("true store");
    });
  });
});
