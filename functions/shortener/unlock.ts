import { shortenerApi } from "#core/shortener/api.schema.ts";
import { logClick } from "#core/shortener/click-log.ts";
import { linkAsked, resolve } from "#core/shortener/resolution.ts";
import { toVisitor } from "#core/shortener/visitor.ts";
import { redirect } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /{hash}: 303, so that the destination is asked by GET and never sees the password. */
export const handler = route(
  shortenerApi.unlock,
  async ({ params, body, caller }) => {
    const visitor = toVisitor(caller);
    const visit = { code: params.hash, host: caller.host, visitor, uses: true, password: body.password };
    const { id, url } = await resolve(visit);
    logClick(id, visitor);
    return redirect(303, url, { "cache-control": "private, no-store" });
  },
  { link: ({ params, caller }) => linkAsked(params.hash, caller.host) },
);
