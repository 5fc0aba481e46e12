import { shortenerApi } from "#core/shortener/api.schema.ts";
import { toLink } from "#core/shortener/link.view.ts";
import { list } from "#core/shortener/listing.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/links */
export const handler = route(shortenerApi.list, async ({ query, user, caller }) => {
  const { items, cursor } = await list(user.id, query);
  return ok({ links: items.map((item) => toLink(item, caller)), cursor });
});
