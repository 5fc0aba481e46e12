import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "esbuild";

interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

// The few places where SST's platform draws randomness, reads the clock, or wants the result of a build. Each must match:
// another version of SST that moved them stops here, by name, instead of yielding other ids on every start.
const patches: readonly Patch[] = [
  {
    // Physical names end in a random suffix: local data must survive a restart.
    file: "components/naming.ts",
    find: 'crypto.randomBytes(8).toString("hex")',
    replace: '[$app.name, $app.stage, name].join("/")',
  },
  {
    // Rebuild on every deploy: a new time on every evaluation.
    file: "components/base/base-static-site.ts",
    find: "triggers: [Date.now().toString()]",
    replace: "triggers: []",
  },
  {
    // A site's graph must not hang on whether, or how, the site was last built: its files are the front door's business.
    file: "components/base/base-static-site.ts",
    find: "const outputPath = path.join(sitePath, build.output);",
    replace: "const outputPath = globalThis.$synth.site(name, path.join(sitePath, build.output));",
  },
  {
    // Untouched when equal, or every evaluation would wake the site's file watcher.
    file: "components/base/base-static-site.ts",
    find: "fs.writeFileSync(filePath, content);",
    replace:
      'if (!fs.existsSync(filePath) || fs.readFileSync(filePath, "utf8") !== content) fs.writeFileSync(filePath, content);',
  },
];

// Nobody needs the zips: functions run from their sources.
const archiver = `
export default () => {
  let to;
  return {
    on() { return this; },
    pipe(stream) { to = stream; return this; },
    file() { return this; },
    append() { return this; },
    async finalize() { to?.end(); },
  };
};`;

/** Changes when the patches do: part of the key of the platform's bundle. */
export const patchVersion = JSON.stringify([patches, archiver]);

const apply = (path: string, all: readonly Patch[]): string =>
  all.reduce(
    (text, { find, replace }) => {
      if (!text.includes(find))
        throw new Error(`SST's ${path} no longer holds \`${find}\`: adapt local/synth/patches.ts`);
      return text.replace(find, () => replace);
    },
    readFileSync(path, "utf8"),
  );

/** Lays the patches over SST's sources while they are bundled; the files themselves stay as SST wrote them. */
export const patchPlatform = (platform: string): Plugin => ({
  name: "patch-platform",
  setup(setup) {
    for (const file of new Set(patches.map((p) => p.file))) {
      const path = join(platform, "src", file);
      const filter = new RegExp(`${file.replaceAll(".", "\\.")}$`);
      setup.onLoad({ filter }, () => ({
        loader: "ts",
        contents: apply(
          path,
          patches.filter((p) => p.file === file),
        ),
      }));
    }
    setup.onResolve({ filter: /^archiver$/ }, () => ({ path: "archiver", namespace: "synth" }));
    setup.onLoad({ filter: /.*/, namespace: "synth" }, () => ({ contents: archiver }));
  },
});
