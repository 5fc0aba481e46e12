import pMap from "p-map";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Problem, parse } from "../../core/kit/problem.ts";
import { delist, enlist, listed } from "../../core/limits/lists.ts";
import { MAX_LISTED, MAX_RULES, policies } from "../../core/limits/policies.schema.ts";
import { Rule } from "../../core/limits/rule.schema.ts";
import { define, drop, standingRules } from "../../core/limits/rules.ts";
import { startLimits } from "../kit/limits.ts";
import { newUser } from "../kit/shortener.ts";

const rule = (name: string, limit = 5) =>
  parse(Rule, { name, algorithm: "gcra", limit, window: 60, scope: "user" });
const kinds = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.map((one) => (one.status === "fulfilled" ? "done" : (one.reason as Problem).kind));
// Sixteen at once: more would wait for the engine longer than the client does.
const times = <T>(howMany: number, make: (n: number) => Promise<T>) =>
  pMap(
    Array.from({ length: howMany }, (_, n) => n),
    async (n) => (await Promise.allSettled([make(n)]))[0],
    {
      concurrency: 16,
    },
  );

describe("rules and lists", () => {
  let world: Awaited<ReturnType<typeof startLimits>>;
  beforeAll(async () => {
    world = await startLimits();
  });
  afterAll(() => world.stop());
  const own = async (user: ReturnType<typeof newUser>) =>
    (await standingRules(user)).filter(({ owner }) => owner === "you");

  it("are bounded for each owner, however many are made at once", async () => {
    const user = newUser();
    const outcomes = await times(MAX_RULES + 20, (n) => define(user, "you", rule(`r${n}`)));
    expect(kinds(outcomes).filter((kind) => kind === "done")).toHaveLength(MAX_RULES);
    expect(kinds(outcomes).filter((kind) => kind === "too-many-rules")).toHaveLength(20);
    expect(await own(user)).toHaveLength(MAX_RULES);
    const [first] = await own(user);
    await drop(user, "you", first?.name ?? "");
    await define(user, "you", rule("again"));
    expect(await own(user)).toHaveLength(MAX_RULES);
  });

  it("are made once by many who make the same, with a revision for each change", async () => {
    const user = newUser();
    const outcomes = await times(20, (n) => define(user, "you", rule("same", n + 1)));
    expect(kinds(outcomes)).toEqual(Array(20).fill("done"));
    const made = outcomes.filter((one) => one.status === "fulfilled" && one.value.created);
    expect(made).toHaveLength(1);
    expect(await own(user)).toMatchObject([{ name: "same", revision: 20 }]);
  });

  it("are gone once, whoever deletes them", async () => {
    const user = newUser();
    await define(user, "you", rule("gone"));
    const outcomes = await times(10, () => drop(user, "you", "gone"));
    expect(kinds(outcomes).filter((kind) => kind === "done")).toHaveLength(1);
    await define(user, "you", rule("gone"));
    expect(await own(user)).toMatchObject([{ revision: 3 }]); // made, deleted, made: it only grows
  });

  it("of the app are for admins, by the names and scopes that the app asks for", async () => {
    const admin = newUser("admins");
    await expect(define(newUser(), "app", rule("write-ip"))).rejects.toMatchObject({ kind: "forbidden" });
    await expect(define(admin, "app", rule("of-my-own"))).rejects.toMatchObject({
      extra: { issues: [{ pointer: "/name" }] },
    });
    await expect(define(admin, "app", rule("write-ip"))).rejects.toMatchObject({
      extra: { issues: [{ pointer: "/scope" }] },
    });
    await expect(drop(admin, "app", "write-ip")).rejects.toMatchObject({ kind: "not-found" });
  });

  it.each([
    ["write-global", "/ban", { ban: { after: 1, within: 60, for: 60 } }],
    ["write-global", "/limit", { limit: 719 }],
    ["write-global", "/limit", { algorithm: "fixed-window", burst: undefined, limit: 1, window: 2_678_400 }],
    ["write-global", "/burst", { burst: 119 }],
    ["write-route", "/limit", { limit: 600, window: 120 }],
    ["write-user", "/limit", { limit: 1, window: 3_601 }],
    ["write-ip", "/ban/for", { ban: { after: 1, within: 60, for: 3_601 } }],
    ["sign-in-tries", "/limit", { limit: 23, window: 86_400 }],
    ["sign-in-tries-account", "/limit", { limit: 1, window: 2_678_400 }],
    ["probe-ip", "/name", {}],
  ] as const)(
    "of the app shut nobody out who sets them: %s is refused for its %s",
    async (name, pointer, changes) => {
      const admin = newUser("admins");
      const { ban: _ban, ...stated } = policies.get(name) ?? rule(name);
      const unfit = parse(Rule, { ...stated, lease: 0, ...changes });
      await expect(define(admin, "app", unfit)).rejects.toMatchObject({
        kind: "invalid-request",
        extra: { issues: [{ pointer }] },
      });
      const standing = (await standingRules(admin)).find((one) => one.name === name);
      expect(standing).toMatchObject({ owner: "app", revision: 0, limit: stated.limit });
    },
  );

  it("of the app may be lowered as far as leaves a way back", async () => {
    const admin = newUser("admins");
    for (const [name, changes] of [
      ["write-global", { limit: 720, burst: 120, lease: 0 }],
      ["write-ip", { limit: 1, window: 3_600, burst: 1, lease: 0 }],
      ["read-global", { limit: 1, burst: 1, lease: 0 }],
    ] as const) {
      const { standing } = await define(admin, "app", parse(Rule, { ...policies.get(name), ...changes }));
      expect(standing).toMatchObject(changes);
      await drop(admin, "app", name);
    }
  });

  it("bound lists, and those whose time is over make room", async () => {
    const user = newUser();
    const until = new Date(world.now() + 60_000).toISOString();
    const outcomes = await times(2 * MAX_LISTED + 10, (n) =>
      enlist(user, "you", "deny", { kind: "key", value: `k${n}`, until }),
    );
    expect(kinds(outcomes).filter((kind) => kind === "done")).toHaveLength(2 * MAX_LISTED);
    expect(await listed(user, "you", "deny")).toHaveLength(2 * MAX_LISTED);
    world.advance(60_000);
    expect(await listed(user, "you", "deny")).toEqual([]);
    await enlist(user, "you", "deny", { kind: "key", value: "one more" });
    expect(await listed(user, "you", "deny")).toEqual([{ kind: "key", value: "one more" }]);
  });

  it("know an address and a range by any spelling", async () => {
    const user = newUser();
    await enlist(user, "you", "allow", { kind: "ip", value: "::ffff:192.0.2.1" });
    expect(await enlist(user, "you", "allow", { kind: "ip", value: "192.0.2.1" })).toMatchObject({
      created: false,
    });
    await delist(user, "you", "allow", { kind: "ip", value: "[::ffff:c000:201]" });
    expect(await listed(user, "you", "allow")).toEqual([]);
  });

  it.each([
    ["cidr", "192.0.2.0/24"],
    ["ip", "192.0.2.1"],
    ["cidr", "0.0.0.0/0"],
    ["key", "all"],
    ["key", "192.0.2.1"],
    ["key", "DELETE /api/v1/limits/lists/{list}"],
  ] as const)("let no admin shut themselves out by %s %s", async (kind, value) => {
    const admin = newUser("admins");
    const shut = enlist(admin, "app", "deny", { kind, value }, { ip: "192.0.2.1" });
    await expect(shut).rejects.toMatchObject({ kind: "invalid-request" });
    expect(await listed(admin, "app", "deny")).toEqual([]);
  });
});
