import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

// `sst install` copies the platform's sources and runs npm in them. It needs no Pulumi binary and no AWS account.
const quiet = { SST_TELEMETRY_DISABLED: "1", SST_SKIP_DEPENDENCY_CHECK: "true", SST_NO_BUN: "true" };

const read = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;

/** Version of the `sst` package that the app pins. */
const pinnedVersion = (root: string): string => {
  const { version } = JSON.parse(read(join(root, "node_modules/sst/package.json")) ?? "{}");
  if (typeof version !== "string")
    throw new Error("The sst package is not installed: run `npm install` first");
  return version;
};

// npm writes its hidden lockfile last: with it, the platform is whole.
const isLaid = (root: string): boolean => {
  const platform = join(root, ".sst/platform");
  return (
    read(join(platform, "version")) === pinnedVersion(root) &&
    existsSync(join(platform, "node_modules/.package-lock.json")) &&
    existsSync(join(root, ".sst/provider-lock.json"))
  );
};

interface Config {
  readonly default: { app(input: { stage: string }): { providers?: Record<string, unknown> } };
}

// SST allows no import at the top of sst.config.ts, so `app()` runs with nothing around it.
const statedProviders = async (root: string): Promise<Record<string, unknown> | undefined> => {
  const source = `const $config = (config) => config;\n${read(join(root, "sst.config.ts"))}`;
  try {
    const { code } = await transform(source, { loader: "ts", format: "esm" });
    const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
    return (await ((await import(url)) as Config).default.app({ stage: "local" })).providers;
  } catch {
    // A mistake in the configuration: synth tells it, with its line.
    return undefined;
  }
};

const hasProviders = async (root: string): Promise<boolean> => {
  const stated = await statedProviders(root);
  const lock = JSON.parse(read(join(root, ".sst/provider-lock.json")) ?? "[]") as {
    name: string;
    version: string;
  }[];
  return Object.entries(stated ?? {}).every(([name, settings]) => {
    const wanted = typeof settings === "string" ? settings : (settings as { version?: string }).version;
    const locked = lock.find((entry) => entry.name === name);
    return locked !== undefined && (!wanted || locked.version === wanted);
  });
};

// Which sst.config.ts the platform was last found to fit: it is evaluated again only once it changes.
const stampFile = (root: string): string => join(root, ".sst/installed");

const stampOf = (root: string): string =>
  createHash("sha256")
    .update(read(join(root, "sst.config.ts")) ?? "")
    .digest("hex");

const isReady = async (root: string): Promise<boolean> => {
  if (!isLaid(root)) return false;
  if (read(stampFile(root)) === stampOf(root)) return true;
  if (!(await hasProviders(root))) return false;
  writeFileSync(stampFile(root), stampOf(root));
  return true;
};

/**
 * Lays down `.sst/platform` when it is missing, of another version than the pinned one, or without a provider that
 * sst.config.ts names: 20–40 s and one line of progress, once.
 */
export const ensurePlatform = async (
  root: string,
  print: (line: string) => void = (line) => console.error(line),
): Promise<void> => {
  if (await isReady(root)) return;
  print(`Laying down the SST ${pinnedVersion(root)} platform in .sst/platform: once, about half a minute …`);
  const output = await runInstall(root);
  if (!(await isReady(root))) throw new Error(`sst install did not finish:\n${output.trim()}`);
};

const runInstall = (root: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const program = join(root, "node_modules/sst/bin/sst.mjs");
    const child = spawn(process.execPath, [program, "install", "--stage", "local"], {
      cwd: root,
      env: { ...process.env, ...quiet },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensurePlatform(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
}
