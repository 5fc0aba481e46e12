import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// `sst install` copies the platform's sources and runs npm in them. It needs no Pulumi binary and no AWS account.
const quiet = { SST_TELEMETRY_DISABLED: "1", SST_SKIP_DEPENDENCY_CHECK: "true", SST_NO_BUN: "true" };

const json = (file: string): Record<string, unknown> | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : undefined;

const text = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;

/** Version of the `sst` package that the app pins. */
export const pinnedVersion = (root: string): string => {
  const version = json(join(root, "node_modules/sst/package.json"))?.version;
  if (typeof version !== "string")
    throw new Error("The sst package is not installed: run `npm install` first.");
  return version;
};

/** Whether `.sst/platform` is whole and of the pinned version. npm writes its hidden lockfile last. */
export const platformReady = (root: string): boolean => {
  const platform = join(root, ".sst/platform");
  return (
    text(join(platform, "version")) === pinnedVersion(root) &&
    existsSync(join(platform, "node_modules/.package-lock.json")) &&
    existsSync(join(platform, "node_modules/@pulumi/aws/package.json")) &&
    existsSync(join(root, ".sst/provider-lock.json"))
  );
};

/** Lays down `.sst/platform` when it is missing or of another version: 20–40 s and one line of progress, once. */
export const ensurePlatform = async (
  root: string,
  print: (line: string) => void = (line) => console.error(line),
): Promise<void> => {
  if (platformReady(root)) return;
  const version = pinnedVersion(root);
  print(`Laying down the SST ${version} platform in .sst/platform (once, about half a minute) …`);
  const output = await runInstall(root);
  if (!platformReady(root)) throw new Error(`sst install did not finish:\n${output.trim()}`);
};

const runInstall = (root: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(root, "node_modules/sst/bin/sst.mjs"), "install", "--stage", "local"],
      {
        cwd: root,
        env: { ...process.env, ...quiet },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensurePlatform(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
}
