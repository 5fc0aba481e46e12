import type { FunctionSpec } from "../graph/graph.ts";
import type { InvokeOptions } from "../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader, type Span, traceHeader } from "../kit/recorder.ts";
import { locate } from "./bundle/locate.ts";
import { MAX_RESPONSE_BYTES, responseTooLarge } from "./errors.ts";
import { runStruck, type Struck, strikeRun } from "./faulty.ts";
import type { RuntimeError } from "./protocol.ts";
import { platformEvents } from "./records.ts";
import type { Slot, SlotDeps } from "./slot.ts";
import type { HostInvocation, LambdaDeps } from "./types.ts";

/** An event on its way to an environment. */
export interface Job {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  readonly options: InvokeOptions;
  settle(invocation: HostInvocation): void;
}

/** Lambda returns this much of the log to `LogType: Tail`. */
const TAIL_BYTES = 4_096;

const number = (value: number) => String(Math.round(value * 100) / 100);

/** One line for the terminal. */
export const describe = (
  spec: FunctionSpec,
  slot: Slot | undefined,
  end: { durationMs: number; initMs?: number | undefined; error?: RuntimeError | undefined },
): string => {
  const { count = 0, readUnits = 0, writeUnits = 0 } = slot?.calls ?? {};
  const units = [readUnits && `${number(readUnits)} RCU`, writeUnits && `${number(writeUnits)} WCU`].filter(
    Boolean,
  );
  const place = end.error && slot ? locate(slot.bundle.folder, end.error.trace) : undefined;
  return [
    `λ ${spec.component.padEnd(28)} ${end.durationMs.toFixed(1).padStart(7)} ms`,
    end.initMs === undefined ? "" : `cold ${Math.round(end.initMs)} ms`,
    count ? [`${count} call${count === 1 ? "" : "s"}`, ...units].join(" ") : "",
    end.error ? `✗ ${end.error.errorType}: ${end.error.errorMessage}${place ? ` (${place})` : ""}` : "",
  ]
    .filter(Boolean)
    .join("  ");
};

const tailOf = (slot: Slot) => {
  const text = Buffer.from(slot.tail.join("\n"));
  return text.subarray(Math.max(0, text.length - TAIL_BYTES)).toString();
};

const checked = (outcome: { body?: string; error?: RuntimeError }) => {
  const bytes = outcome.body === undefined ? 0 : Buffer.byteLength(outcome.body);
  return bytes > MAX_RESPONSE_BYTES ? { error: responseTooLarge(bytes) } : outcome;
};

/** Where an invocation stands in its trace. */
interface Position {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
}

const positionOf = (options: InvokeOptions, nowMs: number): Position => {
  const { traceId = newTraceId(nowMs), parentId } = parseTraceHeader(options.trace);
  return { traceId, spanId: newSpanId(), ...(parentId ? { parentId } : {}) };
};

const messageOf = (deps: LambdaDeps, spec: FunctionSpec, job: Job, position: Position, struck: Struck) => {
  const offsetMs = deps.clock.now() - Date.now() + struck.skewMs;
  return {
    requestId: job.requestId,
    event: job.event,
    functionArn: spec.arn,
    trace: traceHeader(position.traceId, position.spanId),
    clientContext: job.options.clientContext,
    // Two readings of one clock may straddle a millisecond: only a clock that was moved counts.
    clockOffsetMs: Math.abs(offsetMs) > 5 ? offsetMs : 0,
  };
};

const spanOf = (spec: FunctionSpec, job: Job, position: Position, end: Ending): Span => {
  const { error, fault, initMs, start, durationMs, slot } = end;
  const { count: calls, readUnits, writeUnits } = slot.calls;
  const cold = initMs === undefined ? {} : { initMs };
  return {
    traceId: position.traceId,
    id: position.spanId,
    ...(position.parentId ? { parentId: position.parentId } : {}),
    kind: "invoke",
    node: spec.arn,
    ...(job.options.from ? { from: job.options.from } : {}),
    name: spec.name,
    start,
    durationMs,
    ...(error ? { error: `${error.errorType}: ${error.errorMessage}` } : {}),
    detail: {
      ...job.options.detail,
      requestId: job.requestId,
      ...cold,
      calls,
      readUnits,
      writeUnits,
      environmentId: slot.id,
      ...(fault ? { fault } : {}),
    },
  };
};

interface Ending {
  readonly slot: Slot;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly durationMs: number;
  readonly initMs: number | undefined;
  readonly error: RuntimeError | undefined;
  readonly fault: string | undefined;
}

/** A span for an event that no environment was given. */
export const recordRefusal = (
  { clock, recorder }: LambdaDeps,
  spec: FunctionSpec,
  { requestId, options }: Job,
  error: string,
  fault: string,
): void => {
  const start = clock.now();
  const { traceId, spanId, parentId } = positionOf(options, start);
  recorder.record({
    traceId,
    id: spanId,
    ...(parentId ? { parentId } : {}),
    kind: "invoke",
    node: spec.arn,
    ...(options.from ? { from: options.from } : {}),
    name: spec.name,
    start,
    durationMs: 0,
    error,
    detail: { requestId, fault },
  });
};

/** Runs one event in an environment that is free, and tells the logs, the recorder and the terminal. */
export const runJob = async (
  { deps, spec, logging }: SlotDeps,
  slot: Slot,
  job: Job,
  spentMs = 0,
): Promise<HostInvocation> => {
  const { requestId } = job;
  const start = deps.clock.now();
  const position = positionOf(job.options, start);
  const platform = platformEvents(spec, logging);
  const { initMs } = slot;
  slot.initMs = undefined;
  slot.trace = position.traceId;
  slot.tail.length = 0;
  Object.assign(slot.calls, { count: 0, readUnits: 0, writeUnits: 0 });
  slot.log(platform.start(start, requestId));
  slot.running = requestId;
  const struck = strikeRun(deps, spec, job);
  const message = messageOf(deps, spec, job, position, struck);
  const { environment } = slot;
  const outcome = await runStruck(
    {
      environment,
      spec,
      requestId,
      clock: deps.clock,
      limitMs: Math.max(1, spec.timeoutSeconds * 1_000 - spentMs),
      invoke: (remainingMs) => environment.invoke({ ...message, remainingMs }),
    },
    struck,
  );
  slot.running = undefined;
  const { body, error } = checked(outcome);
  const durationMs = outcome.durationMs + spentMs;
  const cold = initMs === undefined ? {} : { initMs };
  const failed = error ? { error } : {};
  const { traceId } = position;
  const { heapMb } = outcome;
  slot.log(platform.report(deps.clock.now(), { requestId, traceId, durationMs, heapMb, ...cold, ...failed }));
  deps.recorder.record(
    spanOf(spec, job, position, { slot, start, durationMs, initMs, error, fault: struck.note }),
  );
  deps.print(describe(spec, slot, { durationMs, initMs, error }));
  const answer = body === undefined ? {} : { body, payload: JSON.parse(body) as unknown };
  return { requestId, ...answer, ...failed, ...cold, durationMs, logTail: tailOf(slot) };
};
