import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { referenceOf } from "../../test/kit/limit-references.ts";
import { algorithmOf, type State } from "./algorithm.schema.ts";
import type { Params } from "./decision.schema.ts";
import { type AlgorithmName, algorithms, bucketAlgorithms } from "./rule.schema.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const START = NOON + 123;

const paramsFor = (algorithm: AlgorithmName) =>
  fc
    .record({
      limit: fc.integer({ min: 1, max: 20 }),
      windowMs: fc.integer({ min: 5, max: 3_000 }),
      burst: fc.integer({ min: 1, max: 30 }),
    })
    .map(
      ({ limit, windowMs, burst }): Params => ({
        algorithm,
        limit,
        windowMs,
        burst: bucketAlgorithms.includes(algorithm) ? burst : limit,
      }),
    );
const step = (back: number) =>
  fc.record({
    op: fc.constantFrom("take", "take", "take", "peek", "refund"),
    cost: fc.integer({ min: 0, max: 8 }),
    gap: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: back, max: 2_000 })),
  });
const steps = (back = -500) => fc.array(step(back), { maxLength: 60 });
const capacity = ({ burst }: Params) => burst;

describe.each(algorithms)("%s", (name) => {
  const algorithm = algorithmOf[name];

  it("decides as its textbook does, whatever is asked, and however the clock moves", () => {
    fc.assert(
      fc.property(paramsFor(name), steps(), (params, sequence) => {
        const reference = referenceOf[name](params);
        let [state, now]: [State | undefined, number] = [undefined, START];
        for (const { op, cost, gap } of sequence) {
          now += gap;
          const left = reference.left(now);
          if (op === "refund") {
            state = algorithm.refund(state, params, cost, now);
            reference.refund(cost, now);
            expect(algorithm.peek(state, params, 0, now).remaining).toBe(reference.left(now));
            continue;
          }
          const allowed = Math.max(cost, 1) <= left;
          const decision = algorithm.peek(state, params, cost, now);
          expect(decision).toMatchObject({ allowed, remaining: allowed ? left - cost : left });
          expect(decision.waitMs).toBe(allowed ? (reference.waitMs?.(now) ?? 0) : 0);
          if (op === "peek") continue;
          const taken = algorithm.take(state, params, cost, now);
          expect(taken.decision).toEqual(decision);
          if (!allowed || cost === 0) expect(taken.state).toBe(state);
          if (allowed && cost > 0) reference.take(cost, now);
          // another future of the same past: nothing of it may show in this one
          algorithm.take(state, params, cost + 3, now + 700);
          state = taken.state;
        }
      }),
    );
  });

  it("names the exact millisecond of the retry and of the reset, after whatever happened", () => {
    fc.assert(
      fc.property(paramsFor(name), steps(), fc.integer({ min: 0, max: 8 }), (params, sequence, asked) => {
        let [state, now]: [State | undefined, number] = [undefined, START];
        for (const { op, cost, gap } of sequence) {
          now += gap;
          if (op === "take") state = algorithm.take(state, params, cost, now).state;
          if (op === "refund") state = algorithm.refund(state, params, cost, now);
        }
        const { allowed, retryAfterMs, resetMs } = algorithm.peek(state, params, asked, now);
        const allows = (cost: number, ms: number) => algorithm.peek(state, params, cost, now + ms).allowed;
        if (allowed) expect(retryAfterMs).toBe(0);
        else if (asked > capacity(params)) expect(retryAfterMs).toBe(Number.POSITIVE_INFINITY);
        else expect([allows(asked, retryAfterMs - 1), allows(asked, retryAfterMs)]).toEqual([false, true]);
        const after = algorithm.take(state, params, asked, now).state;
        const free = (ms: number) => algorithm.peek(after, params, capacity(params), now + ms).allowed;
        expect(free(resetMs)).toBe(true);
        if (resetMs > 0) expect(free(resetMs - 1)).toBe(false);
      }),
    );
  });

  it("is at rest when it says so: then it is as if it had taken nothing", () => {
    fc.assert(
      fc.property(paramsFor(name), steps(0), fc.integer({ min: 0, max: 40 }), (params, sequence, asked) => {
        let [state, now]: [State | undefined, number] = [undefined, START];
        for (const { cost, gap } of sequence) {
          now += gap;
          state = algorithm.take(state, params, cost, now).state;
        }
        if (state === undefined) return;
        const rested = algorithm.restsAt(state, params);
        expect(algorithm.peek(state, params, asked, rested)).toEqual(
          algorithm.peek(undefined, params, asked, rested),
        );
        if (rested > now)
          expect(algorithm.peek(state, params, capacity(params), rested - 1).allowed).toBe(false);
      }),
    );
  });

  it("leaves every earlier state as it was", () => {
    fc.assert(
      fc.property(paramsFor(name), steps(), (params, sequence) => {
        let [state, now]: [State | undefined, number] = [undefined, START];
        const seen: (() => void)[] = [];
        for (const { op, cost, gap } of sequence) {
          now += gap;
          const then = now;
          const was: State | undefined = state;
          const said = algorithm.peek(was, params, 1, then);
          seen.push(() => expect(algorithm.peek(was, params, 1, then)).toEqual(said));
          state =
            op === "refund"
              ? algorithm.refund(was, params, cost, then)
              : algorithm.take(was, params, cost, then).state;
          // a second future of the same past
          algorithm.take(was, params, 1, then + 1);
        }
        for (const check of seen) check();
      }),
    );
  });

  it("gives back no more than was taken", () => {
    fc.assert(
      fc.property(paramsFor(name), steps(), (params, sequence) => {
        let [state, now]: [State | undefined, number] = [undefined, START];
        for (const { op, cost, gap } of sequence) {
          now += gap;
          const before = algorithm.peek(state, params, 0, now).remaining;
          if (op === "take") state = algorithm.take(state, params, cost, now).state;
          if (op !== "refund") continue;
          state = algorithm.refund(state, params, cost, now);
          const { remaining } = algorithm.peek(state, params, 0, now);
          expect(remaining).toBeGreaterThanOrEqual(before);
          expect(remaining).toBeLessThanOrEqual(Math.min(before + cost, capacity(params)));
        }
      }),
    );
  });
});
