import type { Bundle, Bundler } from "./bundle/bundler.ts";
import { notBuilt } from "./errors.ts";
import type { Governor, Member } from "./governor.ts";
import { describe, type Job, runJob } from "./invocation.ts";
import type { RuntimeError } from "./protocol.ts";
import { type Slot, type SlotDeps, startSlot } from "./slot.ts";
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

const forget = (pool: Pool, slot: Slot) => {
  const at = pool.idle.indexOf(slot);
  if (at >= 0) pool.idle.splice(at, 1);
};

const close = (pool: Pool, slot: Slot) => {
  forget(pool, slot);
  void slot.environment.stop();
};

const usable = (pool: Pool, slot: Slot) =>
  slot.environment.alive() && slot.generation === pool.generation && !pool.stopped;

const open = (pool: Pool, bundle: Bundle, initTimeoutMs: number): Slot => {
  const { generation } = pool;
  const onEnd = () => {
    forget(pool, slot);
    pool.all.delete(slot);
    pool.shared.governor.ended();
    pump(pool);
  };
  const slot = startSlot(pool.shared, { bundle, generation, initTimeoutMs, onEnd });
  pool.all.add(slot);
  return slot;
};

const opened = (pool: Pool, slot: Slot) => {
  pool.counts.coldStarts += 1;
  pool.latest = { initMs: slot.initMs ?? 0, importMs: slot.environment.importMs() };
};

/** Answers an event that no environment ran. */
const refuse = (pool: Pool, job: Job, error: RuntimeError, durationMs = 0) => {
  const { deps, spec } = pool.shared;
  pool.counts.errors += 1;
  deps.print(describe(spec, undefined, { durationMs, error }));
  job.settle({ requestId: job.requestId, error, durationMs, logTail: "" });
};

const work = async (pool: Pool, slot: Slot, job: Job, spentMs = 0) => {
  pool.busy += 1;
  pool.counts.invocations += 1;
  const { requestId } = job;
  const invocation = await runJob(pool.shared, slot, job, spentMs).catch((cause: unknown) => ({
    requestId,
    error: { errorType: "ServiceException", errorMessage: String(cause) },
    durationMs: 0,
    logTail: "",
  }));
  pool.busy -= 1;
  if (invocation.error) pool.counts.errors += 1;
  slot.lastUsed = pool.shared.deps.clock.now();
  if (usable(pool, slot)) pool.idle.push(slot);
  else close(pool, slot);
  job.settle(invocation);
  pump(pool);
};

/** As Lambda does after a failed init: once more, now as part of the invocation and within its timeout. */
const retryInit = async (pool: Pool, bundle: Bundle, job: Job) => {
  const { governor, spec } = pool.shared;
  const began = performance.now();
  pool.busy += 1;
  governor.take();
  const slot = open(pool, bundle, spec.timeoutSeconds * 1_000);
  const error = await slot.failed;
  pool.busy -= 1;
  governor.started();
  const spentMs = performance.now() - began;
  if (error) {
    close(pool, slot);
    const errorMessage = error.errorMessage.replace("RequestId: init", `RequestId: ${job.requestId}`);
    return refuse(pool, job, { ...error, errorMessage }, spentMs);
  }
  opened(pool, slot);
  slot.initMs = undefined; // Lambda reports no init duration for this second attempt
  await work(pool, slot, job, spentMs);
};

const start = async (pool: Pool) => {
  const { bundler, governor, limits, spec } = pool.shared;
  pool.starting += 1;
  pool.building += 1;
  const found = await bundler.get(spec);
  pool.building -= 1;
  if ("errors" in found || pool.stopped) {
    pool.starting -= 1;
    governor.started();
    governor.ended();
    const job = pool.queue.shift();
    if (job && "errors" in found) refuse(pool, job, notBuilt(found.errors));
    return pump(pool);
  }
  const slot = open(pool, found.bundle, limits.initTimeoutMs);
  const error = await slot.failed;
  pool.starting -= 1;
  governor.started();
  const current = slot.generation === pool.generation;
  if (error || !usable(pool, slot)) close(pool, slot);
  else {
    opened(pool, slot);
    pool.idle.push(slot);
  }
  const job = error && current ? pool.queue.shift() : undefined;
  if (job) void retryInit(pool, slot.bundle, job);
  pump(pool);
};

/** Hands waiting events to free environments, and starts environments while events wait for one. */
export const pump = (pool: Pool): void => {
  const { governor, limits } = pool.shared;
  while (pool.queue.length > 0 && !pool.stopped) {
    // The latest used first: the others grow old and are reclaimed.
    const slot = pool.idle.pop();
    if (slot && !usable(pool, slot)) {
      close(pool, slot);
      continue;
    }
    const job = slot && pool.queue.shift();
    if (slot && job) {
      void work(pool, slot, job);
      continue;
    }
    const room = pool.member.environments() < limits.environmentsPerFunction;
    if (!room || pool.starting >= pool.queue.length || !governor.tryStart(pool.member)) return;
    void start(pool);
  }
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
    refuse(pool, job, { errorType: "ServiceException", errorMessage: "The local Lambda stopped." });
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
