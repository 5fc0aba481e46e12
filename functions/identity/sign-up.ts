import { signUp } from "#core/identity/accounts.ts";
import { identityApi } from "#core/identity/api.schema.ts";
import { created } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/auth/sign-up */
export const handler = route(identityApi.signUp, async ({ body }) => created(await signUp(body)));
