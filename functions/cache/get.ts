import { cacheApi } from "#core/cache/api.schema.ts";
import { read } from "#core/cache/entries.ts";
import { content } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/cache/{namespace}/{key} */
export const handler = route(cacheApi.get, async ({ params, query, user }) => {
  const json = await read({ user: user.id, ...params }, query);
  // As bytes: a function answers 6 MB, and quotes of 4 MiB of JSON within JSON would be escaped beyond that.
  return content("application/json; charset=utf-8", Buffer.from(json));
});
