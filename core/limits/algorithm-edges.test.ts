import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { referenceOf } from "../../test/kit/limit-references.ts";
import { algorithmOf, type State } from "./algorithm.schema.ts";
import { interval, levelAt } from "./bucket.schema.ts";
import type { Params } from "./decision.schema.ts";
import {
  type AlgorithmName,
  algorithms,
  bucketAlgorithms,
  MAX_LIMIT,
  MAX_LOG,
  MAX_WINDOW_SECONDS,
  Rule,
} from "./rule.schema.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const rule = (algorithm: AlgorithmName, limit: number, seconds = 60, burst = limit): Params => ({
  algorithm,
  limit,
  windowMs: seconds * 1_000,
  burst,
});

/** How many of so many single units are admitted at a moment. */
const flood = (params: Params, state: State | undefined, times: number, now: number) => {
  const algorithm = algorithmOf[params.algorithm];
  let [kept, admitted] = [state, 0];
  for (let n = 0; n < times; n++) {
    const taken = algorithm.take(kept, params, 1, now);
    kept = taken.state;
    if (taken.decision.allowed) admitted++;
  }
  return { state: kept, admitted };
};
const left = (params: Params, state: State | undefined, now: number) =>
  algorithmOf[params.algorithm].peek(state, params, 0, now).remaining;

describe("at the edge of a window", () => {
  const slidingOnes = algorithms.filter((name) => name !== "fixed-window");

  it.each(slidingOnes)("%s lets no second burst through", (name) => {
    const params = rule(name, 100);
    const before = flood(params, undefined, 200, NOON + 59_999);
    expect(before.admitted).toBe(100);
    // a bucket has leaked one millisecond's worth: less than a unit
    expect(flood(params, before.state, 200, NOON + 60_000).admitted).toBe(0);
  });

  it("the fixed window does, as it is defined", () => {
    const params = rule("fixed-window", 100);
    const before = flood(params, undefined, 200, NOON + 59_999);
    expect(flood(params, before.state, 200, NOON + 60_000).admitted).toBe(100);
  });

  it("the log holds no more than the limit in any window, wherever it begins", () => {
    const params = rule("sliding-window-log", 10, 1);
    const admitted: number[] = [];
    let state: State | undefined;
    for (let now = NOON; now < NOON + 5_000; now += 7) {
      const taken = algorithmOf["sliding-window-log"].take(state, params, 1, now);
      state = taken.state;
      if (taken.decision.allowed) admitted.push(now);
    }
    expect(admitted.length).toBeGreaterThan(40);
    for (const end of admitted)
      expect(admitted.filter((at) => at > end - 1_000 && at <= end).length).toBeLessThanOrEqual(10);
  });

  it("the sliding counter admits, after a full window, what of it has slid out", () => {
    const params = rule("sliding-window-counter", 100);
    const full = flood(params, undefined, 100, NOON + 59_000).state;
    expect(left(params, full, NOON + 75_000)).toBe(25);
    expect(left(params, full, NOON + 119_999)).toBe(99);
    expect(left(params, full, NOON + 120_000)).toBe(100);
  });
});

describe("a limit that changes in the middle of a window", () => {
  it.each(bucketAlgorithms)("of %s keeps the share that is used", (name) => {
    const half = flood(rule(name, 100), undefined, 50, NOON).state;
    expect(left(rule(name, 100), half, NOON)).toBe(50);
    expect(left(rule(name, 10), half, NOON)).toBe(5);
    expect(left(rule(name, 1_000), half, NOON)).toBe(500);
    // a burst that shrinks alone is full until enough has leaked
    const { allowed, remaining, retryAfterMs } = algorithmOf[name].peek(
      half,
      rule(name, 100, 60, 20),
      1,
      NOON,
    );
    expect({ allowed, remaining, retryAfterMs }).toEqual({
      allowed: false,
      remaining: 0,
      retryAfterMs: 18_600,
    });
  });

  it.each(["fixed-window", "sliding-window-log", "sliding-window-counter"] as const)(
    "of %s keeps the count that is used",
    (name) => {
      const half = flood(rule(name, 100), undefined, 50, NOON).state;
      expect(left(rule(name, 60), half, NOON)).toBe(10);
      expect(left(rule(name, 1_000), half, NOON)).toBe(950);
      const lower = algorithmOf[name].peek(half, rule(name, 10), 1, NOON);
      expect(lower).toMatchObject({ allowed: false, remaining: 0 });
      expect(algorithmOf[name].peek(half, rule(name, 10), 1, NOON + lower.retryAfterMs).allowed).toBe(true);
      expect(algorithmOf[name].peek(half, rule(name, 10), 1, NOON + lower.retryAfterMs - 1).allowed).toBe(
        false,
      );
    },
  );

  it("whose window grows still counts what is in the longer one", () => {
    for (const name of ["fixed-window", "sliding-window-log", "sliding-window-counter"] as const) {
      const used = flood(rule(name, 10, 60), undefined, 7, NOON + 30_000).state;
      expect(left(rule(name, 10, 3_600), used, NOON + 40_000)).toBe(3);
    }
  });

  it("whose window shrinks begins anew where the shorter one does", () => {
    for (const name of ["fixed-window", "sliding-window-log"] as const) {
      const used = flood(rule(name, 10, 3_600), undefined, 7, NOON + 30_000).state;
      expect(left(rule(name, 10, 1), used, NOON + 31_000)).toBe(10);
    }
  });
});

describe("the largest rules", () => {
  const largest = (name: AlgorithmName) =>
    rule(name, name === "sliding-window-log" ? MAX_LOG : MAX_LIMIT, MAX_WINDOW_SECONDS);

  it.each(algorithms)("of %s are counted to the unit", (name) => {
    const params = largest(name);
    const reference = referenceOf[name](params);
    let state: State | undefined;
    for (const [cost, gap] of [
      [params.limit - 3, 0],
      [2, 1],
      [7, params.windowMs - 12_345],
      [1, 1],
      [params.limit / 2, params.windowMs / 3],
      [3, 1],
    ] as const) {
      const now: number = NOON + gap;
      const taken = algorithmOf[name].take(state, params, cost, now);
      state = taken.state;
      expect(taken.decision.allowed).toBe(cost <= reference.left(now));
      if (taken.decision.allowed) reference.take(cost, now);
      expect(left(params, state, now)).toBe(reference.left(now));
      expect(Number.isSafeInteger(taken.decision.resetMs)).toBe(true);
    }
  });

  it("round a unit up to the microsecond, and never down", () => {
    expect(interval(rule("gcra", 7, 1))).toBe(142_858);
    expect(interval(rule("gcra", 60, 60))).toBe(1_000_000);
    expect(interval(rule("gcra", MAX_LIMIT, 1))).toBe(1);
    expect(levelAt(NOON * 1_000 + 500_000, rule("gcra", 1, 1), NOON)).toBe(0.5);
  });
});

describe("a burst", () => {
  const text = { name: "a", algorithm: "gcra", limit: 1, window: MAX_WINDOW_SECONDS, scope: "user" };

  it("that would take more than a century to fill is no rule", () => {
    expect(v.is(Rule, { ...text, burst: MAX_LIMIT })).toBe(false);
    expect(v.is(Rule, { ...text, burst: 1_000 })).toBe(true);
    expect(v.is(Rule, { ...text, limit: MAX_LIMIT })).toBe(true);
  });
});
