import type { FunctionSpec } from "../graph/graph.ts";
import type { Delivery, InvokeOptions } from "../kit/cloud.ts";
import { deadLetter, type Ending, failureRecord } from "./destinations.ts";
import type { HostInvocation, LambdaDeps } from "./types.ts";

/** An event in a function's asynchronous queue. */
export interface AsyncEvent {
  readonly requestId: string;
  readonly spec: FunctionSpec;
  /** JSON. */
  readonly event: string;
  readonly options: InvokeOptions;
  readonly queuedAt: number;
  /** Attempts that ran and failed; throttled ones are not counted. */
  failures: number;
  throttles: number;
}

/** Runs queued events until they succeed, or their retries or their age are used up. */
export interface AsyncQueue {
  push(event: Pick<AsyncEvent, "requestId" | "spec" | "event" | "options">): void;
  /** Resolves when no attempt is running and nothing is being handed to a destination. */
  settled(): Promise<void>;
  /** Events that wait for a retry. */
  waiting(): number;
}

// One minute before the first retry, two before the second; throttled events from one second doubling to five minutes.
// Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
const retryDelayMs = (failures: number) => Math.min(failures, 2) * 60_000;
const throttleDelayMs = (throttles: number) => Math.min(1_000 * 2 ** (throttles - 1), 300_000);

type Deps = Pick<LambdaDeps, "clock" | "deliver" | "print">;
type Run = (spec: FunctionSpec, event: AsyncEvent) => Promise<HostInvocation>;

/** Sends what is left of an event where the function says: on-failure destination, dead-letter target, or both. */
const giveUp = async (deps: Deps, event: AsyncEvent, ending: Ending): Promise<void> => {
  const { spec, requestId, options } = event;
  const base = { sourceArn: spec.arn, ...(options.trace ? { trace: options.trace } : {}) };
  const send = async (target: string, delivery: Pick<Delivery, "body" | "attributes">) => {
    try {
      await deps.deliver(target, { ...base, ...delivery });
    } catch (error) {
      deps.print(`✗ ${spec.component}: event ${requestId} could not be sent to ${target}: ${String(error)}`);
    }
  };
  const { onFailureArn } = spec.async;
  if (onFailureArn) await send(onFailureArn, failureRecord(event, ending, deps.clock.now()));
  if (spec.deadLetterArn) await send(spec.deadLetterArn, deadLetter(event, ending));
  if (!onFailureArn && !spec.deadLetterArn)
    deps.print(`✗ ${spec.component}: asynchronous event ${requestId} dropped (${ending.condition})`);
};

/** An empty queue. Events live in memory: those that wait for a retry are lost when the process ends. */
export const createAsyncQueue = (deps: Deps, run: Run): AsyncQueue => {
  const running = new Set<Promise<void>>();
  let waiting = 0;

  const attempt = async (event: AsyncEvent): Promise<void> => {
    const { spec } = event;
    const ageLeftMs = event.queuedAt + spec.async.maxAgeSeconds * 1_000 - deps.clock.now();
    if (ageLeftMs <= 0) return giveUp(deps, event, { condition: "EventAgeExceeded" });
    const invocation = await run(spec, event);
    if (!invocation.error && !invocation.throttled) return;
    if (invocation.throttled) event.throttles += 1;
    else event.failures += 1;
    if (event.failures > spec.async.maxRetries)
      return giveUp(deps, event, { condition: "RetriesExhausted", invocation });
    const delayMs = invocation.throttled ? throttleDelayMs(event.throttles) : retryDelayMs(event.failures);
    waiting += 1;
    // Past its age an event is not run again, so there is no point in waiting longer than that.
    deps.clock.after(Math.min(delayMs, ageLeftMs), () => {
      waiting -= 1;
      launch(event);
    });
  };

  const launch = (event: AsyncEvent) => {
    const task = attempt(event).finally(() => running.delete(task));
    running.add(task);
  };

  return {
    push: (event) => launch({ ...event, queuedAt: deps.clock.now(), failures: 0, throttles: 0 }),
    waiting: () => waiting,
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
};
