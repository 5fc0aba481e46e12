import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, type StartOptions, start } from "../../local/start.ts";
import { ensurePlatform } from "../../local/synth/install.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "library-"));

/** The fixture app in a folder of its own, as another app would stand there. */
const layDown = async (): Promise<void> => {
  if (existsSync(join(folder, "sst.config.ts"))) return;
  await ensurePlatform(root);
  cpSync(join(root, "test/fixtures/app"), folder, { recursive: true });
  mkdirSync(join(folder, ".sst"), { recursive: true });
  for (const part of ["platform", "provider-lock.json"]) {
    symlinkSync(join(root, ".sst", part), join(folder, ".sst", part));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "name": "library", "type": "module" }');
};

/** The whole local cloud on the fixture app, on free ports. */
export const startFixture = async (
  options: Partial<StartOptions> = {},
): Promise<Running & { lines: string[] }> => {
  await layDown();
  process.env.SST_SECRET_Stamp = "blue";
  const lines: string[] = [];
  const app = await start({
    root: folder,
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
