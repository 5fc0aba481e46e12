import { limitsApi } from "#core/limits/api.schema.ts";
import { define } from "#core/limits/rules.ts";
import { created as made, ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** PUT /api/v1/limits/rules */
export const handler = route(limitsApi.define, async ({ query, body, user }) => {
  const { standing, created } = await define(user, query.owner, body);
  return created ? made(standing) : ok(standing);
});
