import { refresh } from "#core/identity/accounts.ts";
import { identityApi } from "#core/identity/api.schema.ts";
import { Problem } from "#core/kit/problem.ts";
import { keepRefresh, readRefresh } from "#functions/kit/refresh-cookie.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/auth/refresh */
export const handler = route(identityApi.refresh, async ({ caller }) => {
  const token = readRefresh(caller.cookies);
  if (token === undefined) throw new Problem("unauthenticated", "There is no session to renew: sign in");
  const { session, refreshToken } = await refresh(token);
  return { ...ok(session), cookies: refreshToken === undefined ? [] : [keepRefresh(refreshToken)] };
});
