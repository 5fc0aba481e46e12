// esbuild behind a thread of its own: its service process ends with the thread, and large metafiles are read here.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { type BuildContext, type BuildFailure, type BuildResult, context, stop } from "esbuild";
import type { BuildRequest } from "./options.ts";

/**
 * A built bundle on disk. `inputs` are `[path, mtimeMs, size]`: the bundle is fresh while all of them are unchanged. An input
 * that was written during the build has `mtimeMs` 0, for which version esbuild saw is unknown.
 */
export interface Built {
  readonly folder: string;
  readonly hash: string;
  readonly bytes: number;
  readonly inputs: readonly (readonly [string, number, number])[];
}

/** `file:line:column: text` for each error. */
export type Outcome = { readonly id: number } & ({ readonly built: Built } | { readonly errors: string[] });

const { folder: outFolder } = workerData as { folder: string };
// Incremental contexts hold the parsed sources in esbuild's memory, so only the latest few are kept.
const KEEP_CONTEXTS = 6;
const contexts = new Map<string, { key: string; context: BuildContext }>();

const contextFor = async (request: BuildRequest): Promise<BuildContext> => {
  const key = JSON.stringify(request.options);
  const known = contexts.get(request.name);
  contexts.delete(request.name);
  if (known && known.key !== key) await known.context.dispose();
  const kept = known?.key === key ? known : { key, context: await context(request.options) };
  contexts.set(request.name, kept);
  const [oldest] = contexts;
  if (oldest && contexts.size > KEEP_CONTEXTS) {
    contexts.delete(oldest[0]);
    await oldest[1].context.dispose();
  }
  return kept.context;
};

// File times come from the kernel's tick and lag the clock by up to 4 ms.
const TICK_MS = 4;

const fingerprint = (file: string, began: number): readonly [string, number, number] => {
  const { mtimeMs, size } = statSync(file);
  return [file, mtimeMs > began - TICK_MS ? 0 : mtimeMs, size];
};

/** Writes the outputs under their content's hash; running environments keep the folder they started from. */
const write = (request: BuildRequest, result: BuildResult, began: number): Built => {
  const files = result.outputFiles ?? [];
  const hash = createHash("sha256");
  for (const file of files) hash.update(file.contents);
  const digest = hash.digest("hex").slice(0, 16);
  const folder = path.join(outFolder, `${request.name}-${digest}`);
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    mkdirSync(draft, { recursive: true });
    for (const file of files) writeFileSync(path.join(draft, path.basename(file.path)), file.contents);
    try {
      renameSync(draft, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // else another process wrote the same content first
    }
  }
  const root = request.options.absWorkingDir ?? "";
  const inputs = Object.keys(result.metafile?.inputs ?? {}).map((input) => path.resolve(root, input));
  return {
    folder,
    hash: digest,
    bytes: files.filter((f) => !f.path.endsWith(".map")).reduce((sum, f) => sum + f.contents.length, 0),
    inputs: inputs.filter((file) => existsSync(file)).map((file) => fingerprint(file, began)),
  };
};

const describe = (error: unknown): string[] => {
  const failure = error as Partial<BuildFailure>;
  if (!failure.errors) return [error instanceof Error ? error.message : String(error)];
  return failure.errors.map(({ location, text }) =>
    location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text,
  );
};

const run = async (id: number, request: BuildRequest): Promise<Outcome> => {
  const began = Date.now();
  try {
    const result = await (await contextFor(request)).rebuild();
    return { id, built: write(request, result, began) };
  } catch (error) {
    return { id, errors: describe(error) };
  }
};

// One build after another: each uses every core, and a context must not be disposed of while it builds.
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", async (order: { id: number; request: BuildRequest } | "stop") => {
  if (order !== "stop") {
    last = last.then(async () => parentPort?.postMessage(await run(order.id, order.request)));
    return;
  }
  // esbuild's process outlives a terminated thread: it has to be told.
  await stop();
  process.exit(0);
});
