import type { Failure } from "../api/failure.ts";
import { wait } from "../ui/wait.ts";
import { freshSpace, type Got, type Space, type Tier } from "./cache-client.ts";
import { zipf } from "./zipf.ts";

/** One answered read. */
export interface Sample {
  readonly id: number;
  /** Milliseconds since the epoch, when its answer came. */
  readonly at: number;
  readonly rank: number;
  readonly tier: Tier;
  readonly loaded: boolean;
  /** Within the function that served it, as it says. */
  readonly tookMs: number;
  /** From the call to the whole answer, as this browser saw it. */
  readonly wholeMs: number;
}

/** What is asked for, and how often. */
export interface TrafficSettings {
  readonly keys: number;
  readonly skew: number;
  readonly rate: number;
  /** Seconds. */
  readonly ttl: number;
}

/** What a run tells while it goes. */
export interface TrafficReport {
  sample(sample: Sample): void;
  fail(failure: Failure): void;
  readonly signal: AbortSignal;
  /** Read anew for each request, so that sliders take hold at once. */
  readonly settings: () => TrafficSettings;
}

/** More at once than a browser has connections measures the browser's queue. */
const IN_FLIGHT = 6;
let next = 1;

/** Reads pages as visitors do, the few often and the many seldom, until told to stop. */
export const runTraffic = async (report: TrafficReport): Promise<void> => {
  const { settings, signal } = report;
  const space = freshSpace("traffic");
  const { keys, skew } = settings();
  const draw = zipf(keys, skew, 7);
  let inFlight = 0;
  while (!signal.aborted) {
    const { rate, ttl } = settings();
    if (inFlight < IN_FLIGHT) {
      inFlight += 1;
      void one(space, draw(), ttl, report).finally(() => {
        inFlight -= 1;
      });
    }
    await wait(1_000 / Math.max(1, rate), signal);
  }
};

const read = (
  space: Space,
  rank: number,
  ttl: number,
  signal: AbortSignal,
  consistency: "strong" | "eventual" = "eventual",
): Promise<Got> =>
  space.get(`page-${rank}`, { origin: "records", ttl: String(ttl * 1_000), consistency }, signal);

/**
 * Reads a page; the first who asks for one that nobody wrote writes its record, and reads again. Strongly: the memory of another
 * process may remember for a moment that there was none.
 */
const readOrWrite = async (space: Space, rank: number, ttl: number, signal: AbortSignal): Promise<Got> => {
  const got = await read(space, rank, ttl, signal);
  if (got.ok || got.failure.status !== 404) return got;
  const body = { value: { page: rank, text: "x".repeat(200) }, strategy: "cache-aside" as const };
  const put = await space.put(`page-${rank}`, body, signal);
  return put.ok ? read(space, rank, ttl, signal, "strong") : put;
};

const one = async (space: Space, rank: number, ttl: number, { sample, fail, signal }: TrafficReport) => {
  const outcome = await readOrWrite(space, rank, ttl, signal);
  if (!outcome.ok) {
    if (outcome.failure.kind !== "aborted") fail(outcome.failure);
    // Refused for coming too often: as long as the answer says.
    return wait((outcome.failure.retryAfter ?? 0) * 1_000, signal);
  }
  const { tier, loaded, took_ms } = outcome.data;
  sample({ id: next++, at: Date.now(), rank, tier, loaded, tookMs: took_ms, wholeMs: outcome.ms });
};
