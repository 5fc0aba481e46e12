import slotOf from "cluster-key-slot";
import { afterEach, describe, expect, it } from "vitest";
import { openValkey } from "../../core/kit/valkey.ts";
import type { Decision, Params, Take } from "../../core/limits/decision.schema.ts";
import { algorithms } from "../../core/limits/rule.schema.ts";
import { valkeyStore } from "../../core/limits/valkey-store.ts";
import { startCluster, startValkey } from "../kit/valkey.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const rule = (limit: number, algorithm: Params["algorithm"] = "gcra"): Params => ({
  algorithm,
  limit,
  windowMs: 60_000,
  burst: limit,
});
const take = (key: string, params: Params, cost = 1): Take => ({ key, params, cost });
const passed = (decisions: readonly Decision[]) => decisions.every(({ allowed }) => allowed);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Two servers of a ring: keys with `wide` in them are on the second. */
const ring = async () => {
  const servers = await Promise.all([startValkey(), startValkey()]);
  for (const { stop } of servers) ends.push(stop);
  const valkey = await openValkey({ nodes: servers.map(({ url }) => url), mode: "single" });
  ends.push(valkey.close);
  const route = (key: string) => (key.includes("wide") ? 1 : 0);
  const store = valkeyStore(() => valkey, { clock: "caller", route });
  const used = async (one: Take) =>
    one.params.limit - (await store.peek({ ...one, cost: 0 }, NOON)).remaining;
  return { servers, valkey, store, used };
};

describe("a decision over several servers", () => {
  it("is refused where nobody says which server keeps a key", async () => {
    const { valkey } = await ring();
    await expect(valkeyStore(() => valkey).take([take("a", rule(1))], NOON)).rejects.toThrow("route");
  });

  it.each(algorithms)(
    "by %s takes from all or none, and leaves nothing taken by who was denied",
    async (algorithm) => {
      const { store, used } = await ring();
      const wide = take("wide", rule(40, algorithm));
      const users = Array.from({ length: 5 }, (_, n) => take(`user-${n}`, rule(15, algorithm)));
      const told = await Promise.all(
        users.flatMap((user) => Array.from({ length: 30 }, () => store.take([wide, user], NOON))),
      );
      expect(told.filter(passed)).toHaveLength(40);
      expect(await used(wide)).toBe(40);
      const each = await Promise.all(users.map(used));
      expect(each.reduce((sum, one) => sum + one, 0)).toBe(40);
      for (const one of each) expect(one).toBeLessThanOrEqual(15);
    },
  );

  it("asks the narrowest first: who is denied there does not touch the others", async () => {
    const { store, valkey } = await ring();
    const [wide, user] = [take("wide", rule(100)), take("user", rule(3), 4)];
    const [atWide, atUser] = await store.take([wide, user], NOON);
    expect(atWide).toMatchObject({ allowed: true, remaining: 100 });
    expect(atUser).toMatchObject({ allowed: false, remaining: 3 });
    expect(await valkey.clients[1]?.dbsize()).toBe(0);
  });

  it("says of a level whose units it took back what remains there untouched", async () => {
    const { store } = await ring();
    const [wide, user] = [take("wide", rule(3), 4), take("user", rule(10), 4)];
    const [atWide, atUser] = await store.take([wide, user], NOON);
    expect(atWide?.allowed).toBe(false);
    expect(atUser).toEqual({ allowed: true, remaining: 10, resetMs: 0, retryAfterMs: 0, waitMs: 0 });
  });

  it("fails in bounded time while a server is gone, gives back what it took elsewhere, and is served again", async () => {
    const { store, servers, used } = await ring();
    const [wide, user] = [take("wide", rule(10)), take("user", rule(10))];
    expect(passed(await store.take([wide, user], NOON))).toBe(true);
    await servers[1]?.kill();
    for (let n = 0; n < 3; n++) await expect(store.take([wide, user], NOON)).rejects.toThrow();
    await expect(store.peek(wide, NOON)).rejects.toThrow();
    await expect(store.refund(wide, NOON)).rejects.toThrow();
    await expect(store.reset(wide, NOON)).rejects.toThrow();
    expect(await used(user)).toBe(1);
    await servers[1]?.restart();
    await expect.poll(() => store.take([wide, user], NOON).then(passed, () => false)).toBe(true);
  });
});

describe("a decision over a cluster", () => {
  it("takes levels of one slot in one script, others in theirs, and outlives a primary", async () => {
    const cluster = await startCluster({ timeoutMs: 1_000 });
    ends.push(cluster.stop);
    const valkey = await openValkey({ nodes: cluster.urls, mode: "cluster" });
    ends.push(valkey.close);
    const store = valkeyStore(() => valkey, { clock: "caller" });
    const ask = async (url: string) => {
      const one = await openValkey({ nodes: [url], mode: "single" });
      const info = String(await one.clients[0]?.info("commandstats"));
      one.close();
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(info)?.[1] ?? 0);
    };
    const counts = async () =>
      (await Promise.all(cluster.primaries.map(({ url }) => ask(url)))).reduce((sum, one) => sum + one, 0);
    // two keys of one slot, found by trying
    const slot = (key: string) => slotOf(`limit:b:${key}`);
    let n = 0;
    while (slot(`k${n}`) !== slot("user")) n++;
    const together = [take("user", rule(50)), take(`k${n}`, rule(20))];
    const apart = ["a", "b", "c"].map((key) => take(key, rule(30)));
    for (let warm = 0; warm < 3; warm++) await store.take([...together, ...apart], NOON);
    for (const one of [...together, ...apart]) await store.reset(one, NOON);
    const before = await counts();
    await store.take(together, NOON);
    expect((await counts()) - before).toBe(1);
    const told = await Promise.all(
      Array.from({ length: 200 }, () => store.take([...apart, ...together], NOON)),
    );
    expect(told.filter(passed)).toHaveLength(19);
    for (const one of apart) expect((await store.peek({ ...one, cost: 0 }, NOON)).remaining).toBe(11);

    await cluster.primaries[0]?.kill();
    const keys = Array.from({ length: 30 }, (_, key) => take(`after-${key}`, rule(5)));
    // each is answered or fails: none hangs
    await Promise.allSettled(keys.map((key) => store.take([key, ...apart], NOON)));
    await expect
      .poll(
        () =>
          Promise.all(keys.map((key) => store.take([key], NOON + 3_600_000))).then(
            () => "served",
            () => "down",
          ),
        { timeout: 40_000 },
      )
      .toBe("served");
  });
});
