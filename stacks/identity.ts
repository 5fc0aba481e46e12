import { identityApi } from "#core/identity/api.schema.ts";
import { serve } from "./kit.ts";
import type { Platform } from "./platform.ts";

/** Accounts and sessions. Cognito's public operations take no AWS permission: the client id is what they ask for. */
export function identity(base: Platform) {
  return {
    pattern: "platform",
    functions: serve(base, identityApi, () => ({ environment: base.authEnvironment })),
  };
}
