import { type Bucket, meter, queue } from "./bucket.schema.ts";
import type { Decision, Params } from "./decision.schema.ts";
import { type Log, log } from "./log.schema.ts";
import type { AlgorithmName } from "./rule.schema.ts";
import { type Counted, fixed, sliding } from "./window.schema.ts";

/** Algorithms of one family keep the same state. */
export type Family = "bucket" | "fixed" | "sliding" | "log";

/** What an algorithm keeps of a key. Absent: nothing was taken. */
export type State = Bucket | Counted | Log;

/** A decision, and what is to be kept after it. */
export interface Taken<S> {
  readonly state: S | undefined;
  readonly decision: Decision;
}

/**
 * How a rule counts: pure functions over data. `cost` is whole units, 0 or more (0 asks whether one is left); `nowMs` whole
 * milliseconds since the epoch. A denial leaves the state as it was.
 */
export interface Algorithm<S> {
  readonly family: Family;
  take(state: S | undefined, params: Params, cost: number, nowMs: number): Taken<S>;
  /** What `take` would decide. */
  peek(state: S | undefined, params: Params, cost: number, nowMs: number): Decision;
  /** The state with so many units given back: never more than are held. */
  refund(state: S | undefined, params: Params, cost: number, nowMs: number): S | undefined;
  /** When the state is as good as none, in milliseconds since the epoch: a store may forget it then. */
  restsAt(state: S, params: Params): number;
}

/** The algorithm of each name. A state goes only to an algorithm of the family that made it. */
export const algorithmOf: Readonly<Record<AlgorithmName, Algorithm<State>>> = {
  "token-bucket": meter as Algorithm<State>,
  "leaky-bucket": meter as Algorithm<State>,
  "leaky-queue": queue as Algorithm<State>,
  gcra: meter as Algorithm<State>,
  "fixed-window": fixed as Algorithm<State>,
  "sliding-window-log": log as Algorithm<State>,
  "sliding-window-counter": sliding as Algorithm<State>,
};
