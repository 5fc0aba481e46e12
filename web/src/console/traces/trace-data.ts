import * as v from "valibot";
import { Span } from "../../map/span.ts";

const Summary = v.object({
  id: v.string(),
  name: v.string(),
  kind: v.string(),
  node: v.string(),
  status: v.optional(v.number()),
  start: v.number(),
  durationMs: v.number(),
  answeredMs: v.number(),
  spans: v.number(),
  functions: v.array(v.string()),
  coldStarts: v.number(),
  readUnits: v.number(),
  writeUnits: v.number(),
  errors: v.number(),
  faults: v.number(),
  retries: v.number(),
});
/** A trace in the list. */
export type Summary = v.InferOutput<typeof Summary>;

/** A page of traces, the latest first. */
export const TraceList = v.object({ traces: v.array(Summary), cursor: v.optional(v.string()) });

/** A trace, and the traces its messages led to. */
export const Trace = v.object({
  id: v.string(),
  spans: v.array(Span),
  dropped: v.number(),
  summary: v.optional(Summary),
  linked: v.array(v.object({ id: v.string(), spans: v.array(Span) })),
  causes: v.array(v.string()),
  labels: v.record(v.string(), v.object({ label: v.string(), type: v.string() })),
});
/** A trace, and the traces its messages led to. */
export type Trace = v.InferOutput<typeof Trace>;
