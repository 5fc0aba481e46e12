import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StartOptions } from "../../local/start.ts";
import { ensurePlatform } from "../../local/synth/install.ts";
import { type App, startAt } from "./app.ts";

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
  // One that imports the product stands on it: the core and its doors lie beside the fixture's own code.
  const stated = join(folder, "imports.json");
  const imports = existsSync(stated) ? JSON.parse(readFileSync(stated, "utf8")) : undefined;
  if (imports)
    for (const part of ["core", "functions/kit"]) symlinkSync(join(root, part), join(folder, part));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, type: "module", imports }));
  return folder;
};

/** The whole local cloud of an app of `test/fixtures`. */
export const startFixtureApp = async (name: string, options: Partial<StartOptions> = {}): Promise<App> => {
  process.env.SST_SECRET_Stamp ??= "blue"; // the library's secret: without a value its stack is refused
  return startAt(await layDown(name), options);
};
