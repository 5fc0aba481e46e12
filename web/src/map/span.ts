import * as v from "valibot";

/** One thing that happened, as the local cloud tells it. */
export const Span = v.object({
  traceId: v.string(),
  id: v.string(),
  parentId: v.optional(v.string()),
  kind: v.string(),
  node: v.string(),
  from: v.optional(v.string()),
  name: v.string(),
  start: v.number(),
  durationMs: v.number(),
  error: v.optional(v.string()),
  detail: v.record(v.string(), v.unknown()),
});
/** One thing that happened. */
export type Span = v.InferOutput<typeof Span>;
