import { docsApi } from "#core/docs/api.schema.ts";
import { toOpenApi } from "#core/docs/openapi.ts";
import { sections } from "#core/docs/sections.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/openapi.json: for anybody, from anywhere. */
export const handler = route(docsApi.openapi, async ({ caller }) =>
  ok(toOpenApi(sections, `${caller.scheme}://${caller.host}`), {
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
  }),
);
