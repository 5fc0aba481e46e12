import { shortenerApi } from "#core/shortener/api.schema.ts";
import { nameOf } from "#core/shortener/links.ts";
import { stats } from "#core/shortener/statistics.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/links/{hash}/stats */
export const handler = route(shortenerApi.stats, async ({ params, query, user, caller }) =>
  ok(await stats(nameOf(params.hash, caller.host, query.domain), user, query.days)),
);
