import { join } from "node:path";
import { ensurePlatform } from "../../local/synth/install.ts";

/** Lays down the SST platform before any test needs it: `npm test` works on a fresh clone by itself. */
export const setup = (): Promise<unknown> => ensurePlatform(join(import.meta.dirname, "../.."));
