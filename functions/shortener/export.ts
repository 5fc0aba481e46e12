import { shortenerApi } from "#core/shortener/api.schema.ts";
import { toCsv } from "#core/shortener/csv.ts";
import { toLink } from "#core/shortener/link.view.ts";
import { list } from "#core/shortener/listing.ts";
import { content } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

const PAGE = 500; // links with 8 KB URLs each stay below the 6 MB that Lambda may answer

/** GET /api/v1/links/export */
export const handler = route(shortenerApi.export, async ({ query, user, caller }) => {
  const { items, cursor } = await list(user.id, { ...query, limit: PAGE });
  const next = cursor && `<${shortenerApi.export.path}?cursor=${encodeURIComponent(cursor)}>; rel="next"`;
  return content(
    "text/csv; charset=utf-8; header=present",
    toCsv(items.map((item) => toLink(item, caller))),
    {
      "content-disposition": 'attachment; filename="links.csv"',
      ...(next && { link: next }),
    },
  );
});
