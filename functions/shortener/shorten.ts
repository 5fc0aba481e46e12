import { shortenerApi } from "#core/shortener/api.schema.ts";
import { shorten } from "#core/shortener/creation.ts";
import { toLink } from "#core/shortener/link.view.ts";
import { created, ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/shorten */
export const handler = route(shortenerApi.shorten, async ({ body, user, caller }) => {
  const outcome = await shorten(body, user?.id ?? "", caller.host);
  const link = toLink(outcome.link, caller);
  return outcome.created ? created(link, link.short_url) : ok(link);
});
