import * as v from "valibot";
import { defineApi } from "../kit/api.schema.ts";

// A table that fails, or is slow, keeps nobody from being told that the API answers, and how it is used.
const open = { method: "GET", auth: "none", limit: "probe" } as const;

/** What the API says of itself. */
export const docsApi = defineApi({
  openapi: {
    ...open,
    path: "/api/v1/openapi.json",
    handler: "docs/openapi",
    summary: "This description, as OpenAPI 3.1.",
    replies: { 200: "application/json" },
  },
  problems: {
    ...open,
    path: "/api/v1/problems",
    handler: "docs/problems",
    summary: "Every kind of problem this API answers with.",
    replies: { 200: "text/html" },
  },
  health: {
    ...open,
    path: "/api/v1/health",
    handler: "docs/health",
    summary: "Whether the API answers.",
    replies: { 200: v.object({ status: v.literal("ok") }) },
  },
});
