import { limitsApi } from "#core/limits/api.schema.ts";
import { giveBack } from "#core/limits/checking.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/limits/refund */
export const handler = route(limitsApi.refund, async ({ body, user }) => ok(await giveBack(user, body)));
