import { shortenerApi } from "#core/shortener/api.schema.ts";
import { shortUrl } from "#core/shortener/link.view.ts";
import { absent, find, nameOf } from "#core/shortener/links.ts";
import { toQr } from "#core/shortener/qr.ts";
import { content } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/links/{hash}/qr */
export const handler = route(shortenerApi.qr, async ({ params, query, caller }) => {
  const name = nameOf(params.hash, caller.host, query.domain);
  const link = await find(name);
  if (!link) throw absent(name);
  const { type, body } = await toQr(shortUrl(link, caller), query.format, query.size);
  return content(type, body, { "cache-control": "public, max-age=3600" });
});
