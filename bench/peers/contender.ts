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

/** How a race is run. */
export interface Race {
  readonly rounds: number;
  /** Of each contender a round, and how many are under way at once. */
  readonly times: number;
  readonly atOnce: number;
}

/** Medians of the rounds: the time of one when so many are under way, and what one waits. Microseconds. */
export interface Pace {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

type Work = (n: number) => Promise<unknown>;

const run = async (times: number, atOnce: number, work: Work): Promise<number> => {
  let next = 0;
  const worker = async () => {
    while (next < times) await work(next++);
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: atOnce }, worker));
  return performance.now() - from;
};

/** As `run`, with a clock about each: a tenth as many, so that the clock does not weigh on the speed. */
const sampled = async (times: number, atOnce: number, work: Work): Promise<readonly number[]> => {
  const samples: number[] = [];
  await run(Math.ceil(times / 10), atOnce, async (n) => {
    const from = performance.now();
    await work(n);
    samples.push((performance.now() - from) * 1_000);
  });
  return samples;
};

/**
 * Runs all of them in turn, round after round, every other round backwards, so that what the machine does besides meets all alike.
 * The first round warms up and does not count.
 */
export const race = async (
  works: readonly Work[],
  { rounds, times, atOnce }: Race,
): Promise<readonly Pace[]> => {
  const seen = works.map(() => ({ ms: [] as number[], p50: [] as number[], p99: [] as number[] }));
  const order = works.map((work, index) => ({ work, index }));
  for (let turn = 0; turn <= rounds; turn++)
    for (const { work, index } of turn % 2 === 0 ? order : order.toReversed()) {
      const ms = await run(times, atOnce, work);
      const samples = await sampled(times, atOnce, work);
      if (turn === 0) continue;
      seen[index]?.ms.push(ms);
      seen[index]?.p50.push(percentile(samples, 0.5));
      seen[index]?.p99.push(percentile(samples, 0.99));
    }
  return seen.map(({ ms, p50, p99 }) => ({
    perSecond: Math.round((times * 1_000) / percentile(ms, 0.5)),
    p50: round(percentile(p50, 0.5), 1),
    p99: round(percentile(p99, 0.5), 1),
  }));
};

const nameOf = ({ store, library, algorithm }: Contender): Row => ({ store, library, algorithm });

/** Speed over many keys that are all let through: decisions a second, and how long one takes. */
export const speedOf = async (contenders: readonly Contender[], how: Race): Promise<Row[]> => {
  const works = contenders.map(
    (contender): Work =>
      (n) =>
        contender.decide(`key-${n % 1_000}`),
  );
  const paces = await race(works, how);
  const rows: Row[] = [];
  for (const [index, contender] of contenders.entries()) {
    const before = contender.calls?.() ?? 0;
    await run(COUNTED, how.atOnce, works[index] as Work);
    rows.push({
      ...nameOf(contender),
      "decisions/s": paces[index]?.perSecond ?? 0,
      "p50 µs": paces[index]?.p50 ?? 0,
      "p99 µs": paces[index]?.p99 ?? 0,
      "calls a decision": round(((contender.calls?.() ?? 0) - before) / COUNTED, 2),
    });
  }
  return rows;
};

const COUNTED = 100; // decisions whose calls are counted

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
    ...nameOf(contender),
    "admitted of 1,000 at 100": answers.filter(Boolean).length,
    "took ms": round(took, 0),
    "calls of the 1,000": raced - before,
    "calls of 10 denied again": after - raced,
  };
};

/** How fast a key that was denied is denied again. */
export const deniedOf = async (contenders: readonly Contender[], key: string, how: Race): Promise<Row[]> => {
  const works = contenders.map(
    (contender): Work =>
      () =>
        contender.decide(key),
  );
  const paces = await race(works, how);
  return contenders.map((contender, index) => ({
    ...nameOf(contender),
    "denied again/s": paces[index]?.perSecond ?? 0,
    "p50 µs": paces[index]?.p50 ?? 0,
    "p99 µs": paces[index]?.p99 ?? 0,
  }));
};
