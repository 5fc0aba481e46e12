import { docsApi } from "#core/docs/api.schema.ts";
import { serve } from "./kit.ts";
import type { Platform } from "./platform.ts";

/** The API's own description, its problems explained, and its health. */
export function docs(base: Platform) {
  return { pattern: "platform", functions: serve(base, docsApi, () => ({})) };
}
