import type { ExtensionFactory } from "./contract.ts";

/** What stands beside the object API. */
export const extensions: readonly ExtensionFactory[] = [];
