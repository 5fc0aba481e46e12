// The thread of one execution environment. Bundled with esbuild and started with the function's environment only.
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import type { InvokeMessage, RuntimeMessage, RuntimeStart } from "../protocol.ts";
import { captureStreams, logError, patchConsole } from "./console.ts";
import { createContext } from "./context.ts";
import { formatError, runtimeError } from "./errors.ts";
import { defineGlobals, type Handler, loadHandler } from "./handler.ts";
import { manageHere } from "./management.ts";
import { stayOnThisMachine } from "./network.ts";
import { shiftDate } from "./time.ts";

const start = workerData as RuntimeStart;
const port = parentPort;
if (!port) throw new Error("This file runs as a worker thread of the Lambda host.");

let current: { requestId: string; answered: boolean; finishWhenIdle?: () => void } | undefined;
const post = (message: RuntimeMessage) => port.postMessage(message);
const sink = {
  post: (line: Extract<RuntimeMessage, { type: "log" }>["line"]) => post({ type: "log", line }),
  requestId: () => current?.requestId,
};

const heapMb = () => {
  const heap = getHeapStatistics();
  return Math.ceil((heap.total_heap_size + heap.external_memory) / 2 ** 20);
};

const finish = (message: RuntimeMessage) => {
  if (!current || current.answered) return;
  current.answered = true;
  current = undefined;
  port.ref();
  post(message);
};

const succeed = (requestId: string, result: unknown) => {
  let body: string;
  try {
    body = JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch (error) {
    return fail(
      requestId,
      runtimeError("JSONStringifyError", `Unable to stringify response body: ${String(error)}`),
    );
  }
  finish({ type: "result", requestId, body, heapMb: heapMb() });
};

const fail = (requestId: string, error: unknown, fatal = false) => {
  if (current?.requestId !== requestId) return;
  logError("Invoke Error", error, start.logFormat);
  finish({ type: "error", requestId, error: formatError(error), heapMb: heapMb(), fatal });
};

/** The environment is lost, as on Lambda, where the runtime process exits with `code`. */
const die = (code: number, error: unknown) => {
  const requestId = current?.requestId;
  if (requestId) fail(requestId, error, true);
  else if (!ready) post({ type: "init-error", error: formatError(error) });
  process.exit(code);
};

const withCallback = (handler: Handler, message: InvokeMessage) => {
  const { requestId } = message;
  const invocation = current;
  const answer = {
    succeed: (result: unknown) => succeed(requestId, result),
    fail: (error: unknown) => fail(requestId, error),
  };
  const context = createContext(message, start.nodeMajor, answer) as {
    callbackWaitsForEmptyEventLoop: boolean;
  };
  const callback = (error: unknown, result: unknown) => {
    const settle = () => (error ? answer.fail(error) : answer.succeed(result));
    if (!context.callbackWaitsForEmptyEventLoop || !invocation) setImmediate(settle);
    else invocation.finishWhenIdle ??= settle;
  };
  const returned = handler(JSON.parse(message.event), context, callback);
  if (returned instanceof Promise) returned.then(answer.succeed, answer.fail);
};

const invoke = async (handler: Handler, message: InvokeMessage) => {
  const { requestId } = message;
  current = { requestId, answered: false };
  process.env._X_AMZN_TRACE_ID = message.trace;
  shiftDate(message.clockOffsetMs);
  // Only the function's own work keeps the loop alive now: when that ends without an answer, `beforeExit` tells.
  port.unref();
  try {
    if (start.nodeMajor < 24) return withCallback(handler, message);
    const context = createContext(message, start.nodeMajor, { succeed() {}, fail() {} });
    const result = await handler(JSON.parse(message.event), context);
    succeed(requestId, result);
  } catch (error) {
    fail(requestId, error);
  }
};

let ready = false;
patchConsole(sink, start);
captureStreams(sink);
stayOnThisMachine();
manageHere();
defineGlobals();
process.on("uncaughtException", (error) => die(129, error));
process.on("unhandledRejection", (reason) =>
  die(128, runtimeError("UnhandledPromiseRejection", String(reason))),
);
process.on("beforeExit", () => {
  const invocation = current;
  if (!invocation) return;
  if (invocation.finishWhenIdle) return invocation.finishWhenIdle();
  // A promise that nothing can settle any more: older runtimes answer null, Node 24's exits with an unsettled await.
  if (start.nodeMajor < 24) return succeed(invocation.requestId, null);
  process.exit(13);
});

const began = performance.now();
loadHandler(start).then(
  (handler) => {
    ready = true;
    port.on("message", (message: InvokeMessage) => void invoke(handler, message));
    post({ type: "ready", importMs: performance.now() - began });
  },
  (error) => {
    logError("Init Error", error, start.logFormat);
    die(1, error);
  },
);
