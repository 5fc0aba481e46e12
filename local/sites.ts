import { execFile } from "node:child_process";
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { textMap } from "./front/read.ts";
import type { Localise } from "./gateway/addresses.ts";
import { byType, type Graph } from "./graph/graph.ts";

/** A static site of the graph: the command that builds it, and the folder it is served from. */
interface Site {
  readonly name: string;
  readonly command: string;
  readonly folder: string;
  readonly output: string;
  /** What its build is given: the stack's variables, with this machine's addresses, and those that say it is local. */
  readonly variables: Readonly<Record<string, string>>;
}

// A site learns by this that it runs locally, and where the local cloud answers, so that it may show what is no part of a
// deployed one. `VITE_` is what Vite lets through to a page; other tools can read it all the same.
const LOCAL_VARIABLES = { VITE_LOCAL_CLOUD: "/_local" };

const sitesOf = (graph: Graph, root: string, localise: Localise): Site[] =>
  byType(graph, "sst:aws:StaticSite").flatMap((site) => {
    const builder = byType(graph, "command:local:Command").find((one) => one.name === `${site.name}Builder`);
    const { outputPath } = site.outputs;
    if (!builder || typeof outputPath !== "string") return [];
    const { create, dir, environment } = builder.inputs;
    const stated = Object.entries(textMap(environment)).map(([name, value]) => [name, localise(value)]);
    const variables = { ...Object.fromEntries(stated), ...LOCAL_VARIABLES };
    const places = { folder: String(dir ?? root), output: join(root, outputPath) };
    return [{ name: site.name, command: String(create), ...places, variables }];
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

const build = async ({ command, folder, variables }: Site) => {
  const env = { ...process.env, NODE_ENV: "production", ...variables };
  await promisify(execFile)("sh", ["-c", command], { cwd: folder, env, maxBuffer: 2 ** 24 });
};

const indexOf = ({ output }: Site) => join(output, "index.html");

// A deployment and the local cloud build into the same folder: a note outside of it says which build was made here, and with what
// variables. One with another port in it would call where nobody listens.
const noteOf = (root: string, { name }: Site) => join(root, ".sst/sites", `${name}.json`);

const isOurs = (root: string, site: Site): boolean => {
  try {
    const note: unknown = JSON.parse(readFileSync(noteOf(root, site), "utf8"));
    return JSON.stringify(note) === JSON.stringify({ index: modified(indexOf(site)), ...site.variables });
  } catch {
    return false;
  }
};

const noteBuild = (root: string, site: Site) => {
  const file = noteOf(root, site);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ index: modified(indexOf(site)), ...site.variables }));
};

/**
 * Builds each static site as `sst deploy` would, but for the variables that say it is local. A site that was never built
 * here is waited for; one that is older than its sources is served as it is while the new one is made. `onBuilt` is told of
 * each that was made.
 */
export const buildSites = async (
  graph: Graph,
  root: string,
  print: (line: string) => void,
  localise: Localise = (value) => value,
  onBuilt: () => void = () => {},
): Promise<void> => {
  for (const site of sitesOf(graph, root, localise)) {
    const ours = isOurs(root, site);
    if (ours && newestSource(site.folder) <= modified(indexOf(site))) continue;
    const began = performance.now();
    if (!ours) print(`building ${site.name} …`);
    const done = build(site).then(
      () => {
        noteBuild(root, site);
        onBuilt();
        print(`${site.name} built in ${((performance.now() - began) / 1000).toFixed(1)} s`);
      },
      (error: { stderr?: string; message: string }) =>
        print(`${site.name} could not be built:\n${error.stderr || error.message}`),
    );
    if (!ours) await done;
  }
};
