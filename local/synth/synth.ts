import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Graph } from "../graph/graph.ts";
import type { Places } from "./bundle.ts";
import type { Request, Result } from "./evaluate.ts";
import { SynthError } from "./mistake.ts";

/** Which app, and how. */
export interface SynthOptions {
  /** Folder of sst.config.ts. */
  readonly root: string;
  readonly stage: string;
  /** Another app's `.sst/platform`; its own by default. */
  readonly platformDir?: string;
  /** `.sst/graph` by default. */
  readonly cacheDir?: string;
}

const program = fileURLToPath(new URL("./evaluate.ts", import.meta.url));

export const placesOf = ({ root, platformDir, cacheDir }: SynthOptions): Places => ({
  root,
  platform: platformDir ?? join(root, ".sst/platform"),
  cache: cacheDir ?? join(root, ".sst/graph"),
});

/** Evaluates sst.config.ts in a process of its own. Throws `SynthError` for a mistake in the app. */
export const evaluate = async (options: SynthOptions): Promise<Required<Omit<Result, "mistakes">>> => {
  const places = placesOf(options);
  const { graph, links, reads, mistakes } = await runChild({ places, stage: options.stage });
  if (mistakes.length || !graph || !links || !reads) throw new SynthError(mistakes);
  return { graph, links, reads };
};

/** Evaluates the real sst.config.ts for one stage. */
export const synth = async (options: SynthOptions): Promise<Graph> => (await evaluate(options)).graph;

// Keys of a real account have no business here: nothing evaluated may reach AWS.
const environment = (places: Places): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_OPTIONS: "",
  NODE_COMPILE_CACHE: join(places.cache, "v8"),
  NODE_NO_WARNINGS: "1",
});

const runChild = (request: Request): Promise<Result> =>
  new Promise((resolve, reject) => {
    const child = fork(program, [], {
      env: environment(request.places),
      execArgv: [],
      // What the app prints while it is evaluated goes where messages go: standard output stays for results.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    let result: Result | undefined;
    child.on("message", (message) => (result = message as Result));
    child.on("error", reject);
    child.on("exit", (code) =>
      result ? resolve(result) : reject(new Error(`The evaluation of sst.config.ts ended with code ${code}`)),
    );
    child.send(request);
  });
