import { docsApi } from "#core/docs/api.schema.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

/** GET /api/v1/health: API Gateway and Lambda answer. What lies behind is watched by alarms, not asked each time. */
export const handler = route(docsApi.health, async () => ok({ status: "ok" }));
