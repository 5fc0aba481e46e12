import { cacheApi } from "#core/cache/api.schema.ts";
import { write } from "#core/cache/entries.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** PUT /api/v1/cache/{namespace}/{key} */
export const handler = route(cacheApi.put, async ({ params, body, user }) =>
  ok(await write({ user: user.id, ...params }, body)),
);
