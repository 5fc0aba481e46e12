import { statSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { FunctionSpec } from "../../local/graph/graph.ts";
import { buildRequest, findEntry } from "../../local/lambda/bundle/options.ts";

const root = join(import.meta.dirname, "../..");

/** One bundled handler. */
export interface Bundled {
  readonly file: string;
  /** Code as deployed, source maps not counted. */
  readonly kb: number;
}

/** Bundles a handler with the options SST would use for `spec`. */
export const bundle = async (spec: FunctionSpec): Promise<Bundled> => {
  const entry = findEntry(root, spec.handler);
  if (entry === undefined) throw new Error(`No file holds ${spec.handler}`);
  const outdir = join(root, "dist/bench/bundles", spec.component);
  const { options, file } = buildRequest(root, spec, entry);
  await build({ ...options, outdir, write: true });
  return { file: join(outdir, file), kb: statSync(join(outdir, file)).size / 1_024 };
};
