import type { ValkeyClient } from "#core/kit/valkey.ts";
import { interval } from "./bucket.schema.ts";
import type { Decision, Take } from "./decision.schema.ts";
import { evaluate, LEVELS, NUMBERS } from "./valkey-script.ts";

/** A level, and where it is kept. */
export interface Placed {
  readonly index: number;
  readonly take: Take;
  readonly key: string;
}
/** Levels that one script can take together: of one server, in a cluster of one slot. */
export interface Place {
  readonly client: ValkeyClient;
  readonly levels: readonly Placed[];
}
/** What the script says of a level. */
export interface Told {
  readonly decision: Decision;
  /** Where the units lie: what an undo names. */
  readonly receipt: number;
}

const FAMILY = {
  "token-bucket": "bucket",
  "leaky-bucket": "bucket",
  "leaky-queue": "queue",
  gcra: "bucket",
  "fixed-window": "fixed",
  "sliding-window-log": "log",
  "sliding-window-counter": "sliding",
} as const;
/** What algorithms keep differs by family, and so do their keys: a rule that changes to another family starts anew. */
const KEPT = { bucket: "b", queue: "b", fixed: "f", log: "l", sliding: "s" } as const;

/** The key of a level. Without braces: whoever chooses a key must not choose its slot, and load one server with all of theirs. */
export const keyOf = (prefix: string, { key, params }: Pick<Take, "key" | "params">): string => {
  const plain = /[{%]/.test(key) ? key.replaceAll("%", "%25").replaceAll("{", "%7B") : key;
  return `${prefix}${KEPT[FAMILY[params.algorithm]]}:${plain}`;
};

const argumentsOf = ({ params, cost }: Take, receipt = 0) => {
  const family = FAMILY[params.algorithm];
  return family === "bucket" || family === "queue"
    ? [family, cost, interval(params), params.burst, receipt]
    : [family, cost, params.limit, params.windowMs, receipt];
};

const toldOf = (numbers: readonly number[], level: number): Told => {
  const at = (n: number) => numbers[level * NUMBERS + n] ?? 0;
  return {
    decision: {
      allowed: at(0) === 1,
      remaining: at(1),
      resetMs: at(2),
      retryAfterMs: at(3) < 0 ? Number.POSITIVE_INFINITY : at(3),
      waitMs: at(4),
    },
    receipt: at(5),
  };
};

/** What the script is to do. */
export type Op = "take" | "look" | "peek" | "undo" | "refund";

/** One round trip: the levels of a place, decided together. */
export const run = async (
  place: Place,
  op: Op,
  time: string,
  receipts: readonly number[] = [],
): Promise<readonly Told[]> => {
  const { client, levels } = place;
  const answer = await evaluate(client, LEVELS, levels.length, [
    ...levels.map(({ key }) => key),
    op,
    time,
    ...levels.flatMap(({ take }, n) => argumentsOf(take, receipts[n])),
  ]);
  const numbers = answer as readonly number[];
  return levels.map((_, level) => toldOf(numbers, level));
};
