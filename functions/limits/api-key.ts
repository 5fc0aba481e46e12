import { linked } from "#core/kit/config.ts";
import { limitsApi } from "#core/limits/api.schema.ts";
import { usagePlan } from "#core/limits/policies.schema.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/limits/api-key */
export const handler = route(limitsApi.apiKey, async () => {
  const { rate, burst, perDay } = usagePlan;
  return ok({ api_key: linked("LimitsUsageKey").value, rate, burst, quota: perDay });
});
