import { cacheApi } from "#core/cache/api.schema.ts";
import { recordBehind } from "#core/cache/behind.ts";
import { content } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/cache/{namespace}/{key}/record */
export const handler = route(cacheApi.record, async ({ params, user }) =>
  content("application/json; charset=utf-8", Buffer.from(await recordBehind({ user: user.id, ...params }))),
);
