import { cacheApi } from "#core/cache/api.schema.ts";
import { invalidate } from "#core/cache/entries.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/cache/invalidate */
export const handler = route(cacheApi.invalidate, async ({ body, user }) =>
  ok(await invalidate(user.id, body)),
);
