import { limitsApi } from "#core/limits/api.schema.ts";
import { standingRules } from "#core/limits/rules.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/limits/rules */
export const handler = route(limitsApi.rules, async ({ user }) => ok({ rules: await standingRules(user) }));
