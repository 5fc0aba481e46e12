import { join, relative } from "node:path";
import { build, type Metafile } from "esbuild";
import type { FunctionSpec } from "../../local/graph/graph.ts";
import { buildRequest, findEntry } from "../../local/lambda/bundle/options.ts";

const root = join(import.meta.dirname, "../..");

/** One bundled handler. */
export interface Bundled {
  readonly file: string;
  /** Code that a cold start loads: what is imported only when it is needed, and source maps, are not counted. */
  readonly kb: number;
}

/** Bundles a handler with the options SST would use for `spec`. */
export const bundle = async (spec: FunctionSpec): Promise<Bundled> => {
  const entry = findEntry(root, spec.handler);
  if (entry === undefined) throw new Error(`No file holds ${spec.handler}`);
  const outdir = join(root, "dist/bench/bundles", spec.component);
  const { options, file } = buildRequest(root, spec, entry);
  const { metafile } = await build({ ...options, outdir, write: true, metafile: true });
  const bytes = bytesOf(metafile.outputs, relative(root, join(outdir, file)));
  return { file: join(outdir, file), kb: bytes / 1_024 };
};

/** A file and all it imports at once, each counted once. */
const bytesOf = (outputs: Metafile["outputs"], file: string, seen = new Set<string>()): number => {
  const output = outputs[file];
  if (!output || seen.has(file)) return 0;
  seen.add(file);
  const imported = output.imports.filter(({ kind }) => kind === "import-statement");
  return imported.reduce((sum, { path }) => sum + bytesOf(outputs, path, seen), output.bytes);
};
