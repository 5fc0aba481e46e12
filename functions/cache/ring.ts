import { cacheApi } from "#core/cache/api.schema.ts";
import { ring } from "#core/cache/rings.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/cache/ring */
export const handler = route(cacheApi.ring, async ({ query }) => ok(ring(query)));
