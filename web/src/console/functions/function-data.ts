import * as v from "valibot";

const FunctionView = v.object({
  name: v.string(),
  component: v.string(),
  arn: v.string(),
  handler: v.string(),
  logGroup: v.string(),
  memoryMb: v.number(),
  timeoutSeconds: v.number(),
  runtime: v.string(),
  source: v.optional(v.string()),
  reservedConcurrency: v.optional(v.number()),
  variables: v.array(v.string()),
  triggers: v.array(v.object({ kind: v.string(), name: v.string() })),
  stats: v.object({
    environments: v.number(),
    busy: v.number(),
    queued: v.number(),
    invocations: v.number(),
    errors: v.number(),
    throttles: v.number(),
    coldStarts: v.number(),
    initMs: v.optional(v.number()),
    bundleBytes: v.optional(v.number()),
  }),
});
/** A function and its running state. */
export type FunctionView = v.InferOutput<typeof FunctionView>;

/** Every function. */
export const Functions = v.object({ functions: v.array(FunctionView) });

/** Events such as a function's triggers send. */
export const Samples = v.object({
  samples: v.array(v.object({ kind: v.string(), name: v.string(), event: v.unknown() })),
});

/** What an invocation from the console gave. */
export const Invoked = v.object({
  traceId: v.string(),
  logTail: v.string(),
  error: v.optional(v.object({ errorType: v.string(), errorMessage: v.string() })),
  payload: v.optional(v.unknown()),
});
/** What an invocation from the console gave. */
export type Invoked = v.InferOutput<typeof Invoked>;
