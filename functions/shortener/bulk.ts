import { shortenerApi } from "#core/shortener/api.schema.ts";
import { shortenAll, toFailure } from "#core/shortener/bulk.ts";
import { toLink } from "#core/shortener/link.view.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/links/bulk */
export const handler = route(
  shortenerApi.bulk,
  async ({ body, user, caller }) => {
    const all = await shortenAll(body.links, user.id, caller.host);
    const outcomes = all.map((outcome) =>
      "problem" in outcome
        ? toFailure(outcome.problem)
        : { status: outcome.created ? 201 : 200, link: toLink(outcome.link, caller) },
    );
    return ok({ outcomes });
  },
  { links: ({ body }) => body.links.length },
);
