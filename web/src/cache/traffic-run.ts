import type { Failure } from "../api/failure.ts";
import { wait } from "../ui/wait.ts";
import { each, freshSpace, type Space, type Tier } from "./cache-client.ts";
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
  say(text: string): void;
  sample(sample: Sample): void;
  fail(failure: Failure): void;
  readonly signal: AbortSignal;
  /** Read anew for each request, so that sliders take hold at once. */
  readonly settings: () => TrafficSettings;
}

/** More at once than a browser has connections measures the browser's queue. */
const IN_FLIGHT = 6;
let next = 1;

/** Writes the records that the cache is to stand before, and leaves the cache itself empty. */
const prepare = async (space: Space, { settings, say, fail, signal }: TrafficReport): Promise<boolean> => {
  const keys = Array.from({ length: settings().keys }, (_, rank) => rank);
  let written = 0;
  let failure: Failure | undefined;
  await each(keys, IN_FLIGHT, async (rank) => {
    if (signal.aborted || failure) return;
    const body = { value: { page: rank, text: "x".repeat(200) }, strategy: "cache-aside" as const };
    const outcome = await space.put(`page-${rank}`, body, signal);
    if (!outcome.ok) failure = outcome.failure;
    written += 1;
    say(`Writing the records behind the cache: ${written} of ${keys.length}`);
  });
  if (failure) fail(failure);
  if (failure || signal.aborted) return false;
  const cleared = await space.drop(undefined, signal);
  if (!cleared.ok) fail(cleared.failure);
  return cleared.ok;
};

/** Reads pages as visitors do, the few often and the many seldom, until told to stop. */
export const runTraffic = async (report: TrafficReport): Promise<void> => {
  const { settings, signal } = report;
  const space = freshSpace("traffic");
  if (!(await prepare(space, report))) return;
  report.say("");
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
    await wait(1_000 / rank1(rate), signal);
  }
};

const rank1 = (rate: number) => Math.max(1, rate);

const one = async (space: Space, rank: number, ttl: number, { sample, fail, signal }: TrafficReport) => {
  const outcome = await space.get(`page-${rank}`, { origin: "records", ttl: String(ttl * 1_000) }, signal);
  if (!outcome.ok) {
    if (outcome.failure.kind !== "aborted") fail(outcome.failure);
    // Refused for coming too often: as long as the answer says.
    return wait((outcome.failure.retryAfter ?? 0) * 1_000, signal);
  }
  const { tier, loaded, took_ms } = outcome.data;
  sample({ id: next++, at: Date.now(), rank, tier, loaded, tookMs: took_ms, wholeMs: outcome.ms });
};
