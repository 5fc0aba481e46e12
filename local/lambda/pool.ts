import type { Bundler } from "./bundle/bundler.ts";
import { close, pump, refuse } from "./dispatch.ts";
import { strikeSubmit } from "./faulty.ts";
import type { Governor, Member } from "./governor.ts";
import { type Job, recordRefusal } from "./invocation.ts";
import type { Slot, SlotDeps } from "./slot.ts";
import type { FunctionStats, LambdaLimits } from "./types.ts";

/** What a pool is made from. */
export interface PoolDeps extends SlotDeps {
  readonly bundler: Bundler;
  readonly governor: Governor;
  readonly limits: LambdaLimits;
}

/** All environments of one function, and the events waiting for one. */
export interface Pool {
  readonly shared: PoolDeps;
  readonly member: Member;
  readonly queue: Job[];
  /** Environments that wait, longest unused first. */
  readonly idle: Slot[];
  readonly all: Set<Slot>;
  readonly counts: { invocations: number; errors: number; throttles: number; coldStarts: number };
  latest?: { readonly initMs: number; readonly importMs: number };
  /** Counts edits: an environment of an older generation takes no further event. */
  generation: number;
  /** Environments being bundled for, and being bundled for or initialised. */
  building: number;
  starting: number;
  busy: number;
  stopped: boolean;
}

const SERVICE_FAILED = { errorType: "ServiceException", errorMessage: "Service exception" };
const STOPPED = { errorType: "ServiceException", errorMessage: "The local Lambda stopped." };

/** A pool with no environments yet. */
export const createPool = (shared: PoolDeps): Pool => {
  const member: Member = {
    environments: () => pool.all.size + pool.building,
    idleSince: () => pool.idle[0]?.lastUsed,
    evict: () => pool.idle[0] && close(pool, pool.idle[0]),
    pump: () => pump(pool),
  };
  const pool: Pool = {
    shared,
    member,
    queue: [],
    idle: [],
    all: new Set(),
    counts: { invocations: 0, errors: 0, throttles: 0, coldStarts: 0 },
    generation: 0,
    building: 0,
    starting: 0,
    busy: 0,
    stopped: false,
  };
  shared.governor.join(member);
  return pool;
};

/** Answers an event that a fault keeps from any environment. */
const refuseStruck = (pool: Pool, job: Job, end: "throttle" | "error", note = ""): void => {
  const { deps, spec } = pool.shared;
  recordRefusal(deps, spec, job, `${end} on purpose`, note);
  if (end === "error") {
    refuse(pool, job, SERVICE_FAILED);
    return;
  }
  pool.counts.throttles += 1;
  deps.print(`λ ${spec.component.padEnd(28)} throttled: ${note}`);
  job.settle({ requestId: job.requestId, throttled: true, durationMs: 0, logTail: "" });
};

/** Queues an event; one beyond the reserved concurrency is throttled at once. */
export const submit = (pool: Pool, job: Job): void => {
  const { spec, deps } = pool.shared;
  const reserved = spec.reservedConcurrency;
  if (reserved !== undefined && pool.queue.length + pool.busy >= reserved) {
    pool.counts.throttles += 1;
    deps.print(`λ ${spec.component.padEnd(28)} throttled: reserved concurrency of ${reserved} reached`);
    job.settle({ requestId: job.requestId, throttled: true, durationMs: 0, logTail: "" });
    return;
  }
  if (pool.stopped) {
    refuse(pool, job, STOPPED);
    return;
  }
  const { cold, end, note } = strikeSubmit(deps, spec, job.options.from);
  if (end) {
    refuseStruck(pool, job, end, note);
    return;
  }
  if (cold) for (const slot of [...pool.idle]) close(pool, slot);
  pool.queue.push(job);
  pump(pool);
};

/** The code was edited: free environments end now, busy ones after their event. */
export const retire = (pool: Pool, buildNow: boolean): void => {
  pool.generation += 1;
  if (buildNow && pool.all.size > 0) void pool.shared.bundler.get(pool.shared.spec);
  for (const slot of [...pool.idle]) close(pool, slot);
};

/** Ends environments unused since `time`. */
export const reclaim = (pool: Pool, time: number): void => {
  for (const slot of pool.idle.filter(({ lastUsed }) => lastUsed <= time)) close(pool, slot);
};

/** Ends everything; waiting events are answered with an error. */
export const stopPool = async (pool: Pool): Promise<void> => {
  pool.stopped = true;
  for (const job of pool.queue.splice(0)) {
    refuse(pool, job, STOPPED);
  }
  await Promise.all([...pool.all].map((slot) => slot.environment.stop()));
};

/** Counters and sizes, for the console and the benchmarks. */
export const poolStats = (pool: Pool): FunctionStats => {
  const { bundler, spec } = pool.shared;
  const bundleBytes = bundler.bytes(spec);
  return {
    component: spec.component,
    arn: spec.arn,
    environments: pool.all.size,
    busy: pool.busy,
    queued: pool.queue.length,
    ...pool.counts,
    ...(bundleBytes === undefined ? {} : { bundleBytes }),
    ...pool.latest,
  };
};
