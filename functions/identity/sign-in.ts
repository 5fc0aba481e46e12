import { signIn } from "#core/identity/accounts.ts";
import { identityApi } from "#core/identity/api.schema.ts";
import { keepRefresh } from "#functions/kit/refresh-cookie.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/auth/sign-in */
export const handler = route(
  identityApi.signIn,
  async ({ body }) => {
    const { session, refreshToken } = await signIn(body);
    return { ...ok(session), cookies: refreshToken === undefined ? [] : [keepRefresh(refreshToken)] };
  },
  { account: ({ body }) => body.email },
);
