import { algorithmOf, type State } from "#core/limits/algorithm.schema.ts";
import type { Decision, Params } from "#core/limits/decision.schema.ts";

/** A limiter in memory: the state of each key, decided on by the algorithm of its rule. */
export interface Machine {
  take(key: number, cost: number, nowMs: number): Decision;
  peek(key: number, nowMs: number): Decision;
}

/** Makes one; the algorithms are core's, as the API's stores use them. */
export const createMachine = (params: Params): Machine => {
  const algorithm = algorithmOf[params.algorithm];
  const states = new Map<number, State | undefined>();
  return {
    take: (key, cost, nowMs) => {
      const { state, decision } = algorithm.take(states.get(key), params, cost, nowMs);
      states.set(key, state);
      return decision;
    },
    peek: (key, nowMs) => algorithm.peek(states.get(key), params, 0, nowMs),
  };
};
