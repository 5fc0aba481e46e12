import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");

/** Where `npm start` serves the web app from. */
export const webDist = join(root, "web/dist");

/**
 * Builds the web app, for the local cloud or as it ships to AWS: in a process of its own, since a test's NODE_ENV would
 * bring React's development build.
 */
export const buildWeb = async (where: "local" | "aws", outDir: string): Promise<void> => {
  const { VITE_LOCAL_CLOUD: _, ...plain } = process.env;
  const env = { ...plain, NODE_ENV: "production", ...(where === "local" && { VITE_LOCAL_CLOUD: "/_local" }) };
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const args = [vite, "build", "web", "--outDir", outDir, "--emptyOutDir"];
  await promisify(execFile)(process.execPath, args, { cwd: root, env });
};
