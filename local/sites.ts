import { execFile } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { byType, type Graph } from "./graph/graph.ts";

/** A static site of the graph: the command that builds it, and the folder it is served from. */
interface Site {
  readonly name: string;
  readonly command: string;
  readonly folder: string;
  readonly output: string;
}

const sitesOf = (graph: Graph, root: string): Site[] =>
  byType(graph, "sst:aws:StaticSite").flatMap((site) => {
    const builder = byType(graph, "command:local:Command").find((one) => one.name === `${site.name}Builder`);
    const { outputPath } = site.outputs;
    if (!builder || typeof outputPath !== "string") return [];
    const { create, dir } = builder.inputs;
    const folder = String(dir ?? root);
    return [{ name: site.name, command: String(create), folder, output: join(root, outputPath) }];
  });

const modified = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// Whatever a build may have read; what the app or its tools write is left out.
const SOURCES = "**/*.{ts,tsx,js,jsx,css,html,svg,json}";
const WRITTEN = ["node_modules", ".sst", ".data", "dist", "test-results", "test", "bench"];

const newestSource = (folder: string): number =>
  globSync(SOURCES, {
    cwd: folder,
    exclude: (name) => WRITTEN.includes(name.split("/").at(-1) ?? ""),
  }).reduce((newest, file) => Math.max(newest, modified(join(folder, file))), 0);

const build = async ({ command, folder }: Site) => {
  const env = { ...process.env, NODE_ENV: "production" };
  await promisify(execFile)("sh", ["-c", command], { cwd: folder, env, maxBuffer: 2 ** 24 });
};

/**
 * Builds each static site as `sst deploy` would. A site that was never built is waited for; one that is older than the
 * sources is served as it is while the new one is made.
 */
export const buildSites = async (
  graph: Graph,
  root: string,
  print: (line: string) => void,
): Promise<void> => {
  for (const site of sitesOf(graph, root)) {
    const built = modified(join(site.output, "index.html"));
    if (built > 0 && newestSource(site.folder) <= built) continue;
    const began = performance.now();
    if (built === 0) print(`building ${site.name} …`);
    const done = build(site).then(
      () => print(`${site.name} built in ${((performance.now() - began) / 1000).toFixed(1)} s`),
      (error: { stderr?: string; message: string }) =>
        print(`${site.name} could not be built:\n${error.stderr || error.message}`),
    );
    if (built === 0) await done;
  }
};
