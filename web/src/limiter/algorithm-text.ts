import type { AlgorithmName } from "#core/limits/rule.schema.ts";

/** What a reader is told of an algorithm. */
export interface AlgorithmText {
  readonly name: string;
  /** How it decides, in a sentence. */
  readonly how: string;
  /** What its line shows. */
  readonly line: string;
}

/** All of them, in the order they are shown: from windows to buckets. */
export const algorithmText: Readonly<Record<AlgorithmName, AlgorithmText>> = {
  "fixed-window": {
    name: "Fixed window",
    how: "Counts from one stroke of the clock to the next, and forgets all at once.",
    line: "counted in this window",
  },
  "sliding-window-log": {
    name: "Sliding window log",
    how: "Remembers each admission until it is a window old. Exact, and pays for it in bytes.",
    line: "admissions remembered",
  },
  "sliding-window-counter": {
    name: "Sliding window counter",
    how: "This window's count, and of the last one the share that still overlaps.",
    line: "weighted count",
  },
  "token-bucket": {
    name: "Token bucket",
    how: "Tokens drip in; each request takes some away.",
    line: "tokens missing from the bucket",
  },
  "leaky-bucket": {
    name: "Leaky bucket, as meter",
    how: "Each request pours water in; it leaks at the rate, and what would overflow is denied.",
    line: "water in the bucket",
  },
  gcra: {
    name: "GCRA",
    how: "One timestamp: when the next request would be on schedule. Too far ahead is too early.",
    line: "how far ahead of schedule, in units",
  },
  "leaky-queue": {
    name: "Leaky bucket, as queue",
    how: "The same bucket, but nobody passes early: a request waits for its turn, evenly spaced.",
    line: "water in the queue",
  },
};

/** The order of the lanes. */
export const lanes: readonly AlgorithmName[] = [
  "fixed-window",
  "sliding-window-counter",
  "sliding-window-log",
  "token-bucket",
  "leaky-bucket",
  "gcra",
  "leaky-queue",
];
