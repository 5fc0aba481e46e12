import { createStore } from "../ui/store.ts";

/** What this browser measured of one operation since the page was opened. */
export interface Measured {
  readonly name: string;
  readonly count: number;
  readonly errors: number;
  /** Milliseconds, the latest thousand, unsorted. */
  readonly samples: readonly number[];
}

const kept = 1_000;
const store = createStore<ReadonlyMap<string, Measured>>(new Map());

/** Notes one answer. Statuses from 500 count as errors: 4xx are answers. */
export const record = (name: string, ms: number, status: number): void => {
  const before = store.get().get(name) ?? { name, count: 0, errors: 0, samples: [] };
  const next = new Map(store.get());
  next.set(name, {
    name,
    count: before.count + 1,
    errors: before.errors + (status >= 500 ? 1 : 0),
    samples: [...before.samples.slice(1 - kept), ms],
  });
  store.set(next);
};

/** All operations measured, in the order they were first called. */
export const useMeasured = (): readonly Measured[] => [...store.use().values()];

/** Nearest-rank percentile. */
export const percentile = (samples: readonly number[], p: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0;
};
