import { limitsApi } from "#core/limits/api.schema.ts";
import { forget } from "#core/limits/checking.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/limits/reset */
export const handler = route(limitsApi.reset, async ({ body, user }) => ok(await forget(user, body)));
