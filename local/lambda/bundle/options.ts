import { existsSync } from "node:fs";
import path from "node:path";
import type { BuildOptions, Loader } from "esbuild";
import type { FunctionSpec } from "../../graph/graph.ts";

// What SST 4.17's CLI gives esbuild (sst/sst, pkg/runtime/node/build.go), so that a bundle here is the deployed one.
const FORCE_EXTERNAL = ["sharp", "pg-native"];
const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];
const TARGETS: Record<string, string> = {
  "nodejs24.x": "es2024",
  "nodejs22.x": "es2023",
  "nodejs20.x": "es2023",
  "nodejs18.x": "es2022",
};
const ESM_BANNER = [
  "import { createRequire as topLevelCreateRequire } from 'module';",
  "const require = topLevelCreateRequire(import.meta.url);",
  'import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"',
  "const __filename = topLevelFileUrlToPath(import.meta.url)",
  'const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))',
];

interface NodeProps {
  readonly loader?: Record<string, Loader>;
  readonly install?: Record<string, string> | string[];
  readonly banner?: string;
  readonly minify?: boolean;
  readonly format?: "cjs" | "esm";
  readonly splitting?: boolean;
  readonly plugins?: string;
  readonly esbuild?: Pick<
    BuildOptions,
    "target" | "sourcemap" | "keepNames" | "define" | "external" | "nodePaths" | "mainFields" | "conditions"
  >;
}

/** What the bundler's thread needs to build one function. Plain data. */
export interface BuildRequest {
  readonly name: string;
  readonly options: BuildOptions;
  /** File inside the output folder that Lambda would load. */
  readonly file: string;
}

/** The handler's source file, tried in SST's order of extensions; undefined when there is none. */
export const findEntry = (root: string, handler: string): string | undefined => {
  const base = path.resolve(root, handler.slice(0, handler.length - path.extname(handler).length));
  return EXTENSIONS.map((extension) => base + extension).find((file) => existsSync(file));
};

/** esbuild's options for a function, as `sst deploy` would call it. */
export const buildRequest = (root: string, spec: FunctionSpec, entry: string): BuildRequest => {
  const props = spec.nodejs as NodeProps;
  if (props.plugins)
    throw new Error(
      `${spec.component}: esbuild plugins (nodejs.plugins) are not supported by the local Lambda.`,
    );
  const cjs = props.format === "cjs";
  const custom = props.esbuild ?? {};
  const install = Array.isArray(props.install) ? props.install : Object.keys(props.install ?? {});
  const file = `bundle.${cjs ? "cjs" : "mjs"}`;
  const options: BuildOptions = {
    absWorkingDir: root,
    entryPoints: [entry],
    entryNames: "bundle",
    outExtension: { ".js": path.extname(file) },
    outdir: path.join(root, ".sst/lambda/out"),
    platform: "node",
    bundle: true,
    metafile: true,
    write: false,
    logLevel: "silent",
    format: cjs ? "cjs" : "esm",
    external: [...FORCE_EXTERNAL, ...install, ...(custom.external ?? [])],
    keepNames: custom.keepNames ?? true,
    splitting: props.splitting ?? false,
    sourcemap: custom.sourcemap ?? "linked",
    minify: props.minify ?? false,
    mainFields: custom.mainFields?.length ? custom.mainFields : cjs ? ["main"] : ["module", "main"],
    banner: { js: [...(cjs ? [] : ESM_BANNER), props.banner ?? ""].join("\n") },
    ...(props.loader ? { loader: props.loader } : {}),
    ...(custom.conditions?.length ? { conditions: custom.conditions } : {}),
    ...(custom.define ? { define: custom.define } : {}),
    ...(custom.nodePaths ? { nodePaths: custom.nodePaths } : {}),
  };
  const target = custom.target ?? TARGETS[spec.runtime];
  return { name: spec.component, file, options: target ? { ...options, target } : options };
};

/** The environment's own runtime, from `entry`. */
export const runtimeRequest = (entry: string): BuildRequest => ({
  name: "runtime",
  file: "bundle.mjs",
  options: {
    absWorkingDir: path.dirname(entry),
    entryPoints: [entry],
    entryNames: "bundle",
    outExtension: { ".js": ".mjs" },
    outdir: path.dirname(entry),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    metafile: true,
    write: false,
    logLevel: "silent",
  },
});
