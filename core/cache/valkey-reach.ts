import type { Shard } from "./valkey-shards.ts";

/** A server does not answer: what it was asked may or may not have been done. */
export class Unreachable extends Error {
  constructor(server: string, cause: unknown) {
    super(`Valkey ${server} does not answer`, { cause });
    this.name = "Unreachable";
  }
}

// Answers of a server that cannot serve yet, or no longer; any other answer is one.
const NOT_NOW = /^(CLUSTERDOWN|LOADING|MASTERDOWN|READONLY|TRYAGAIN|MOVED|ASK)/;

/** Milliseconds for which a server that failed is not asked again: a request costs one wait a second, not each its own. */
const REST_MS = 1_000;

/** Asks servers, and leaves alone those that are down. */
export type Reach = <T>(shard: Shard, work: () => Promise<T>) => Promise<T>;

/** Of a cluster every slot has a rest of its own: its neighbours' primary may live. */
export const createReach = (): Reach => {
  const until = new Map<string, number>();
  return async (shard, work) => {
    const rest = until.get(shard.id);
    // The process's own clock, not the domain's: this waits, and decides nothing.
    if (rest !== undefined && performance.now() < rest)
      throw new Unreachable(shard.id, "It failed a moment ago");
    try {
      const result = await work();
      if (rest !== undefined) until.delete(shard.id);
      return result;
    } catch (error) {
      const { name, message } = error as Error;
      if (name === "ReplyError" && !NOT_NOW.test(message)) throw error;
      if (error instanceof RangeError || error instanceof TypeError) throw error; // ours
      until.set(shard.id, performance.now() + REST_MS);
      throw new Unreachable(shard.id, error);
    }
  };
};
