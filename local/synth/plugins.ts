import { createRequire, isBuiltin } from "node:module";
import { basename, join } from "node:path";
import type { Plugin } from "esbuild";

// How SST's CLI reads a project's files, as plugins of esbuild.

/** A Pulumi provider of the app, as SST's lock names it. */
export interface Provider {
  readonly alias: string;
  readonly package: string;
}

/**
 * Pulumi's packages are CommonJS whose exports load on first use. Left as ESM imports each would load whole; required,
 * they stay lazy. `owned` says which packages are treated so.
 */
export const requireLazily = (platform: string, owned: (path: string) => boolean): Plugin => {
  const require = createRequire(join(platform, "package.json"));
  return {
    name: "require-lazily",
    setup(setup) {
      setup.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        if (kind === "entry-point" || isBuiltin(path) || !owned(path)) return undefined;
        // What a component imports only when it is used (Vite, for one) is no part of the platform.
        if (kind === "dynamic-import") return { path, external: true };
        return { path: require.resolve(path), namespace: "lazy" };
      });
      setup.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path }) => ({
        contents: `module.exports = topLevelRequire(${JSON.stringify(path)})`,
      }));
    },
  };
};

/** Whether the app imports a package that must be the very one the platform uses. */
export const sharedWithPlatform = (providers: readonly Provider[]) => (path: string) =>
  /^@pulumi(verse)?\//.test(path) ||
  providers.some(({ package: name }) => path === name || path.startsWith(`${name}/`));

/** SST refuses imports at the top of sst.config.ts: `app()` is evaluated before anything is installed. */
export const noTopLevelImports: Plugin = {
  name: "no-top-level-imports",
  setup(setup) {
    setup.onResolve({ filter: /.*/ }, ({ importer, kind }) =>
      basename(importer) === "sst.config.ts" && kind === "import-statement"
        ? {
            errors: [
              {
                text: "Your sst.config.ts has top level imports - this is not allowed. Move imports inside the function they are used and do a dynamic import: `const mod = await import('./mod')`",
              },
            ],
          }
        : undefined,
    );
  },
};

/** Makes `sst`, `aws`, `$transform` and the rest visible in every file of the app, as SST does. */
export const globals = (shim: string, platform: { file: string; names: readonly string[] }): Plugin => ({
  name: "globals",
  setup(setup) {
    setup.onResolve({ filter: new RegExp(`^${shim}$`) }, () => ({ path: shim, namespace: "globals" }));
    setup.onResolve({ filter: /.*/, namespace: "globals" }, ({ path }) => ({ path, external: true }));
    setup.onLoad({ filter: /.*/, namespace: "globals" }, () => ({
      contents: `export { ${platform.names.filter((n) => n !== "$run").join(", ")} } from ${JSON.stringify(platform.file)};`,
    }));
  },
});
