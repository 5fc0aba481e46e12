import { join } from "node:path";
import { type Running, type StartOptions, start } from "../../local/start.ts";
import { ensurePlatform } from "../../local/synth/install.ts";

const root = join(import.meta.dirname, "../..");

/** A local cloud in this process. Its log lines are kept, not printed. */
export type App = Running & { readonly lines: string[] };

/** The whole local cloud of the app in a folder, on free ports, in memory unless a data folder is named. */
export const startAt = async (folder: string, options: Partial<StartOptions> = {}): Promise<App> => {
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

/** The whole local cloud of this repository's own app. */
export const startApp = async (options: Partial<StartOptions> = {}): Promise<App> => {
  await ensurePlatform(root);
  return startAt(root, options);
};
