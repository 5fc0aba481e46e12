import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decision, Params, Take } from "../../core/limits/decision.schema.ts";
import { type AlgorithmName, algorithms } from "../../core/limits/rule.schema.ts";
import type { LimitStore } from "../../core/limits/store.ts";

/** What the suite is run on. */
export interface StoresUnderTest {
  /** Several that share their counts, each with connections of its own, as processes do; one is enough where nothing is shared. */
  readonly stores: readonly LimitStore[];
  readonly close?: () => Promise<void> | void;
}

/** How hard the suite may push. */
export interface SuiteHow {
  /** Callers that race; a limit of 100 lets 100 of them through. */
  readonly callers?: number;
}

// The clock is the suite's: noon of a day, so that windows of a minute and of an hour begin here.
const NOON = Date.UTC(2026, 5, 1, 12);

const rule = (algorithm: AlgorithmName, limit: number, seconds = 60, burst = limit): Params => ({
  algorithm,
  limit,
  windowMs: seconds * 1_000,
  burst,
});
const take = (params: Params, cost = 1, key: string = randomUUID()): Take => ({ key, params, cost });

/** Every adapter of `LimitStore` passes it: `limitStoreSuite("memory", async () => ({ stores: [memoryStore()] }))`. */
export const limitStoreSuite = (
  name: string,
  open: () => Promise<StoresUnderTest> | StoresUnderTest,
  { callers = 1_000 }: SuiteHow = {},
): void => {
  describe(`the ${name} store`, () => {
    let under: StoresUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(async () => under.close?.());

    /** Round robin over the stores: each decision may be another process's. */
    let turn = 0;
    const store = (): LimitStore => {
      const next = under.stores[turn++ % under.stores.length];
      if (!next) throw new Error("The suite needs a store");
      return next;
    };
    const decide = async (one: Take, now: number): Promise<Decision> => {
      const [decision] = await store().take([one], now);
      if (!decision) throw new Error("One level, one decision");
      return decision;
    };
    const remaining = async (one: Take, now: number) =>
      (await store().peek({ ...one, cost: 0 }, now)).remaining;
    const race = async (takes: readonly Take[], times: number, now: number) =>
      Promise.all(Array.from({ length: times }, () => store().take(takes, now)));
    const admitted = (decisions: readonly (readonly Decision[])[]) =>
      decisions.filter((levels) => levels.every(({ allowed }) => allowed)).length;

    describe.each(algorithms)("with %s", (algorithm) => {
      it(`admits exactly 100 of ${callers} callers that race`, async () => {
        const one = take(rule(algorithm, 100));
        expect(admitted(await race([one], callers, NOON))).toBe(100);
        expect(await remaining(one, NOON)).toBe(0);
      });

      it("admits exactly what fits of weighted callers that race, and a denied one takes nothing", async () => {
        const one = take(rule(algorithm, 100), 7);
        expect(admitted(await race([one], 60, NOON))).toBe(14);
        expect(await remaining(one, NOON)).toBe(2);
        expect((await decide({ ...one, cost: 2 }, NOON)).allowed).toBe(true);
      });

      it("takes from all of three levels or from none, under a race", async () => {
        const [wide, middle, narrow] = [100, 30, 50].map((limit) => take(rule(algorithm, limit)));
        if (!wide || !middle || !narrow) throw new Error("three");
        expect(admitted(await race([wide, middle, narrow], 120, NOON))).toBe(30);
        expect(await remaining(wide, NOON)).toBe(70);
        expect(await remaining(middle, NOON)).toBe(0);
        expect(await remaining(narrow, NOON)).toBe(20);
      });

      it("says of a level that would have allowed what remains untouched", async () => {
        const [wide, narrow] = [take(rule(algorithm, 10), 3), take(rule(algorithm, 2), 3)];
        const [first, second] = await store().take([wide, narrow], NOON);
        expect(first).toEqual({ allowed: true, remaining: 10, resetMs: 0, retryAfterMs: 0, waitMs: 0 });
        expect(second).toMatchObject({
          allowed: false,
          remaining: 2,
          retryAfterMs: Number.POSITIVE_INFINITY,
        });
      });

      it("names the exact moment of a retry: one millisecond earlier it is denied", async () => {
        const one = take(rule(algorithm, 7), 3);
        await decide({ ...one, cost: 6 }, NOON + 1_234);
        await decide({ ...one, cost: 1 }, NOON + 20_000);
        const { allowed, retryAfterMs } = await decide(one, NOON + 20_000);
        expect(allowed).toBe(false);
        expect(retryAfterMs).toBeGreaterThan(0);
        const early = await decide(one, NOON + 20_000 + retryAfterMs - 1);
        expect(early).toMatchObject({ allowed: false, retryAfterMs: 1 });
        expect((await decide(one, NOON + 20_000 + retryAfterMs)).allowed).toBe(true);
      });

      it("names the moment from which everything may be taken again", async () => {
        const one = take(rule(algorithm, 9), 9);
        const { resetMs } = await decide({ ...one, cost: 4 }, NOON + 500);
        expect((await store().peek(one, NOON + 500 + resetMs - 1)).allowed).toBe(false);
        expect((await store().peek(one, NOON + 500 + resetMs)).allowed).toBe(true);
      });

      it("lets a look cost nothing, and say what a request would be told", async () => {
        const one = take(rule(algorithm, 3), 2);
        const looks = [await store().peek(one, NOON), await store().peek(one, NOON)];
        const told = await decide(one, NOON);
        expect(looks).toEqual([told, told]);
        expect(told).toMatchObject({ allowed: true, remaining: 1 });
        expect(await store().peek(one, NOON)).toEqual(await decide(one, NOON));
      });

      it("asks with a cost of 0 whether anything is left", async () => {
        const one = take(rule(algorithm, 2), 0);
        expect(await decide(one, NOON)).toMatchObject({ allowed: true, remaining: 2 });
        await decide({ ...one, cost: 2 }, NOON);
        const { allowed, retryAfterMs } = await decide(one, NOON);
        expect(allowed).toBe(false);
        expect((await decide(one, NOON + retryAfterMs - 1)).allowed).toBe(false);
        expect(await decide(one, NOON + retryAfterMs)).toMatchObject({ allowed: true });
      });

      it("never admits a cost above what there ever is, and takes nothing", async () => {
        const one = take(rule(algorithm, 5), 6);
        expect(await decide(one, NOON)).toMatchObject({
          allowed: false,
          remaining: 5,
          retryAfterMs: Number.POSITIVE_INFINITY,
        });
        expect((await decide({ ...one, cost: 5 }, NOON)).allowed).toBe(true);
      });

      it("gives back what was taken, and never more", async () => {
        const one = take(rule(algorithm, 10), 4);
        await decide(one, NOON);
        await store().refund(one, NOON);
        expect(await remaining(one, NOON)).toBe(10);
        await store().refund(one, NOON);
        expect(await remaining(one, NOON)).toBe(10);
        await decide({ ...one, cost: 10 }, NOON);
        await store().refund({ ...one, cost: 3 }, NOON);
        expect(await remaining(one, NOON)).toBe(3);
        expect(admitted(await race([{ ...one, cost: 1 }], 20, NOON))).toBe(3);
      });

      it("gives back nothing to a key that took nothing", async () => {
        const one = take(rule(algorithm, 2), 2);
        await store().refund(one, NOON);
        expect(admitted(await race([{ ...one, cost: 1 }], 10, NOON))).toBe(2);
      });

      it("forgets a key that is reset, and no other", async () => {
        const [one, other] = [take(rule(algorithm, 3), 3), take(rule(algorithm, 3), 3)];
        await store().take([one, other], NOON);
        await store().reset(one, NOON);
        expect(await remaining(one, NOON)).toBe(3);
        expect(await remaining(other, NOON)).toBe(0);
      });

      it("refills nothing while the clock is back", async () => {
        const one = take(rule(algorithm, 3));
        for (let n = 0; n < 3; n++) await decide(one, NOON + 90_000);
        for (const back of [1, 1_000, 30_000, 90_000, 3_600_000])
          expect((await decide(one, NOON + 90_000 - back)).allowed).toBe(false);
        const later = await decide(one, NOON + 90_000);
        expect(later.allowed).toBe(false);
        expect((await decide(one, NOON + 90_000 + later.retryAfterMs)).allowed).toBe(true);
      });

      it("serves again after it was full", async () => {
        const one = take(rule(algorithm, 4));
        expect(admitted(await race([one], 10, NOON))).toBe(4);
        expect(admitted(await race([one], 10, NOON + 120_000))).toBe(4);
      });
    });
  });
};
