import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Graph } from "../graph/graph.ts";
import type { Places } from "./bundle.ts";
import { type Reads, stillHolds } from "./reads.ts";
import { environmentOf, evaluate, placesOf, type SynthOptions } from "./synth.ts";
import { renderTypes, writeTypes } from "./types.ts";

export interface LoadOptions extends SynthOptions {
  /** Keeps `sst-env.d.ts` in step. By default for stage `local` alone: other stages may link other things. */
  readonly types?: boolean;
}

interface Manifest {
  /** Whatever made the graph besides the app: versions of SST, Node and synth itself. */
  readonly maker: string;
  readonly reads: Reads;
  /** File that holds the graph, beside the manifest. */
  readonly graph: string;
  readonly types: string;
}

/** The graph of one stage, and whether it came from the cache. */
export interface Loaded {
  readonly graph: Graph;
  readonly cached: boolean;
}

const sha = (data: string): string => createHash("sha256").update(data).digest("hex").slice(0, 16);

const makerOf = ({ root, platform }: Places): string => {
  const here = dirname(fileURLToPath(import.meta.url));
  const sources = readdirSync(here, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .toSorted()
    .map((name) => readFileSync(join(here, name), "utf8"));
  const lock = join(dirname(platform), "provider-lock.json");
  const laid = [join(platform, "version"), lock, join(root, "package.json")]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"));
  // The graph holds absolute paths: a copied checkout evaluates its own.
  return sha(JSON.stringify([process.version, root, sources, laid]));
};

const parse = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Absent, or cut short by a crash: evaluated anew.
    return undefined;
  }
};

// Secrets of the stage are in the graph in the clear: readable by their owner alone.
const store = (file: string, text: string): void => {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
};

/** The graph of one stage: from the cache while all it was made from still holds, else evaluated. */
export const load = async (options: LoadOptions): Promise<Loaded> => {
  const places = placesOf(options);
  const maker = makerOf(places);
  const manifestFile = join(places.cache, `${options.stage}.manifest.json`);
  const found = parse(manifestFile) as Manifest | undefined;
  const keepTypes = options.types ?? options.stage === "local";
  if (found?.maker === maker && stillHolds(found.reads, environmentOf(places))) {
    const graph = parse(join(places.cache, found.graph)) as Graph | undefined;
    if (graph && keepTypes) writeTypes(options.root, found.types);
    if (graph) return { graph, cached: true };
  }
  const { graph, links, reads } = await evaluate(options);
  const types = renderTypes(links);
  const text = JSON.stringify(graph);
  const name = `${options.stage}.${sha(text)}.json`;
  mkdirSync(places.cache, { recursive: true });
  store(join(places.cache, name), text);
  store(manifestFile, JSON.stringify({ maker, reads, graph: name, types } satisfies Manifest));
  if (found && found.graph !== name) rmSync(join(places.cache, found.graph), { force: true });
  if (keepTypes) writeTypes(options.root, types);
  return { graph, cached: false };
};

/** The graph of one stage, without asking whence. */
export const loadGraph = async (options: LoadOptions): Promise<Graph> => (await load(options)).graph;
