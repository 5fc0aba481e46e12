import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Built, Outcome } from "./compiler-thread.ts";
import type { BuildRequest } from "./options.ts";

/** Builds bundles with esbuild, which runs only while there is something to build. */
export interface Compiler {
  build(request: BuildRequest): Promise<Built | { readonly errors: readonly string[] }>;
  stop(): Promise<void>;
}

/** Milliseconds without a build after which esbuild and its memory (about 250 MB) are given back. */
const IDLE_MS = 120_000;

/** A compiler that writes below `folder`. */
export const createCompiler = (folder: string): Compiler => {
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let nextId = 0;
  const waiting = new Map<number, (outcome: Outcome) => void>();

  const failAll = (reason: string) => {
    for (const [id, settle] of waiting) settle({ id, errors: [reason] });
    waiting.clear();
  };

  const start = (): Worker => {
    // No flags of this process (an inspector's port, a test runner's loader) belong to the compiler.
    const worker = new Worker(new URL("./compiler-thread.ts", import.meta.url), {
      workerData: { folder },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    worker.unref();
    worker.on("message", (outcome: Outcome) => {
      waiting.get(outcome.id)?.(outcome);
      waiting.delete(outcome.id);
    });
    worker.on("error", (error) => failAll(`The bundler failed: ${error.message}`));
    worker.on("exit", () => {
      if (thread === worker) thread = undefined;
      failAll("The bundler stopped.");
    });
    return worker;
  };

  const stop = async () => {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    if (!ending) return;
    ending.ref();
    ending.postMessage("stop");
    await once(ending, "exit");
  };

  return {
    stop,
    async build(request) {
      clearTimeout(idle);
      thread ??= start();
      const id = nextId++;
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      waiting.set(id, resolve);
      thread.ref();
      thread.postMessage({ id, request });
      const outcome = await promise;
      if (waiting.size === 0) {
        thread?.unref();
        idle = setTimeout(() => void stop(), IDLE_MS).unref();
      }
      return "built" in outcome ? outcome.built : { errors: outcome.errors };
    },
  };
};
