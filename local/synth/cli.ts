import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Graph } from "../graph/graph.ts";
import { ensurePlatform } from "./install.ts";
import { load } from "./load.ts";
import { SynthError } from "./mistake.ts";

// npm run synth -- [--stage x] [--json path] [--root folder] [--platform folder]: the resource graph of a stage, counted and written down.

const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const summary = (graph: Graph): string => {
  const counts = new Map<string, number>();
  for (const { type } of graph.resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  const lines = [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, count]) => `${String(count).padStart(5)}  ${type}`);
  return lines.join("\n");
};

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", default: process.env.SST_STAGE ?? "local" },
      json: { type: "string" },
      root: { type: "string", default: home },
      platform: { type: "string" },
    },
  });
  const started = performance.now();
  const root = resolve(values.root);
  if (!values.platform) await ensurePlatform(root);
  const { graph, cached } = await load({
    root,
    stage: values.stage,
    ...(values.platform && { platformDir: resolve(values.platform) }),
  });
  const file = resolve(values.json ?? `${root}/dist/graph.${values.stage}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(graph, null, 2), { mode: 0o600 });
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s${cached ? ", cached" : ""}`;
  console.log(summary(graph));
  console.log(
    `${graph.app}/${graph.stage}: ${graph.resources.length} resources, ${graph.functions.length} functions ` +
      `in ${relative(process.cwd(), file)} (${took})`,
  );
};

run().catch((error: unknown) => {
  // A mistake in a stack is its author's to read: the message and the line. Anything else is ours: the whole of it.
  console.error(error instanceof SynthError ? error.message : error);
  process.exitCode = 1;
});
