import { limitsApi } from "#core/limits/api.schema.ts";
import { delist } from "#core/limits/lists.ts";
import { noContent } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** DELETE /api/v1/limits/lists/{list} */
export const handler = route(limitsApi.delist, async ({ params, query, user }) => {
  await delist(user, query.owner, params.list, query);
  return noContent();
});
