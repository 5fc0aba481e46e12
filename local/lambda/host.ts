import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import path from "node:path";
import { type FunctionSpec, functionByArn } from "../graph/graph.ts";
import type { InvokeOptions } from "../kit/cloud.ts";
import { type AsyncQueue, createAsyncQueue } from "./asynchronous.ts";
import { type Bundler, createBundler } from "./bundle/bundler.ts";
import { MAX_ASYNC_BYTES, MAX_REQUEST_BYTES, requestTooLarge } from "./errors.ts";
import { openEventStore } from "./event-store.ts";
import { createGovernor } from "./governor.ts";
import { createPool, type Pool, poolStats, reclaim, retire, stopPool, submit } from "./pool.ts";
import type { Slot } from "./slot.ts";
import type { HostInvocation, LambdaDeps, LambdaHost, LambdaLimits } from "./types.ts";
import { loggingOf } from "./variables.ts";

const DEFAULT_LIMITS: LambdaLimits = {
  environmentsPerFunction: Math.max(4, 2 * availableParallelism()),
  environments: 32,
  startingAtOnce: Math.max(2, availableParallelism()),
  idleMs: 2 * 60_000,
  initTimeoutMs: 10_000,
  drainMs: 5_000,
};
const RECLAIM_EVERY_MS = 30_000;
const EAGER_BUILDS = 3;
const DRAIN_POLL_MS = 20;

/** The host's running parts. */
interface Host {
  readonly deps: LambdaDeps;
  readonly limits: LambdaLimits;
  readonly bundler: Bundler;
  /** By function name. */
  readonly pools: ReadonlyMap<string, Pool>;
  /** By environment id. */
  readonly slots: Map<string, Slot>;
}

const openPools = async (deps: LambdaDeps, limits: LambdaLimits): Promise<Host> => {
  const { functions } = deps.graph;
  const pools = new Map<string, Pool>();
  const bundler = await createBundler({
    root: deps.root,
    functions,
    watch: deps.watch ?? true,
    onStale(stale, file) {
      const names = stale.length > 3 ? `${stale.length} functions` : stale.map((s) => s.component).join(", ");
      deps.print(`↻ ${path.relative(deps.root, file)}: ${names}`);
      for (const spec of stale) {
        const pool = pools.get(spec.name);
        // One function is built before anyone asks; of many that share a file, only those that are asked for.
        if (pool) retire(pool, stale.length <= EAGER_BUILDS);
      }
    },
    onErrors: (spec, errors) => deps.print([`✗ ${spec.component} does not build`, ...errors].join("\n  ")),
  });
  const governor = createGovernor(limits);
  const slots = new Map<string, Slot>();
  for (const spec of functions) {
    const logging = loggingOf(deps.graph, spec);
    const shared = { deps, spec, logging, slots, bundler, governor, limits };
    pools.set(spec.name, createPool({ ...shared, runtimeFile: bundler.runtimeFile }));
  }
  return { deps, limits, bundler, pools, slots };
};

const runOn = (host: Host, requestId: string, spec: FunctionSpec, event: string, options: InvokeOptions) => {
  const pool = host.pools.get(spec.name);
  const { promise, resolve } = Promise.withResolvers<HostInvocation>();
  if (!pool) throw new Error(`No function ${spec.arn} in the graph.`);
  submit(pool, { requestId, event, options, settle: resolve });
  return promise;
};

const find = (host: Host, arn: string): FunctionSpec => {
  const spec = functionByArn(host.deps.graph, arn);
  if (!spec) throw new Error(`No function ${arn} in the graph.`);
  return spec;
};

const tooLarge = (event: string, limit: number) =>
  Buffer.byteLength(event) > limit ? requestTooLarge(limit) : undefined;

const drain = async (pools: readonly Pool[], deadline: number): Promise<void> => {
  const active = () => pools.some((pool) => pool.busy > 0 || pool.queue.length > 0);
  while (active() && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
};

const stopHost = async (host: Host, queue: AsyncQueue, cancelReclaim: () => void): Promise<void> => {
  cancelReclaim();
  const pools = [...host.pools.values()];
  const deadline = performance.now() + host.limits.drainMs;
  await drain(pools, deadline);
  await host.deps.logs.flush?.();
  await drain(pools, deadline);
  queue.stop();
  await Promise.all(pools.map(stopPool));
  await queue.settled();
  if (queue.waiting() > 0 && host.deps.dataDir === undefined)
    host.deps.print(`${queue.waiting()} asynchronous event(s) that are not done are dropped`);
  await host.bundler.stop();
};

const buildAll = async (host: Host, components?: readonly string[]): Promise<Record<string, number>> => {
  const bytes: Record<string, number> = {};
  for (const { shared } of host.pools.values()) {
    const { spec } = shared;
    if (components && !components.includes(spec.component)) continue;
    const result = await host.bundler.get(spec);
    if ("bundle" in result) bytes[spec.component] = result.bundle.bytes;
  }
  return bytes;
};

const startReclaim = ({ pools, deps: { clock }, limits }: Host): (() => void) => {
  let cancel = () => {};
  const sweep = () => {
    for (const pool of pools.values()) reclaim(pool, clock.now() - limits.idleMs);
    cancel = clock.after(RECLAIM_EVERY_MS, sweep);
  };
  sweep();
  return () => cancel();
};

const noteCall = (slot: Slot | undefined, units: { readUnits: number; writeUnits: number }): void => {
  if (!slot) return;
  slot.calls.count += 1;
  slot.calls.readUnits += units.readUnits;
  slot.calls.writeUnits += units.writeUnits;
};

/** Starts the Lambda host: nothing is bundled and no thread runs before the first event. */
export const createLambda = async (deps: LambdaDeps): Promise<LambdaHost> => {
  // Lambda runs in UTC, and a process has one time zone for all its threads.
  process.env.TZ = "UTC";
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const host = await openPools(deps, limits);
  const store = openEventStore(deps.dataDir);
  const queue = createAsyncQueue(deps, store, (spec, event) =>
    runOn(host, event.requestId, spec, event.event, event.options),
  );
  const cancelReclaim = startReclaim(host);
  queue.resume();
  const run = async (spec: FunctionSpec, event: string, options: InvokeOptions = {}) => {
    const requestId = randomUUID();
    const error = tooLarge(event, MAX_REQUEST_BYTES);
    if (error) return { requestId, error, durationMs: 0, logTail: "" };
    return runOn(host, requestId, spec, event, options);
  };
  return {
    run,
    invoke: async (arn, event, options) => run(find(host, arn), JSON.stringify(event ?? null), options),
    async invokeAsync(arn, payload, options = {}) {
      const requestId = randomUUID();
      const event = JSON.stringify(payload ?? null);
      const error = tooLarge(event, MAX_ASYNC_BYTES);
      if (error) throw Object.assign(new Error(error.errorMessage), { name: error.errorType });
      await queue.push({ requestId, spec: find(host, arn), event, options });
      return { requestId };
    },
    crash: async (environmentId) => host.slots.get(environmentId)?.environment.stop(),
    invocationOf: (environmentId) => host.slots.get(environmentId)?.running,
    noteCall: (environmentId, units) => noteCall(host.slots.get(environmentId), units),
    build: (components) => buildAll(host, components),
    stats: () => [...host.pools.values()].map(poolStats),
    async stop() {
      await stopHost(host, queue, cancelReclaim);
      await store.close();
    },
  };
};
