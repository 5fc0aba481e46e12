import { confirm } from "#core/identity/accounts.ts";
import { identityApi } from "#core/identity/api.schema.ts";
import { noContent } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** POST /api/v1/auth/confirm */
export const handler = route(
  identityApi.confirm,
  async ({ body }) => {
    await confirm(body.email, body.code);
    return noContent();
  },
  { account: ({ body }) => body.email },
);
