import type { Failure } from "../api/failure.ts";
import { percentile } from "../api/latency.ts";
import { seeded } from "../ui/seeded.ts";
import { wait } from "../ui/wait.ts";
import { freshSpace, type Tier } from "./cache-client.ts";
import { zipf } from "./zipf.ts";

/** The strategies, with what each writes and how it reads. */
export const strategies = [
  ["cache-aside", "Cache-aside", "Writes the record, drops the entry; the next read loads it."],
  ["write-through", "Write-through", "Writes the record, then the entry: the next read finds it."],
  ["write-behind", "Write-behind", "Writes the entry; the record follows, many writes as one."],
  [
    "refresh-ahead",
    "Refresh-ahead",
    "Writes as write-through; near its end an entry is loaded anew, and served meanwhile.",
  ],
] as const;
export type StrategyName = (typeof strategies)[number][0];

/** What one strategy made of the workload. */
export interface StrategyRun {
  readonly done: number;
  readonly all: number;
  readonly reads: number;
  readonly writes: number;
  readonly by: Readonly<Record<Tier, number>>;
  /** Reads that asked the origin and waited for it. */
  readonly loads: number;
  /** Reads that gave an older value than the last one acknowledged. */
  readonly stale: number;
  readonly readMs: readonly number[];
  readonly writeMs: readonly number[];
  readonly failure?: Failure;
}

const KEYS = 6;
const OPERATIONS = 60;
const SHARE_OF_WRITES = 0.2;
/** Short, so that entries end while it runs and refresh-ahead has something to do. */
const TTL_MS = 2_000;
/** What the origin takes longer than it needs: without it local records answer too fast to be worth a cache. */
const SLOW_MS = 40;
/** Refresh-ahead alone serves an entry past its end while it is loaded anew. */
const GRACE_MS: Partial<Record<StrategyName, number>> = { "refresh-ahead": TTL_MS };
/** From one operation to the next at the least: faster, all would be done before an entry ends. */
const PACE_MS = 100;

/** The same operations for each strategy: a key, and whether it is written. */
export const workload = (seed: number): readonly { readonly key: string; readonly write: boolean }[] => {
  const [draw, random] = [zipf(KEYS, 0.9, seed), seeded(seed + 1)];
  const first = Array.from({ length: KEYS }, (_, rank) => ({ key: `item-${rank}`, write: true }));
  const rest = Array.from({ length: OPERATIONS - KEYS }, () => ({
    key: `item-${draw()}`,
    write: random() < SHARE_OF_WRITES,
  }));
  return [...first, ...rest];
};

const empty = (all: number): StrategyRun => ({
  done: 0,
  all,
  reads: 0,
  writes: 0,
  loads: 0,
  stale: 0,
  by: { l1: 0, l2: 0, origin: 0 },
  readMs: [],
  writeMs: [],
});

/** Runs a workload one operation after another by one strategy, telling each step. */
export const runStrategy = async (
  name: StrategyName,
  operations: ReturnType<typeof workload>,
  tell: (run: StrategyRun) => void,
  signal: AbortSignal,
): Promise<void> => {
  const space = freshSpace(name);
  const written = new Map<string, number>();
  let run = empty(operations.length);
  for (const [i, { key, write }] of operations.entries()) {
    const paced = wait(PACE_MS, signal);
    if (signal.aborted) return;
    if (write) {
      const strategy = name === "refresh-ahead" ? "write-through" : name;
      const outcome = await space.put(
        key,
        { value: i, strategy, ttl: TTL_MS, grace: GRACE_MS[name] ?? 0 },
        signal,
      );
      if (!outcome.ok) return tell({ ...run, failure: outcome.failure });
      written.set(key, i);
      run = { ...run, writes: run.writes + 1, writeMs: [...run.writeMs, outcome.ms] };
    } else {
      const query = {
        origin: "records" as const,
        ttl: String(TTL_MS),
        slow: String(SLOW_MS),
        ...(name === "refresh-ahead" && { refresh_ahead: "true" as const, grace: String(TTL_MS) }),
      };
      const outcome = await space.get(key, query, signal);
      if (!outcome.ok) return tell({ ...run, failure: outcome.failure });
      const { tier, loaded, value } = outcome.data;
      const behind = typeof value === "number" && value < (written.get(key) ?? 0);
      run = {
        ...run,
        reads: run.reads + 1,
        by: { ...run.by, [tier]: run.by[tier] + 1 },
        loads: run.loads + Number(loaded),
        stale: run.stale + Number(behind),
        readMs: [...run.readMs, outcome.ms],
      };
    }
    run = { ...run, done: i + 1 };
    tell(run);
    await paced;
  }
};

/** Median in milliseconds; undefined of nothing. */
export const median = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : percentile(times, 50);
