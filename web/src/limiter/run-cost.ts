import type { Run } from "./simulate.ts";

/** Bytes of an admission in the log: a timestamp and its cost. */
const LOG_ENTRY = 10;
const UNIT = 1_024;

/** Admissions that the log holds at most at once. */
const logged = ({ marks, most }: Run) => Math.min(most, marks.filter(({ allowed }) => allowed).length);

/** What a store keeps for one key at most: calculated, without the key's own name. */
export const stateBytes = (run: Run): number => {
  switch (run.algorithm) {
    case "sliding-window-log":
      return LOG_ENTRY * logged(run);
    case "sliding-window-counter":
      return 16; // two counts
    default:
      return 8; // a timestamp, or a count
  }
};

/** Write units of one decision that reaches the table: an item is billed by the KB, and a refused condition as a write. */
const unitsEach = (run: Run): number =>
  run.algorithm === "sliding-window-log" ? Math.max(1, Math.ceil((LOG_ENTRY * logged(run)) / UNIT)) : 1;

/** Write units of a run: a denied client is not asked for again before its retry, so those denials write nothing. */
export const writeUnits = (run: Run): number => {
  const blockedUntil = new Map<number, number>();
  let decisions = 0;
  for (const mark of run.marks) {
    if (mark.at < (blockedUntil.get(mark.client) ?? 0)) continue;
    decisions += 1;
    if (!mark.allowed) blockedUntil.set(mark.client, mark.at + mark.retryAfterMs);
  }
  return decisions * unitsEach(run);
};
