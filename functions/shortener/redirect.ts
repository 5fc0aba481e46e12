import { shortenerApi } from "#core/shortener/api.schema.ts";
import { logClick } from "#core/shortener/click-log.ts";
import { resolve } from "#core/shortener/resolution.ts";
import { toVisitor } from "#core/shortener/visitor.ts";
import { redirect } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET and HEAD /{hash} */
export const handler = route(shortenerApi.redirect, async ({ params, caller }) => {
  const visitor = toVisitor(caller);
  const uses = caller.method === "GET";
  const { id, url, status, maxAge } = await resolve({ code: params.hash, host: caller.host, visitor, uses });
  if (uses) logClick(id, visitor);
  return redirect(status, url, {
    "cache-control": maxAge > 0 ? `private, max-age=${maxAge}` : "private, no-store",
  });
});
