import type { Bundle } from "./bundle/bundler.ts";
import { notBuilt } from "./errors.ts";
import { describe, type Job, runJob } from "./invocation.ts";
import type { Pool } from "./pool.ts";
import type { RuntimeError } from "./protocol.ts";
import { type Slot, startSlot } from "./slot.ts";

const forget = (pool: Pool, slot: Slot) => {
  const at = pool.idle.indexOf(slot);
  if (at >= 0) pool.idle.splice(at, 1);
};

/** Ends an environment, whatever it is doing. */
export const close = (pool: Pool, slot: Slot) => {
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
export const refuse = (pool: Pool, job: Job, error: RuntimeError, durationMs = 0) => {
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
