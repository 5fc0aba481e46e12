import { cacheApi } from "#core/cache/api.schema.ts";
import { remove } from "#core/cache/entries.ts";
import { noContent } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** DELETE /api/v1/cache/{namespace}/{key} */
export const handler = route(cacheApi.remove, async ({ params, user }) => {
  await remove({ user: user.id, ...params });
  return noContent();
});
