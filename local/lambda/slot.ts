import { randomBytes, randomUUID } from "node:crypto";
import { url as inspectorUrl } from "node:inspector";
import type { FunctionSpec } from "../graph/graph.ts";
import type { Bundle } from "./bundle/bundler.ts";
import { type Environment, startEnvironment } from "./environment.ts";
import { strikeInit } from "./faulty.ts";
import type { LogLine, RuntimeError } from "./protocol.ts";
import { applicationEvent, platformEvents } from "./records.ts";
import type { LambdaDeps, LogEvent } from "./types.ts";
import { environmentVariables, type LoggingConfig } from "./variables.ts";

/** AWS calls made by the invocation that runs now. */
export interface Calls {
  count: number;
  readUnits: number;
  writeUnits: number;
}

/** An environment with what belongs to it: keys, log stream, counters. */
export interface Slot {
  readonly id: string;
  readonly environment: Environment;
  readonly bundle: Bundle;
  readonly generation: number;
  readonly calls: Calls;
  /** Messages logged since `tail` was last emptied. */
  readonly tail: string[];
  readonly failed: Promise<RuntimeError | undefined>;
  /** Trace of the invocation that runs now, or ran last. */
  trace: string | undefined;
  /** Milliseconds its start took; undefined until it has started, and after the first invocation reported it. */
  initMs: number | undefined;
  lastUsed: number;
  /** Request id of the event that runs here. */
  running: string | undefined;
  log(events: readonly LogEvent[]): void;
}

/** What slots of one function share. */
export interface SlotDeps {
  readonly deps: LambdaDeps;
  readonly spec: FunctionSpec;
  readonly logging: LoggingConfig;
  readonly runtimeFile: string;
  /** Lets the host find the slot that a call belongs to. */
  readonly slots: Map<string, Slot>;
}

/** Kept for `LogType: Tail`: 4 KB at most are returned, and a chatty function must not grow the host. */
const TAIL_LINES = 200;

const streamName = (nowMs: number) =>
  `${new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomBytes(16).toString("hex")}`;

/**
 * A debugger may be attached: nothing times out while the inspector listens. Start the local cloud with `node --inspect`:
 * DevTools and VS Code then list each environment as a thread named after its function, with the sources behind its bundle.
 */
export const debugging = (): boolean => inspectorUrl() !== undefined;

/** An open log stream: what is logged goes to the sink, and its end to `tail`. */
const openStream = ({ deps, spec }: SlotDeps, traceNow: () => string | undefined) => {
  const logStream = streamName(deps.clock.now());
  const tail: string[] = [];
  const log = (events: readonly LogEvent[]) => {
    if (events.length === 0) return;
    for (const { message } of events) tail.push(message);
    if (tail.length > TAIL_LINES) tail.splice(0, tail.length - TAIL_LINES);
    const trace = traceNow();
    deps.logs.append(spec.logGroup, logStream, trace ? events.map((event) => ({ ...event, trace })) : events);
  };
  return { logStream, tail, log };
};

/** Issues keys, opens a log stream and starts an environment. */
export const startSlot = (
  shared: SlotDeps,
  input: { bundle: Bundle; generation: number; initTimeoutMs: number; onEnd: () => void },
): Slot => {
  const { deps, spec, logging, slots, runtimeFile } = shared;
  const { bundle, generation, initTimeoutMs } = input;
  const id = randomUUID();
  const began = performance.now();
  let started: Slot | undefined;
  const { logStream, tail, log } = openStream(shared, () => started?.trace);
  const keys = deps.credentials.issue({ functionArn: spec.arn, roleArn: spec.roleArn, environmentId: id });
  const handler = `bundle${spec.handler.slice(spec.handler.lastIndexOf("."))}`;
  const { endpoint, xrayDaemon } = deps;
  const place = {
    region: deps.graph.region,
    endpoint,
    taskRoot: bundle.folder,
    ...(xrayDaemon ? { xrayDaemon } : {}),
  };
  const variables = environmentVariables({ spec, logging, keys, logStream, handler, ...place });
  const onLog = (line: LogLine) => {
    const event = applicationEvent(line, logging);
    if (event) log([event]);
  };
  const onEnd = () => {
    deps.credentials.revoke(keys.accessKeyId);
    slots.delete(id);
    input.onEnd();
  };
  log(platformEvents(spec, logging).initStart(deps.clock.now()));
  const start = { spec, bundle, logging, debugging, runtimeFile, initTimeoutMs, variables, onLog, onEnd };
  const environment = startEnvironment(start);
  const struck = strikeInit(deps, spec, initTimeoutMs, environment.ended);
  const failed = Promise.all([environment.started, struck]).then(([error, fault]) => {
    slot.initMs = performance.now() - began;
    return error ?? fault;
  });
  const calls = { count: 0, readUnits: 0, writeUnits: 0 };
  const times = { lastUsed: deps.clock.now(), initMs: undefined, running: undefined, trace: undefined };
  const slot: Slot = { id, environment, bundle, generation, calls, tail, failed, log, ...times };
  started = slot;
  slots.set(id, slot);
  return slot;
};
