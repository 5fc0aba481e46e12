import { percentile, type Row, round } from "../kit/report.ts";

/** A rate limiter as a benchmark asks it: 100 a minute, or as many as told. */
export interface Contender {
  readonly store: string;
  readonly library: string;
  readonly algorithm: string;
  /** Whether one more request of `key` is let through. */
  decide(key: string): Promise<boolean>;
  /** Commands or AWS calls so far; undefined where there are none. */
  calls?(): number;
}

/** Runs `work` so many times, so many at once; milliseconds of each. */
export const timed = async (
  times: number,
  atOnce: number,
  work: (n: number) => Promise<unknown>,
): Promise<readonly number[]> => {
  const samples: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < times) {
      const n = next++;
      const from = performance.now();
      await work(n);
      samples.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return samples;
};

/** Speed over many keys that are all let through: decisions a second, and how long one takes. */
export const speedOf = async (contender: Contender, times: number, atOnce: number): Promise<Row> => {
  const decide = (n: number) => contender.decide(`key-${n % 1_000}`);
  await timed(Math.min(times, 2_000), atOnce, decide);
  const before = contender.calls?.() ?? 0;
  const from = performance.now();
  const samples = await timed(times, atOnce, decide);
  const seconds = (performance.now() - from) / 1_000;
  const microseconds = (share: number) => round(percentile(samples, share) * 1_000, 1);
  return {
    store: contender.store,
    library: contender.library,
    algorithm: contender.algorithm,
    "decisions/s": Math.round(times / seconds),
    "p50 µs": microseconds(0.5),
    "p99 µs": microseconds(0.99),
    "calls a decision": contender.calls ? round((contender.calls() - before) / times, 2) : 0,
  };
};

/** Exactness at a limit of 100: 1,000 at once, then the same key once more; calls of each. */
export const exactnessOf = async (contender: Contender, key: string): Promise<Row> => {
  const before = contender.calls?.() ?? 0;
  const from = performance.now();
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => contender.decide(key)));
  const took = performance.now() - from;
  const raced = contender.calls?.() ?? 0;
  for (let n = 0; n < 10; n++) await contender.decide(key);
  const after = contender.calls?.() ?? 0;
  return {
    store: contender.store,
    library: contender.library,
    algorithm: contender.algorithm,
    "admitted of 1,000 at 100": answers.filter(Boolean).length,
    "took ms": round(took, 0),
    "calls of the 1,000": raced - before,
    "calls of 10 denied again": after - raced,
  };
};
