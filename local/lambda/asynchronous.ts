import { createHandOver } from "../faults/hand-over.ts";
import type { FunctionSpec } from "../graph/graph.ts";
import type { Delivery, InvokeOptions } from "../kit/cloud.ts";
import { deadLetter, type Ending, type Finished, invocationRecord } from "./destinations.ts";
import type { EventStore, KeptEvent } from "./event-store.ts";
import { pointOf } from "./faulty.ts";
import type { HostInvocation, LambdaDeps } from "./types.ts";

/** An event as it is accepted. */
export interface AsyncEvent {
  readonly requestId: string;
  readonly spec: FunctionSpec;
  /** JSON. */
  readonly event: string;
  readonly options: InvokeOptions;
}

/** Runs accepted events until they succeed, or their retries or their age are used up. */
export interface AsyncQueue {
  /** Resolves once the event would outlive the process. */
  push(event: AsyncEvent): Promise<void>;
  /** Goes on with what an earlier process left. */
  resume(): void;
  /** Starts nothing more: attempts that are cut short now do not count. */
  stop(): void;
  /** Resolves when no attempt is running and nothing is being handed to a destination. */
  settled(): Promise<void>;
  /** Events that are not done. */
  waiting(): number;
}

// One minute before the first retry, two before the second; throttled events from one second doubling to five minutes.
// Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
const retryDelayMs = (failures: number) => Math.min(failures, 2) * 60_000;
const throttleDelayMs = (throttles: number) => Math.min(1_000 * 2 ** (throttles - 1), 300_000);

/** Attempts of one function at a time; further events wait in the store, where they may stand on disk. */
const AT_ONCE = 64;

type Deps = Pick<LambdaDeps, "graph" | "clock" | "deliver" | "print" | "faults">;
type Run = (spec: FunctionSpec, event: AsyncEvent) => Promise<HostInvocation>;

/** An event that may run, and since when, epoch ms. */
interface Turn {
  readonly key: string;
  readonly since: number;
}

/** A function's events that may run, first come first. */
interface Line {
  readonly waiting: Turn[];
  running: number;
}

/** What the parts of a queue work on. */
interface Context {
  readonly deps: Deps;
  readonly run: Run;
  readonly store: EventStore;
  readonly lines: Map<string, Line>;
  readonly tasks: Set<Promise<void>>;
  stopped: boolean;
}

const sender = ({ deliver, print }: Deps, { spec, requestId, options }: AsyncEvent) => {
  const base = { sourceArn: spec.arn, ...(options.trace ? { trace: options.trace } : {}) };
  return async (target: string, delivery: Pick<Delivery, "body" | "attributes">) => {
    try {
      await deliver(target, { ...base, ...delivery });
    } catch (error) {
      print(`✗ ${spec.component}: event ${requestId} could not be sent to ${target}: ${String(error)}`);
    }
  };
};

/** Sends what became of an event where the function says: destination, dead-letter target, or both. */
const tell = async (deps: Deps, event: AsyncEvent, finished: Finished): Promise<void> => {
  const { spec, requestId } = event;
  const { onFailureArn, onSuccessArn } = spec.async;
  const send = sender(deps, event);
  const now = deps.clock.now();
  if (finished.condition === "Success") {
    if (onSuccessArn) await send(onSuccessArn, invocationRecord(event, finished, onSuccessArn, now));
    return;
  }
  if (onFailureArn) await send(onFailureArn, invocationRecord(event, finished, onFailureArn, now));
  if (spec.deadLetterArn) await send(spec.deadLetterArn, deadLetter(event, finished));
  if (!onFailureArn && !spec.deadLetterArn)
    deps.print(`✗ ${spec.component}: asynchronous event ${requestId} dropped (${finished.condition})`);
};

const finish = async (context: Context, key: string, event: AsyncEvent, finished: Finished) => {
  await tell(context.deps, event, finished);
  // Last: a process that ends before this tells once more, and never not at all.
  context.store.remove(key);
};

const later = (context: Context, key: string, ms: number) =>
  void context.deps.clock.after(ms, () => enqueue(context, key));

const attempt = async (context: Context, { key, since }: Turn, spec: FunctionSpec): Promise<void> => {
  const { deps, store, run } = context;
  const kept = store.get(key);
  if (!kept) return;
  const event: AsyncEvent = {
    requestId: kept.requestId,
    spec,
    event: store.payload(key),
    options: kept.options,
  };
  // From when it was due: the time that passed while nothing ran here, or a leap of the clock, makes no event too old.
  const queuedAt = kept.queuedAt + Math.max(0, since - kept.dueAt);
  const ageLeftMs = () => queuedAt + spec.async.maxAgeSeconds * 1_000 - deps.clock.now();
  const given = (ending: Omit<Ending, "attempts">, attempts = kept.failures) =>
    finish(context, key, event, { ...ending, attempts });
  if (ageLeftMs() <= 0) return given({ condition: "EventAgeExceeded" });
  const invocation = await run(spec, event);
  const failed = invocation.error !== undefined;
  if (!failed && !invocation.throttled)
    return finish(context, key, event, { condition: "Success", invocation, attempts: kept.failures + 1 });
  if (context.stopped) return;
  const failures = kept.failures + (invocation.throttled ? 0 : 1);
  const throttles = kept.throttles + (invocation.throttled ? 1 : 0);
  if (failures > spec.async.maxRetries) return given({ condition: "RetriesExhausted", invocation }, failures);
  const delayMs = invocation.throttled ? throttleDelayMs(throttles) : retryDelayMs(failures);
  // Past its age an event is not run again, so there is no point in waiting longer than that.
  const waitMs = Math.max(0, Math.min(delayMs, ageLeftMs()));
  store.change(key, { queuedAt, failures, throttles, dueAt: deps.clock.now() + waitMs });
  later(context, key, waitMs);
};

const pump = (context: Context, spec: FunctionSpec, line: Line): void => {
  while (!context.stopped && line.running < AT_ONCE) {
    const turn = line.waiting.shift();
    if (turn === undefined) return;
    line.running += 1;
    // Whatever one event stumbles over (its payload's file is gone) holds up no other, and is tried again by the next process.
    const failed = (error: unknown) =>
      context.deps.print(`✗ ${spec.component}: asynchronous event ${turn.key}: ${String(error)}`);
    const task = attempt(context, turn, spec)
      .catch(failed)
      .finally(() => {
        line.running -= 1;
        context.tasks.delete(task);
        pump(context, spec, line);
      });
    context.tasks.add(task);
  }
};

const enqueue = (context: Context, key: string): void => {
  const { deps, store, lines } = context;
  const kept = store.get(key);
  if (!kept || context.stopped) return;
  const spec = deps.graph.functions.find(({ arn }) => arn === kept.functionArn);
  if (!spec) {
    deps.print(`✗ event ${kept.requestId} dropped: there is no function ${kept.functionArn} any more`);
    store.remove(key);
    return;
  }
  const line = lines.get(spec.arn) ?? { waiting: [], running: 0 };
  lines.set(spec.arn, line);
  line.waiting.push({ key, since: deps.clock.now() });
  pump(context, spec, line);
};

/** A queue over what is kept; nothing runs before `push` or `resume`. */
export const createAsyncQueue = (deps: Deps, store: EventStore, run: Run): AsyncQueue => {
  const context: Context = { deps, run, store, lines: new Map(), tasks: new Set(), stopped: false };
  const handOver = createHandOver(deps.faults, deps.clock, ["latency", "reorder", "duplicate"]);
  return {
    async push({ requestId, spec, event, options }) {
      const now = deps.clock.now();
      const counts = { failures: 0, throttles: 0, queuedAt: now, dueAt: now };
      const kept: KeptEvent = { requestId, functionArn: spec.arn, options, ...counts };
      let key: string | undefined = await store.add(kept, event);
      // A second time it is a copy: each is tried, retried and given up by itself.
      const send = async () => {
        const mine = key ?? (await store.add(kept, event));
        key = undefined;
        enqueue(context, mine);
      };
      const failed = (error: unknown) =>
        deps.print(`✗ ${spec.component}: event ${requestId}: ${String(error)}`);
      void handOver({ point: pointOf(deps, spec, "Queue", options.from), send, failed }).catch(failed);
    },
    resume() {
      const now = deps.clock.now();
      for (const key of store.keys()) later(context, key, Math.max(0, (store.get(key)?.dueAt ?? 0) - now));
    },
    stop() {
      context.stopped = true;
    },
    waiting: () => store.keys().length,
    async settled() {
      while (context.tasks.size > 0) await Promise.all(context.tasks);
    },
  };
};
