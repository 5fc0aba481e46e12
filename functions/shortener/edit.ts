import { shortenerApi } from "#core/shortener/api.schema.ts";
import { edit } from "#core/shortener/editing.ts";
import { toLink } from "#core/shortener/link.view.ts";
import { nameOf } from "#core/shortener/links.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** PATCH /api/v1/links/{hash} */
export const handler = route(shortenerApi.edit, async ({ params, query, body, user, caller }) => {
  const link = await edit(nameOf(params.hash, caller.host, query.domain), body, user, caller.host);
  return ok(toLink(link, caller));
});
