import { describe, expect, it } from "vitest";
import type { Take } from "./decision.schema.ts";
import { denials } from "./denials.ts";
import { memoryStore } from "./memory-store.ts";
import type { LimitStore } from "./store.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const params = { algorithm: "gcra", limit: 10, windowMs: 10_000, burst: 10 } as const;

const counting = () => {
  const store = memoryStore();
  let calls = 0;
  const counted: LimitStore = {
    ...store,
    take: (takes, now) => {
      calls++;
      return store.take(takes, now);
    },
    peek: (take, now) => {
      calls++;
      return store.peek(take, now);
    },
  };
  return { store, remembering: denials(counted), calls: () => calls };
};
const of = (cost: number, key = "ada"): Take => ({ key, params, cost });

describe("denials that a process remembers", () => {
  it("deny again without a call until the very moment of the retry", async () => {
    const { remembering, calls } = counting();
    await remembering.take([of(10)], NOON);
    expect(await remembering.take([of(1)], NOON)).toMatchObject([{ allowed: false, retryAfterMs: 1_000 }]);
    expect(await remembering.take([of(1)], NOON + 999)).toMatchObject([
      { allowed: false, retryAfterMs: 1, resetMs: 9_001, by: "memory" },
    ]);
    expect(calls()).toBe(2);
    expect(await remembering.take([of(1)], NOON + 1_000)).toMatchObject([{ allowed: true }]);
  });

  it("are asked about once in five seconds: another process may have given something back", async () => {
    const { store, remembering, calls } = counting();
    const hour = { ...of(10), params: { ...params, windowMs: 3_600_000 } };
    await remembering.take([hour], NOON);
    const again = (ms: number) => remembering.take([{ ...hour, cost: 1 }], NOON + ms);
    await again(0);
    await again(4_999);
    expect(calls()).toBe(2);
    expect(await again(5_000)).toMatchObject([{ allowed: false, retryAfterMs: 355_000 }]);
    expect(calls()).toBe(3);
    await store.refund({ ...hour, cost: 1 }, NOON + 5_000); // elsewhere
    expect(await again(9_999)).toMatchObject([{ allowed: false, by: "memory" }]);
    expect(await again(10_000)).toMatchObject([{ allowed: true }]);
  });

  it("are of a cost: what denies ten need not deny one", async () => {
    const { remembering } = counting();
    await remembering.take([of(5)], NOON);
    expect(await remembering.take([of(10)], NOON)).toMatchObject([{ allowed: false, remaining: 5 }]);
    expect(await remembering.take([of(1)], NOON)).toMatchObject([{ allowed: true, remaining: 4 }]);
  });

  it("hold while the clock is back", async () => {
    const { remembering, calls } = counting();
    await remembering.take([of(10)], NOON);
    await remembering.take([of(1)], NOON);
    expect(await remembering.take([of(1)], NOON - 60_000)).toMatchObject([{ allowed: false }]);
    expect(calls()).toBe(2);
  });

  it.each(["refund", "reset"] as const)("are forgotten by a %s", async (how) => {
    const { remembering } = counting();
    await remembering.take([of(10)], NOON);
    await remembering.take([of(1)], NOON);
    await remembering[how](of(3), NOON);
    expect(await remembering.take([of(1)], NOON)).toMatchObject([{ allowed: true }]);
  });

  it("are not kept of an answer that a refund overtook", async () => {
    const { store } = counting();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = denials({
      ...store,
      take: async (takes, now) => {
        const decisions = await store.take(takes, now);
        await promise;
        return decisions;
      },
    });
    await store.take([of(10)], NOON);
    const denied = slow.take([of(1)], NOON);
    await slow.refund(of(1), NOON);
    resolve();
    expect(await denied).toMatchObject([{ allowed: false }]);
    expect(await slow.take([of(1)], NOON)).toMatchObject([{ allowed: true }]);
  });

  it("are forgotten when the rule changes", async () => {
    const { remembering } = counting();
    await remembering.take([of(10)], NOON);
    await remembering.take([of(1)], NOON);
    const wider = { ...of(1), params: { ...params, burst: 20 } };
    expect(await remembering.take([wider], NOON)).toMatchObject([{ allowed: true }]);
  });

  it("say of the other levels what is left there, without a call", async () => {
    const { remembering, calls } = counting();
    const levels = [of(1, "all"), of(1, "ada")];
    await remembering.take([of(10)], NOON);
    await remembering.take(levels, NOON);
    const before = calls();
    expect(await remembering.take(levels, NOON)).toMatchObject([
      { allowed: true, remaining: 10 },
      { allowed: false, by: "memory" },
    ]);
    expect(calls()).toBe(before);
  });

  it("are bounded: the key asked longest ago costs a call again", async () => {
    const { store } = counting();
    let calls = 0;
    const few = denials(
      {
        ...store,
        take: (takes, now) => {
          calls++;
          return store.take(takes, now);
        },
      },
      { maxKeys: 10 },
    );
    for (let n = 0; n < 100; n++) await few.take([of(11, `key ${n}`)], NOON);
    calls = 0;
    await few.take([of(11, "key 99")], NOON);
    expect(calls).toBe(0);
    await few.take([of(11, "key 0")], NOON);
    expect(calls).toBe(1);
  });
});
