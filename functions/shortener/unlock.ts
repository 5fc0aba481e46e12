import { shortenerApi } from "#core/shortener/api.schema.ts";
import { logClick } from "#core/shortener/click-log.ts";
import { resolve } from "#core/shortener/resolution.ts";
import { toVisitor } from "#core/shortener/visitor.ts";
import { redirect } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /{hash}: 303, so that the destination is asked by GET and never sees the password. */
export const handler = route(shortenerApi.unlock, async ({ params, body, caller }) => {
  const visitor = toVisitor(caller);
  const { password } = body;
  const { id, url } = await resolve({ code: params.hash, host: caller.host, visitor, uses: true, password });
  logClick(id, visitor);
  return redirect(303, url, { "cache-control": "private, no-store" });
});
