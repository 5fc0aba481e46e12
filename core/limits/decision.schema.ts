import type { AlgorithmName, Rule } from "./rule.schema.ts";

/** A rule in the units its algorithm computes with. */
export interface Params {
  readonly algorithm: AlgorithmName;
  /** Units a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Units at once: the capacity of a bucket; a window's is its limit. */
  readonly burst: number;
}

/** What one rule says to one request. Times are milliseconds from now. */
export interface Decision {
  readonly allowed: boolean;
  /** Units that could be taken now, after this decision. */
  readonly remaining: number;
  /** Until everything may be taken again: a bucket is full, a window has ended or slid past what it holds. */
  readonly resetMs: number;
  /** 0 when allowed; else when the same cost is admitted if nobody else comes: one millisecond earlier it is denied. Infinity: never. */
  readonly retryAfterMs: number;
  /** Leaky queue: how long the request is to be held before it is served. 0 for all others. */
  readonly waitMs: number;
  /** Who said so, if not the store: units this process has leased, or the denial it remembers. */
  readonly by?: "lease" | "memory";
}

/** One level of a decision, as a store is asked. */
export interface Take {
  /** Unique among all that is counted: rule and whom it counts. */
  readonly key: string;
  readonly params: Params;
  /** Whole units, 0 or more. 0 asks whether anything is left and takes nothing. */
  readonly cost: number;
  /** Units this process may take at once and spend by itself: see `leases.ts`. None unless told. */
  readonly lease?: number;
}

/** Parameters of a rule. */
export const paramsOf = ({ algorithm, limit, window, burst }: Rule): Params => ({
  algorithm,
  limit,
  windowMs: window * 1_000,
  burst: burst ?? limit,
});

/**
 * Makes a decision. All are made here, and the first one of fractions: V8 then keeps the one hidden class for all numbers. Else it
 * makes another when a number is first no small integer, and code compiled for the old one takes 0.4 us a decision, for good.
 */
export const decisionOf = (
  allowed: boolean,
  remaining: number,
  resetMs: number,
  retryAfterMs: number,
  waitMs: number,
): Decision => ({ allowed, remaining, resetMs, retryAfterMs, waitMs });
decisionOf(true, 0.5, 0.5, 0.5, 0.5);

/** Whether two decisions of a key follow the same rule. */
export const sameParams = (a: Params, b: Params): boolean =>
  a.algorithm === b.algorithm && a.limit === b.limit && a.windowMs === b.windowMs && a.burst === b.burst;
