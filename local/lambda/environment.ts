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
  const resourceLimits: ResourceLimits = { maxOldGenerationSizeMb: spec.memoryMb };
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

/** Starts the thread and runs the module. */
export const startEnvironment = (input: EnvironmentStart): Environment => {
  const { spec, debugging } = input;
  const worker = startThread(input);
  const started = Promise.withResolvers<RuntimeError | undefined>();
  let alive = true;
  let importMs = 0;
  let outOfHeap = false;
  let pending: { message: InvokeMessage; began: number; settle(end: Partial<Outcome>): void } | undefined;

  const initTimer = setTimeout(() => {
    if (debugging()) return;
    started.resolve(timedOut("init", input.initTimeoutMs / 1_000));
    void stop();
  }, input.initTimeoutMs);
  void started.promise.then(() => clearTimeout(initTimer));

  const stop = async () => {
    alive = false;
    await worker.terminate();
  };

  worker.on("message", (message: RuntimeMessage) => {
    if (message.type === "log") return input.onLog(message.line);
    if (message.type === "ready") {
      importMs = message.importMs;
      return started.resolve(undefined);
    }
    if (message.type === "init-error") {
      alive = false;
      return started.resolve(message.error);
    }
    if (message.requestId !== pending?.message.requestId) return;
    const { heapMb } = message;
    if (message.type === "error" && message.fatal) alive = false;
    pending.settle(
      message.type === "result" ? { body: message.body, heapMb } : { error: message.error, heapMb },
    );
  });
  worker.on("error", (error: Error & { code?: string }) => {
    alive = false;
    outOfHeap = error.code === "ERR_WORKER_OUT_OF_MEMORY";
  });
  worker.on("exit", (code) => {
    alive = false;
    const requestId = pending?.message.requestId ?? "init";
    const error = outOfHeap ? outOfMemory(requestId) : exited(requestId, code);
    started.resolve(error);
    pending?.settle({ error, ...(outOfHeap ? { heapMb: spec.memoryMb } : {}) });
    input.onEnd();
  });

  const invoke = (message: InvokeMessage): Promise<Outcome> => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const began = performance.now();
    const timer = setTimeout(() => {
      if (debugging()) return;
      settle({ error: timedOut(message.requestId, spec.timeoutSeconds) });
      void stop();
    }, message.remainingMs);
    const settle = (end: Partial<Outcome>) => {
      clearTimeout(timer);
      pending = undefined;
      resolve({ heapMb: 0, ...end, durationMs: performance.now() - began });
    };
    pending = { message, began, settle };
    worker.postMessage(message);
    return promise;
  };

  return { started: started.promise, importMs: () => importMs, invoke, alive: () => alive, stop };
};
