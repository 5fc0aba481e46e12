import { join } from "node:path";
import { type Running, type StartOptions, start } from "../../local/start.ts";
import { ensurePlatform } from "../../local/synth/install.ts";

const root = join(import.meta.dirname, "../..");

/** The whole local cloud in this process, in memory, on free ports. Its log lines are kept, not printed. */
export const startApp = async (
  options: Partial<StartOptions> = {},
): Promise<Running & { lines: string[] }> => {
  const lines: string[] = [];
  await ensurePlatform(root);
  const app = await start({
    root,
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
