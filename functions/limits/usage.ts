import { limitsApi } from "#core/limits/api.schema.ts";
import { usageOf } from "#core/limits/usage.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/limits/usage */
export const handler = route(limitsApi.usage, async ({ query, user, caller }) =>
  ok({ usage: await usageOf(user, caller.ip, query) }),
);
