import { limitsApi } from "#core/limits/api.schema.ts";
import { listed } from "#core/limits/lists.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/limits/lists/{list} */
export const handler = route(limitsApi.lists, async ({ params, query, user }) =>
  ok({ listed: await listed(user, query.owner, params.list) }),
);
