import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Built, Outcome } from "./compiler-thread.ts";
import type { BuildRequest } from "./options.ts";

/** Builds bundles with esbuild, which runs only while there is something to build. */
export interface Compiler {
  build(request: BuildRequest): Promise<Built | { readonly errors: readonly string[] }>;
  stop(): Promise<void>;
}

/** Milliseconds without a build after which esbuild and its memory (up to 500 MB) are given back. */
const IDLE_MS = 120_000;

interface State {
  readonly folder: string;
  readonly waiting: Map<number, (outcome: Outcome) => void>;
  thread?: Worker | undefined;
  idle?: NodeJS.Timeout;
  nextId: number;
  /** For good: no build starts a thread again. */
  stopped: boolean;
}

const STOPPED = "The bundler stopped.";

const failAll = (state: State, reason: string) => {
  for (const [id, settle] of state.waiting) settle({ id, errors: [reason] });
  state.waiting.clear();
};

const startThread = (state: State): Worker => {
  // No flags of this process (an inspector's port, a test runner's loader) belong to the compiler.
  const worker = new Worker(new URL("./compiler-thread.ts", import.meta.url), {
    workerData: { folder: state.folder },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  worker.on("message", (outcome: Outcome) => {
    state.waiting.get(outcome.id)?.(outcome);
    state.waiting.delete(outcome.id);
  });
  worker.on("error", (error) => failAll(state, `The bundler failed: ${error.message}`));
  worker.on("exit", () => {
    if (state.thread && state.thread !== worker) return;
    state.thread = undefined;
    failAll(state, STOPPED);
  });
  return worker;
};

const stop = async (state: State): Promise<void> => {
  clearTimeout(state.idle);
  const { thread } = state;
  state.thread = undefined;
  if (!thread) return;
  thread.ref();
  thread.postMessage("stop");
  await once(thread, "exit");
};

const build = async (state: State, request: BuildRequest) => {
  if (state.stopped) return { errors: [STOPPED] };
  clearTimeout(state.idle);
  state.thread ??= startThread(state);
  const id = state.nextId++;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  state.waiting.set(id, resolve);
  state.thread.ref();
  state.thread.postMessage({ id, request });
  const outcome = await promise;
  if (state.waiting.size === 0 && !state.stopped) {
    state.thread?.unref();
    state.idle = setTimeout(() => void stop(state), IDLE_MS).unref();
  }
  return "built" in outcome ? outcome.built : { errors: outcome.errors };
};

/** A compiler that writes below `folder`. */
export const createCompiler = (folder: string): Compiler => {
  const state: State = { folder, waiting: new Map(), nextId: 0, stopped: false };
  return {
    build: (request) => build(state, request),
    stop() {
      state.stopped = true;
      return stop(state);
    },
  };
};
