import { limitsApi } from "#core/limits/api.schema.ts";
import { drop } from "#core/limits/rules.ts";
import { noContent } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** DELETE /api/v1/limits/rules/{name} */
export const handler = route(limitsApi.drop, async ({ params, query, user }) => {
  await drop(user, query.owner, params.name);
  return noContent();
});
