import { shortenerApi } from "#core/shortener/api.schema.ts";
import { toLink } from "#core/shortener/link.view.ts";
import { get, nameOf } from "#core/shortener/links.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/links/{hash} */
export const handler = route(shortenerApi.get, async ({ params, query, user, caller }) =>
  ok(toLink(await get(nameOf(params.hash, caller.host, query.domain), user), caller)),
);
