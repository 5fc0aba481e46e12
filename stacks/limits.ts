import { limitsApi } from "#core/limits/api.schema.ts";
import { type Settings, serve } from "./kit.ts";
import { limitsSignals } from "./limits-signals.ts";
import type { Platform } from "./platform.ts";

/** Rate limiter: its API. The table, and the guard of every route, are the platform's (`limiting.ts`). */
export function limits(base: Platform) {
  const { reset, define } = base.limits;
  // Beyond what every guarded route may: judging is what all of them do.
  const rights: Record<string, Settings["permissions"]> = {
    "limits/reset": [reset, define],
    "limits/define": [define],
    "limits/drop": [define],
    "limits/enlist": [define],
    "limits/delist": [define],
  };
  const functions = serve(base, limitsApi, ({ handler, auth }) => ({
    ...(auth === "optional" && { environment: base.authEnvironment }),
    ...(handler === "limits/api-key" && { link: [base.apiKey] }),
    permissions: rights[handler] ?? [],
  }));
  return { pattern: "limits", functions, signals: limitsSignals(base.api) };
}
