import { limitsApi } from "#core/limits/api.schema.ts";
import { check } from "#core/limits/checking.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/limits/check */
export const handler = route(limitsApi.check, async ({ body, user }) => ok(await check(user, body)));
