import { join } from "node:path";
import type { Graph } from "../../local/graph/graph.ts";
import { loadGraph } from "../../local/synth/load.ts";

/** Folder of sst.config.ts. */
export const root = join(import.meta.dirname, "../..");

/** The two kinds of stage there are. */
export const kinds = ["default", "production"] as const;
export type Kind = (typeof kinds)[number];

/** The graph of each kind of stage, as `sst deploy` would make it; one after the other, as each takes a process. */
export const loadStages = async (): Promise<Record<Kind, Graph>> => ({
  default: await loadGraph({ root, stage: "dev" }),
  production: await loadGraph({ root, stage: "production" }),
});
