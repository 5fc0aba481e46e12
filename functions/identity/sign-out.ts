import { signOut } from "#core/identity/accounts.ts";
import { identityApi } from "#core/identity/api.schema.ts";
import { dropRefresh, readRefresh } from "#functions/kit/refresh-cookie.ts";
import { noContent } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/auth/sign-out: also without a session, so that a browser can always be cleaned. */
export const handler = route(identityApi.signOut, async ({ caller }) => {
  const token = readRefresh(caller.cookies);
  if (token !== undefined) await signOut(token);
  return { ...noContent(), cookies: [dropRefresh()] };
});
