import { shortenerApi } from "#core/shortener/api.schema.ts";
import { nameOf, remove } from "#core/shortener/links.ts";
import { noContent } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** DELETE /api/v1/links/{hash} */
export const handler = route(shortenerApi.remove, async ({ params, query, user, caller }) => {
  await remove(nameOf(params.hash, caller.host, query.domain), user);
  return noContent();
});
