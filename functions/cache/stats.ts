import { cacheApi } from "#core/cache/api.schema.ts";
import { stats } from "#core/cache/stats-flush.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/cache/stats */
export const handler = route(cacheApi.stats, async ({ query, user }) =>
  ok(await stats(query.of === "app" ? "app" : user, query.namespace)),
);
