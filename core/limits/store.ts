import type { Decision, Take } from "./decision.schema.ts";

/**
 * Where counts are kept. Every adapter passes `test/contract/limit-stores.test.ts`: of N concurrent callers exactly those
 * that fit are admitted, whatever the algorithm. `now` is milliseconds since the epoch; one that went back never refills.
 */
export interface LimitStore {
  readonly name: "memory" | "dynamodb" | "valkey";
  /**
   * Takes from all levels or from none: where one denies, nothing is taken from any. Answers one decision a level, in order.
   * A level that would have allowed says so, with what remains untouched.
   */
  take(takes: readonly Take[], now: number): Promise<readonly Decision[]>;
  /** What `take` would say; changes nothing. */
  peek(take: Take, now: number): Promise<Decision>;
  /** Gives back what was taken; never more than there is to give. */
  refund(take: Take, now: number): Promise<void>;
  /** Forgets a key: as if nothing had been taken. */
  reset(take: Pick<Take, "key" | "params">, now: number): Promise<void>;
}
