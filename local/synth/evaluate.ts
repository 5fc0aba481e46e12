import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Graph, Resource } from "../graph/graph.ts";
import { accountId } from "./account.ts";
import { type App, type Config, defaultTagsOf, pulumiConfig, readApp, regionOf } from "./app.ts";
import { appFile, bundleApp, bundlePlatform, type Places } from "./bundle.ts";
import { createDeclarations } from "./declarations.ts";
import { joinFunctions } from "./functions.ts";
import { type Mistake, mistakeOf } from "./mistake.ts";
import { createMonitor } from "./monitor.ts";
import { plain } from "./plain.ts";
import { loadPulumi, type Pulumi } from "./pulumi.ts";
import { type Reads, recordReads } from "./reads.ts";
import { createRegistry } from "./registry.ts";
import { type CliServer, startCliServer } from "./rpc-server.ts";
import { createSources, type Sources } from "./sources.ts";
import { type Links, linksOf } from "./types.ts";

// The program of one child process: evaluates sst.config.ts for one stage, sends what came of it, and ends. SST's platform
// changes directory and keeps its state in modules, so two stages cannot share a process; and the memory goes back.

/** What the child is asked. */
export interface Request {
  readonly places: Places;
  readonly stage: string;
}

/** What the child answers. */
export interface Result {
  readonly graph?: Graph;
  readonly links?: Links;
  readonly reads?: Reads;
  readonly mistakes: readonly Mistake[];
}

declare global {
  var $synth: { app: unknown; cli: unknown; site(name: string, output: string): string };
}

/** What SST's platform exports to the program that runs it. */
interface Platform {
  $run(program: () => Promise<unknown>): Promise<unknown>;
}

type Finish = () => Omit<Result, "mistakes">;

const main = async (request: Request): Promise<void> => {
  // A line of the app may lie deep under SST's and Pulumi's frames.
  Error.stackTraceLimit = 100;
  const errors = new Set<unknown>();
  const note = (error: unknown) => void errors.add(error);
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  let sources: Sources | undefined;
  let finish: Finish | undefined;
  // Nothing is left to run: every `apply` has been called and every resource registered.
  process.once("beforeExit", () => {
    // Pulumi would lament promises that a mistake left open.
    process.removeAllListeners("exit");
    rmSync(appFile(request.places), { force: true });
    const mistakes = [...errors].map((error) => mistakeOf(error, sources?.ofError(error)));
    process.send?.(mistakes.length ? { mistakes } : { ...finish?.(), mistakes });
  });
  try {
    await evaluate(request, (made) => {
      sources = made;
    }).then((done) => {
      finish = done;
    });
  } catch (error) {
    note(error);
  }
};

const evaluate = async ({ places, stage }: Request, traced: (sources: Sources) => void): Promise<Finish> => {
  const sites = placeholders(places);
  const platformBundle = bundlePlatform(places);
  const appBundle = platformBundle.then((platform) => bundleApp(places, platform));
  // esbuild works in a process of its own: Pulumi loads meanwhile.
  appBundle.catch(() => {});
  const pulumi = loadPulumi(places.platform);
  const bundle = await appBundle;
  const sources = createSources(places.root, bundle);
  traced(sources);
  sources.follow(pulumi.Output);
  const cli = await startCliServer(places.root, join(places.cache, "empty"));
  process.env.SST_SERVER = cli.url;
  process.chdir(places.root);
  const platform = (await import(pathToFileURL((await platformBundle).file).href)) as Platform;
  const reads = recordReads(places, bundle.inputs);
  const config = ((await import(pathToFileURL(bundle.file).href)) as { default: Config }).default;
  const app = await readApp(config, stage);
  prepare(app, places, pulumi);
  const { resources, outputs } = await run(app, config, platform, pulumi, sources);
  return () => ({ ...collect(app, [...resources.values()], cli, sites, outputs), reads: reads.done() });
};

const placeholders = ({ cache }: Places): ReadonlyMap<string, string> => {
  const sites = new Map<string, string>();
  mkdirSync(join(cache, "site"), { recursive: true });
  mkdirSync(join(cache, "empty"), { recursive: true });
  writeFileSync(join(cache, "site", "index.html"), "<!doctype html>\n");
  globalThis.$synth = {
    app: {},
    cli: {},
    site(name, output) {
      sites.set(name, output);
      return join(cache, "site");
    },
  };
  return sites;
};

const run = async (app: App, config: Config, platform: Platform, pulumi: Pulumi, sources: Sources) => {
  const declarations = createDeclarations(sources);
  const registry = createRegistry({
    app: app.name,
    stage: app.stage,
    region: regionOf(app),
    defaultTags: defaultTagsOf(app),
    declared: declarations.find,
  });
  pulumi.setMonitor(createMonitor(pulumi, registry), app.name, app.stage, "organization");
  const outputs = await pulumi.runtime.runInPulumiStack(() => {
    pulumi.runtime.registerStackTransformation(declarations.note);
    return platform.$run(config.run);
  });
  return { resources: registry.resources, outputs: plain(outputs ?? {}) as Record<string, unknown> };
};

const prepare = (app: App, places: Places, pulumi: Pulumi): void => {
  globalThis.$synth.app = app;
  globalThis.$synth.cli = {
    command: "deploy",
    dev: false,
    paths: {
      home: places.cache,
      root: places.root,
      work: join(places.cache, "work"),
      platform: places.platform,
    },
    state: { version: {} },
  };
  process.env.SST_AWS_REGION = regionOf(app);
  pulumi.runtime.setMocks({}, app.name, app.stage, false, "organization");
  pulumi.runtime.setAllConfig(pulumiConfig(app));
  // A dynamic resource's provider is told by name: `Aws.KvKeys`.
  pulumi.closures.serializeFunction = async (closure) => ({
    text: String((closure() as { type?: unknown }).type ?? ""),
    containsSecrets: false,
  });
};

const bookkeeping = new Set(["pulumi:pulumi:Stack", "sst:sst:LinkRef", "sst:sst:Version"]);

const collect = (
  app: App,
  all: readonly Resource[],
  cli: CliServer,
  sites: ReadonlyMap<string, string>,
  outputs: Record<string, unknown>,
): Omit<Result, "mistakes"> => {
  const resources = all
    .filter((r) => !bookkeeping.has(r.type))
    .map((r) => (r.type.endsWith(":StaticSite") ? withOutputPath(r, sites.get(r.name)) : r))
    .toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
  const stated = Object.entries(outputs).filter(([key]) => !key.startsWith("_"));
  return {
    graph: {
      app: app.name,
      stage: app.stage,
      region: regionOf(app),
      accountId,
      resources,
      functions: joinFunctions(resources, cli.builds),
      outputs: Object.fromEntries(stated),
    },
    links: linksOf(all),
  };
};

const withOutputPath = (site: Resource, outputPath: string | undefined): Resource =>
  outputPath ? { ...site, outputs: { ...site.outputs, outputPath } } : site;

process.once("message", (request) => {
  // The channel must not keep alive what has nothing left to run; it is heard all the same while anything runs.
  process.channel?.unref();
  void main(request as Request);
});
// Left alone, an evaluation has no one to answer.
process.once("disconnect", () => process.exit());
