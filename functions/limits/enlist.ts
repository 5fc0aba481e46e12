import { limitsApi } from "#core/limits/api.schema.ts";
import { enlist } from "#core/limits/lists.ts";
import { created as made, ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** PUT /api/v1/limits/lists/{list} */
export const handler = route(limitsApi.enlist, async ({ params, query, body, user, caller }) => {
  const { listed, created } = await enlist(user, query.owner, params.list, body, { ip: caller.ip });
  return created ? made(listed) : ok(listed);
});
