import { fork } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
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

/** Where the app, its platform and its cache lie. */
export const placesOf = ({ root, platformDir, cacheDir }: SynthOptions): Places => ({
  root,
  platform: platformDir ?? join(root, ".sst/platform"),
  cache: cacheDir ?? join(root, ".sst/graph"),
});

// Seconds after which an evaluation has gone astray: it takes two.
const patience = 120;

const compiledOf = ({ cache }: Places): string => join(cache, "v8");

// V8's compiled code of Pulumi and SST: it saves a second of three. Every evaluation adds its own bundle to some 800
// files, so it is begun anew now and then.
const compiledLimit = 3_000;

const tidy = (places: Places): void => {
  if (!existsSync(places.cache)) return;
  const compiled = compiledOf(places);
  if (existsSync(compiled) && readdirSync(compiled, { recursive: true }).length > compiledLimit) {
    rmSync(compiled, { recursive: true, force: true });
  }
  // Bundles of evaluations that were killed.
  for (const name of readdirSync(places.cache).filter((file) => /^app-.*\.mjs$/.test(file))) {
    const file = join(places.cache, name);
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
    if (Date.now() - mtimeMs > 2 * patience * 1000) rmSync(file, { force: true });
  }
};

/** Evaluates sst.config.ts in a process of its own. Throws `SynthError` for a mistake in the app. */
export const evaluate = async (options: SynthOptions): Promise<Required<Omit<Result, "mistakes">>> => {
  const places = placesOf(options);
  tidy(places);
  const { graph, links, reads, mistakes } = await runChild({ places, stage: options.stage });
  if (mistakes.length || !graph || !links || !reads) throw new SynthError(mistakes);
  return { graph, links, reads };
};

/** Evaluates the real sst.config.ts for one stage. */
export const synth = async (options: SynthOptions): Promise<Graph> => (await evaluate(options)).graph;

// Keys of a real account have no business here: nothing evaluated may reach AWS.
const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"];

/** Variables the evaluation sees. */
export const environmentOf = (places: Places): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !keys.includes(name))),
  AWS_EC2_METADATA_DISABLED: "true",
  NODE_OPTIONS: "",
  NODE_COMPILE_CACHE: compiledOf(places),
  NODE_NO_WARNINGS: "1",
});

const runChild = (request: Request): Promise<Result> =>
  new Promise((resolve, reject) => {
    const child = fork(program, [], {
      env: environmentOf(request.places),
      execArgv: [],
      timeout: patience * 1000,
      killSignal: "SIGKILL",
      // What the app prints while it is evaluated goes where messages go: standard output stays for results.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    let result: Result | undefined;
    child.on("message", (message) => {
      result = message as Result;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      result
        ? resolve(result)
        : reject(new Error(`The evaluation of sst.config.ts ended early (${signal ?? `exit code ${code}`})`)),
    );
    child.send(request);
  });
