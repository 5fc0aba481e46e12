import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { patchPlatform, patchVersion } from "./patches.ts";
import { globals, noTopLevelImports, type Provider, requireLazily, sharedWithPlatform } from "./plugins.ts";

// SST's CLI bundles platform and app into one file. Here the platform is bundled once per version and the app on every
// run: a stack frame in the app's file is the app's by definition, and the common case reads 30 files instead of 400.

/** Where things lie. `platform` may be another app's: a fixture borrows the root's. */
export interface Places {
  readonly root: string;
  readonly platform: string;
  /** Where bundles and graphs are kept, outside git. */
  readonly cache: string;
}

export interface Bundle {
  readonly file: string;
  /** Source map, as JSON text. */
  readonly map: string;
  /** Absolute paths of every file that went in. */
  readonly inputs: readonly string[];
}

const banner = `
import { createRequire as topLevelCreateRequire } from "module";
const require = topLevelCreateRequire(import.meta.url);
const topLevelRequire = require;
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url";
const __filename = topLevelFileUrlToPath(import.meta.url);
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url));
`;

// As SST's own: what it defines as JSON is read from a global instead, so that one bundle serves every stage.
const shared: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2023",
  mainFields: ["module", "main"],
  banner: { js: banner },
  define: { $app: "globalThis.$synth.app", $cli: "globalThis.$synth.cli", $dev: "false" },
  metafile: true,
  write: false,
  logLevel: "silent",
};

/** Providers SST installed for the app, from its lock beside the platform. */
export const providersOf = (platform: string): Provider[] => {
  const lock = join(dirname(platform), "provider-lock.json");
  return existsSync(lock) ? (JSON.parse(readFileSync(lock, "utf8")) as Provider[]) : [];
};

const writeWhole = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
};

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

// Of another version of SST, or of this code. Those of this one may be another process's, which is at it too.
const forgetOlder = (folder: string, key: string): void => {
  const old = (name: string) => name.startsWith("platform-") && !name.startsWith(`platform-${key}`);
  for (const name of readdirSync(folder).filter(old)) rmSync(join(folder, name), { force: true });
};

/** Bundles SST's platform, once per version, set of providers and patches. Returns its file and what it exports. */
export const bundlePlatform = async (places: Places): Promise<{ file: string; names: string[] }> => {
  const { platform } = places;
  const providers = providersOf(platform);
  const version = readFileSync(join(platform, "version"), "utf8");
  const how = ["bundle.ts", "plugins.ts"].map((own) => readFileSync(join(import.meta.dirname, own), "utf8"));
  const key = hash(JSON.stringify([version, providers, patchVersion, platform, how]));
  const file = join(dirname(platform), "graph", `platform-${key}.mjs`);
  mkdirSync(dirname(file), { recursive: true });
  const names = `${file}.json`;
  if (existsSync(names)) return { file, names: JSON.parse(readFileSync(names, "utf8")) as string[] };
  const source = (path: string) => JSON.stringify(join(platform, "src", path));
  const result = await build({
    ...shared,
    stdin: {
      resolveDir: platform,
      sourcefile: "platform.ts",
      loader: "ts",
      contents: [
        `export * from ${source("shim/run.js")};`,
        `export * as sst from ${source("components/index.ts")};`,
        `export { run as $run } from ${source("auto/run.ts")};`,
        ...providers.map((p) => `export * as ${p.alias} from ${JSON.stringify(p.package)};`),
      ].join("\n"),
    },
    // SST's components use the globals, too.
    inject: [join(platform, "src/shim/run.js")],
    nodePaths: [join(platform, "node_modules")],
    plugins: [patchPlatform(platform), requireLazily(platform, () => true)],
  });
  forgetOlder(dirname(file), key);
  const exported = Object.values(result.metafile?.outputs ?? {}).flatMap((o) => o.exports);
  writeWhole(file, result.outputFiles?.[0]?.text ?? "");
  writeWhole(names, JSON.stringify(exported));
  return { file, names: exported };
};

/** The app's bundle: of this process alone, for another may be at it, too. */
export const appFile = ({ cache }: Places): string => join(cache, `app-${process.pid}.mjs`);

/** Bundles sst.config.ts and all it imports, against the platform's bundle. Throws esbuild's failure. */
export const bundleApp = async (
  places: Places,
  platform: { file: string; names: string[] },
): Promise<Bundle> => {
  const { root } = places;
  const shim = "synth:globals";
  const outfile = join(places.cache, "app.mjs");
  const result = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: [join(root, "sst.config.ts")],
    outfile,
    sourcemap: "external",
    sourcesContent: false,
    inject: [shim],
    nodePaths: [join(places.platform, "node_modules")],
    plugins: [
      globals(shim, platform),
      noTopLevelImports,
      requireLazily(places.platform, sharedWithPlatform(providersOf(places.platform))),
    ],
  });
  const [map, code] = [".map", ".mjs"].map(
    (end) => result.outputFiles?.find((f) => f.path.endsWith(end))?.text ?? "",
  );
  const file = appFile(places);
  writeWhole(file, code ?? "");
  const inputs = Object.keys(result.metafile?.inputs ?? {})
    .filter((path) => !path.includes(":"))
    .map((path) => resolve(root, path))
    .filter((path) => relative(places.platform, path).startsWith(".."));
  return { file, map: map ?? "", inputs };
};
