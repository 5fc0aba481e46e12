import { send } from "./valkey-scripts.ts";
import type { Shards } from "./valkey-shards.ts";

const EVERY_MS = 10_000;
/** A replica that is further behind is said to be this far. */
const MAX_MS = 2_000;

/** How far replicas are behind their primaries. */
export interface Lag {
  /** Measures one shard after the other, in the background, at most every ten seconds. */
  measure(): void;
  /** Milliseconds, as last measured: at the least one round trip. 0 without replicas. */
  last(): number;
}

/** A beat is written to a primary, and its replica asked until it has it. */
export const createLag = ({ all }: Shards): Lag => {
  let last = 0;
  let next = Number.NEGATIVE_INFINITY;
  let turn = 0;
  const once = async () => {
    const shard = all[turn++ % all.length];
    if (!shard || shard.reader === shard.client) return;
    const key = `${shard.prefix}L`;
    const beat = `${process.pid}-${performance.now()}`;
    await send(shard.client, "set", [key, beat, "PX", 60_000]);
    const started = performance.now();
    let behind = 0;
    for (let seen = ""; seen !== beat && behind < MAX_MS; behind = performance.now() - started)
      seen = String(await send(shard.reader, "get", [key]));
    last = behind;
  };
  return {
    measure: () => {
      if (performance.now() < next) return;
      next = performance.now() + EVERY_MS;
      once().catch(() => {
        last = MAX_MS; // nobody knows
      });
    },
    last: () => last,
  };
};
