import { pathToFileURL } from "node:url";
import { type ResourceLimits, Worker } from "node:worker_threads";
import type { FunctionSpec } from "../graph/graph.ts";
import type { Bundle } from "./bundle/bundler.ts";
import { exited, outOfMemory, timedOut } from "./errors.ts";
import type { InvokeMessage, LogLine, RuntimeError, RuntimeMessage, RuntimeStart } from "./protocol.ts";
import type { LoggingConfig } from "./variables.ts";

/** How one event ended in its environment. */
export interface Outcome {
  readonly body?: string;
  readonly error?: RuntimeError;
  readonly heapMb: number;
  readonly durationMs: number;
}

/** One execution environment: a thread with the function's variables, its module state, and at most one event. */
export interface Environment {
  /** Resolves once the module has run; undefined when all went well. */
  readonly started: Promise<RuntimeError | undefined>;
  readonly importMs: () => number;
  invoke(message: InvokeMessage): Promise<Outcome>;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>;
  /** False once the thread has ended or is about to. */
  alive(): boolean;
  stop(): Promise<void>;
}

/** What an environment is made from. */
export interface EnvironmentStart {
  readonly spec: FunctionSpec;
  readonly bundle: Bundle;
  readonly runtimeFile: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly logging: LoggingConfig;
  /** Milliseconds for initialisation. */
  readonly initTimeoutMs: number;
  /** True while a debugger may hold the thread: nothing times out then. */
  readonly debugging: () => boolean;
  readonly onLog: (line: LogLine) => void;
  readonly onEnd: () => void;
}

const startThread = ({ spec, bundle, runtimeFile, variables, logging }: EnvironmentStart): Worker => {
  const exportName = spec.handler.slice(spec.handler.lastIndexOf(".") + 1);
  const workerData: RuntimeStart = {
    bundle: pathToFileURL(bundle.file).href,
    exportName,
    handlerName: variables._HANDLER ?? exportName,
    nodeMajor: Number(/nodejs(\d+)/.exec(spec.runtime)?.[1] ?? 24),
    logFormat: logging.logFormat,
    logLevel: logging.logLevel,
  };
  // V8 would keep up to 48 MB of young objects in each thread: of many environments the host would hold gigabytes.
  const resourceLimits: ResourceLimits = {
    maxOldGenerationSizeMb: spec.memoryMb,
    maxYoungGenerationSizeMb: 16,
  };
  // stdin is closed and no flag of this process is passed on; the inspector sees the thread all the same.
  return new Worker(pathToFileURL(runtimeFile), {
    workerData,
    resourceLimits,
    env: { ...variables },
    execArgv: [],
    name: spec.component,
    trackUnmanagedFds: true,
  });
};

interface State {
  readonly input: EnvironmentStart;
  readonly worker: Worker;
  readonly start: (error: RuntimeError | undefined) => void;
  readonly end: () => void;
  alive: boolean;
  importMs: number;
  outOfHeap: boolean;
  pending?: { readonly requestId: string; settle(end: Partial<Outcome>): void } | undefined;
}

const stop = async (state: State): Promise<void> => {
  state.alive = false;
  await state.worker.terminate();
};

const answered = (state: State, message: Extract<RuntimeMessage, { type: "result" | "error" }>): void => {
  const { pending } = state;
  if (message.requestId !== pending?.requestId) return;
  const { heapMb } = message;
  if (message.type === "error" && message.fatal) state.alive = false;
  pending.settle(
    message.type === "result" ? { body: message.body, heapMb } : { error: message.error, heapMb },
  );
};

const receive = (state: State, message: RuntimeMessage): void => {
  switch (message.type) {
    case "log":
      state.input.onLog(message.line);
      break;
    case "ready":
      state.importMs = message.importMs;
      state.start(undefined);
      break;
    case "init-error":
      state.alive = false;
      state.start(message.error);
      break;
    default:
      answered(state, message);
  }
};

const ended = (state: State, code: number): void => {
  state.alive = false;
  const requestId = state.pending?.requestId ?? "init";
  const error = state.outOfHeap ? outOfMemory(requestId) : exited(requestId, code);
  state.start(error);
  state.pending?.settle({ error, ...(state.outOfHeap ? { heapMb: state.input.spec.memoryMb } : {}) });
  state.end();
  state.input.onEnd();
};

const invoke = (state: State, message: InvokeMessage): Promise<Outcome> => {
  const { spec, debugging } = state.input;
  const { requestId } = message;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const began = performance.now();
  const settle = (end: Partial<Outcome>) => {
    clearTimeout(timer);
    state.pending = undefined;
    resolve({ heapMb: 0, ...end, durationMs: performance.now() - began });
  };
  const timer = setTimeout(() => {
    if (debugging()) return;
    settle({ error: timedOut(requestId, spec.timeoutSeconds) });
    void stop(state);
  }, message.remainingMs);
  state.pending = { requestId, settle };
  state.worker.postMessage(message);
  return promise;
};

/** Starts the thread and runs the module. */
export const startEnvironment = (input: EnvironmentStart): Environment => {
  const worker = startThread(input);
  const { promise: started, resolve } = Promise.withResolvers<RuntimeError | undefined>();
  const { promise: hasEnded, resolve: end } = Promise.withResolvers<void>();
  const state: State = { input, worker, start: resolve, end, alive: true, importMs: 0, outOfHeap: false };
  const timer = setTimeout(() => {
    if (input.debugging()) return;
    resolve(timedOut("init", input.initTimeoutMs / 1_000));
    void stop(state);
  }, input.initTimeoutMs);
  void started.then(() => clearTimeout(timer));
  worker.on("message", (message: RuntimeMessage) => receive(state, message));
  worker.on("error", (error: Error & { code?: string }) => {
    state.alive = false;
    state.outOfHeap = error.code === "ERR_WORKER_OUT_OF_MEMORY";
  });
  worker.on("exit", (code) => ended(state, code));
  return {
    started,
    ended: hasEnded,
    importMs: () => state.importMs,
    invoke: (message) => invoke(state, message),
    alive: () => state.alive,
    stop: () => stop(state),
  };
};
