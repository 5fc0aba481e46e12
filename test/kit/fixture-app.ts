import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, type StartOptions, start } from "../../local/start.ts";
import { ensurePlatform } from "../../local/synth/install.ts";

const root = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "apps-"));

/** A fixture app in a folder of its own, as another app would stand there. */
const layDown = async (name: string): Promise<string> => {
  const folder = join(scratch, name);
  if (existsSync(join(folder, "sst.config.ts"))) return folder;
  await ensurePlatform(root);
  cpSync(join(root, "test/fixtures", name), folder, { recursive: true });
  mkdirSync(join(folder, ".sst"), { recursive: true });
  for (const part of ["platform", "provider-lock.json"]) {
    symlinkSync(join(root, ".sst", part), join(folder, ".sst", part));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, type: "module" }));
  return folder;
};

/** The whole local cloud on an app of `test/fixtures`, on free ports, in memory unless a data folder is named. */
export const startFixtureApp = async (
  name: string,
  options: Partial<StartOptions> = {},
): Promise<Running & { lines: string[] }> => {
  process.env.SST_SECRET_Stamp ??= "blue"; // the library's secret: without a value its stack is refused
  const lines: string[] = [];
  const app = await start({
    root: await layDown(name),
    stage: "local",
    port: 0,
    awsPort: 0,
    seed: false,
    watch: false,
    print: (line) => lines.push(line),
    ...options,
  });
  return { ...app, lines };
};
