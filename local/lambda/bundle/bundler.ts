import { cpSync, existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { FunctionSpec } from "../../graph/graph.ts";
import { type BundleCache, createBundleCache } from "./cache.ts";
import { type Compiler, createCompiler } from "./compiler.ts";
import type { Built } from "./compiler-thread.ts";
import { type BuildRequest, buildRequest, findEntry, runtimeRequest } from "./options.ts";
import { watchSources } from "./watch.ts";

/** What an environment starts from. */
export interface Bundle {
  /** Absolute path of the module Lambda would load. */
  readonly file: string;
  readonly folder: string;
  /** Size of the code as deployed, source maps not counted. */
  readonly bytes: number;
}

/** A bundle, or why there is none. */
export type BundleResult =
  | { readonly bundle: Bundle /** A source was written during the build. */; readonly overtaken?: boolean }
  | { readonly errors: readonly string[] };

/** Bundles functions on demand and watches what went into them. */
export interface Bundler {
  /** The environment's own runtime, bundled once: stripping types in every thread would cost each 20 ms. */
  readonly runtimeFile: string;
  /** The bundle of the sources as they are now; builds when the last one is stale. */
  get(spec: FunctionSpec): Promise<BundleResult>;
  /** Bytes of the last bundle, if there has been one. */
  bytes(spec: FunctionSpec): number | undefined;
  stop(): Promise<void>;
}

/** What a bundler is told, and whom it tells. */
export interface BundlerOptions {
  readonly root: string;
  readonly functions: readonly FunctionSpec[];
  /** False never looks for edits. */
  readonly watch: boolean;
  /** Called at once when a source of these functions was edited. */
  onStale(specs: readonly FunctionSpec[], file: string): void;
  onErrors(spec: FunctionSpec, errors: readonly string[]): void;
}

interface Entry {
  readonly spec: FunctionSpec;
  /** Counts edits: a build that an edit overtook is done again. */
  edits: number;
  latest?: { readonly edits: number; readonly result: BundleResult };
  building?: Promise<BundleResult>;
  inputs: ReadonlySet<string>;
}

interface Tools {
  readonly root: string;
  readonly cache: BundleCache;
  readonly compiler: Compiler;
}

const RUNTIME = fileURLToPath(new URL("../runtime/main.ts", import.meta.url));

const compile = async ({ cache, compiler }: Tools, request: BuildRequest, cached: boolean) => {
  const known = cached ? cache.find(request) : undefined;
  if (known) return known;
  const built = await compiler.build(request);
  if (!("errors" in built)) cache.keep(request, built);
  return built;
};

const buildOnce = async (tools: Tools, entry: Entry): Promise<BundleResult> => {
  const { spec } = entry;
  const source = findEntry(spec.bundle ?? tools.root, spec.handler);
  if (!source) return { errors: [`${spec.handler}: no such file (declared as ${spec.component}).`] };
  if (spec.bundle) return { bundle: { file: source, folder: spec.bundle, bytes: 0 } };
  const request = buildRequest(tools.root, spec, source);
  // Only the first build of a run may come from disk: later ones follow an edit.
  const built: Built | { errors: readonly string[] } = await compile(tools, request, !entry.latest);
  if ("errors" in built) return built;
  entry.inputs = new Set(built.inputs.map(([file]) => file));
  for (const { from, to } of spec.copyFiles ?? [])
    cpSync(from, path.join(built.folder, to), { recursive: true });
  const { folder, bytes } = built;
  const overtaken = built.inputs.some(([, mtimeMs]) => mtimeMs === 0);
  return { bundle: { folder, bytes, file: path.join(folder, request.file) }, overtaken };
};

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Longer than a tick of file times, so that the write which was just seen does not look like one made during the build. */
const SETTLE_MS = 8;
/** Editors empty a file before they write it: the watcher tells of the second write within this time. */
const HALF_WRITTEN_MS = 80;

const build = async (tools: Tools, entry: Entry, onErrors: BundlerOptions["onErrors"]) => {
  for (;;) {
    if (entry.latest) await sleep(SETTLE_MS);
    const { edits } = entry;
    const result = await buildOnce(tools, entry).catch(
      (error: unknown): BundleResult => ({
        errors: [error instanceof Error ? error.message : String(error)],
      }),
    );
    const overtaken = "overtaken" in result && result.overtaken;
    if ("errors" in result && entry.edits > 0 && edits === entry.edits) await sleep(HALF_WRITTEN_MS);
    entry.latest = { edits, result };
    if (overtaken || edits !== entry.edits) continue;
    if ("errors" in result) onErrors(entry.spec, result.errors);
    return result;
  }
};

/** What esbuild loads by itself. A log that grows below the root is no edit. */
const LOADABLE = /\.(?:[cm]?[jt]sx?|json|css|txt|wasm)$/;

const isStale = (entry: Entry, file: string): boolean => {
  if (entry.inputs.has(file)) return true;
  // A failed or unfinished build has no list of inputs: the edit of any source may be the one that matters.
  const failed = entry.latest !== undefined && "errors" in entry.latest.result;
  return (failed || entry.building !== undefined) && LOADABLE.test(file);
};

const buildRuntime = async (tools: Tools): Promise<string> => {
  const request = runtimeRequest(RUNTIME);
  const built = await compile(tools, request, true);
  if ("errors" in built) throw new Error(`The Lambda runtime does not build: ${built.errors.join("\n")}`);
  return path.join(built.folder, request.file);
};

/** Prepares the runtime and starts watching; no function is bundled before it is asked for. */
export const createBundler = async (options: BundlerOptions): Promise<Bundler> => {
  const { root } = options;
  const folder = path.join(root, ".sst/lambda");
  const tools: Tools = { root, cache: createBundleCache(folder), compiler: createCompiler(folder) };
  const entries = new Map<string, Entry>();
  const entryOf = (spec: FunctionSpec): Entry => {
    const known = entries.get(spec.name) ?? { spec, edits: 0, inputs: new Set<string>() };
    entries.set(spec.name, known);
    return known;
  };
  const edited = (file: string) => {
    const stale = [...entries.values()].filter((entry) => isStale(entry, file));
    for (const entry of stale) entry.edits += 1;
    if (stale.length > 0)
      options.onStale(
        stale.map(({ spec }) => spec),
        file,
      );
  };
  let stopped = false;
  const onErrors: BundlerOptions["onErrors"] = (spec, errors) => {
    if (!stopped) options.onErrors(spec, errors); // a build that was cut short says nothing of the sources
  };
  const watcher = options.watch && existsSync(root) ? await watchSources(root, edited) : undefined;
  return {
    runtimeFile: await buildRuntime(tools),
    get(spec) {
      const entry = entryOf(spec);
      if (entry.latest?.edits === entry.edits && !entry.building) return Promise.resolve(entry.latest.result);
      entry.building ??= build(tools, entry, onErrors).finally(() => {
        delete entry.building;
      });
      return entry.building;
    },
    bytes(spec) {
      const result = entries.get(spec.name)?.latest?.result;
      return result && "bundle" in result ? result.bundle.bytes : undefined;
    },
    async stop() {
      stopped = true;
      await watcher?.close();
      await tools.compiler.stop();
    },
  };
};
