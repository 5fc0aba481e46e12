import { now } from "./clock.ts";
import { metrics } from "./metrics.ts";

const FLUSH_MS = 10_000;

const counts = new Map<string, number>();
let flushedAt = 0;

/**
 * Counts something that happens on every request. A metric line for each would cost more to ingest than the request, so
 * counts gather in this environment and become metrics every 10 s: at the end of an environment's life the last few
 * seconds are lost, which ratios can bear. What must not be lost is no tally.
 */
export const count = (name: string, by = 1): void => {
  counts.set(name, (counts.get(name) ?? 0) + by);
  if (now() - flushedAt < FLUSH_MS) return;
  for (const [key, value] of counts) metrics.addMetric(key, "Count", value);
  counts.clear();
  flushedAt = now();
};
