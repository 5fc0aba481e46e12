import { type Engine, startEngine } from "./engine.ts";

/** An engine that was started again and ends sooner than this would only end once more. */
const SETTLED_MS = 10_000;

/** An engine that is started again, over the same file, when it ends by itself: killed, or out of memory. */
export interface KeptEngine {
  /** Of the engine that runs, or of the one being started. Rejects when there will be none. */
  port(): Promise<number>;
  /** Kills the engine outright, on purpose: calls wait until it runs again. Throws where its tables would be lost with it. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts DynamoDB Local and keeps it running; `folder` undefined keeps the tables in memory, which end with their engine. */
export const keepEngine = async (
  folder: string | undefined,
  print: (line: string) => void,
): Promise<KeptEngine> => {
  let stopping = false;
  const startAgain = async (lastedMs: number): Promise<Engine> => {
    if (!folder) throw new Error("DynamoDB Local ended, and its tables were in memory: start again");
    if (lastedMs < SETTLED_MS) {
      throw new Error(
        `DynamoDB Local keeps ending: stop with Ctrl-C and start again. Its data is in ${folder}`,
      );
    }
    print("✗ DynamoDB Local ended by itself: starting it again, calls wait meanwhile");
    const engine = await startEngine(folder);
    print("DynamoDB Local runs again");
    watch(engine, performance.now());
    return engine;
  };
  const watch = (engine: Engine, since: number) => {
    void engine.exited.then(() => {
      if (stopping) return;
      current = startAgain(performance.now() - since);
      current.catch((error: unknown) => print(`✗ ${error instanceof Error ? error.message : error}`));
    });
  };
  const first = await startEngine(folder);
  let current = Promise.resolve(first);
  watch(first, Number.NEGATIVE_INFINITY);
  return {
    port: async () => (await current).port,
    async kill() {
      if (!folder) throw new Error("DynamoDB Local keeps its tables in memory here: they would end with it.");
      const engine = await current;
      process.kill(-engine.pid, "SIGKILL"); // the engine leads a group with its watchdog
      await engine.exited;
    },
    async stop() {
      stopping = true;
      const engine = await current.catch(() => undefined);
      await engine?.stop();
    },
  };
};
