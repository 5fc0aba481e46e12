import type { TestProject } from "vitest/node";
import { buildWeb, webDist } from "./build-web.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the web app as built for the local cloud, once for all files of this run. */
    readonly webDist: string;
  }
}

/** Builds the web app for the local cloud, once: eight files of tests look at it. */
export const setup = async ({ provide }: TestProject): Promise<void> => {
  await buildWeb("local", webDist);
  provide("webDist", webDist);
};
