import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import type { MiddlewareObj } from "@middy/core";
import { log } from "#core/kit/log.ts";
import { metrics } from "#core/kit/metrics.ts";

// Powertools' own middleware warns on each invocation that counted nothing, and most count nothing: a line a redirect.
const flushMetrics = () => {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};

/**
 * What every door does first: request ids in each log line, metrics flushed at the end.
 *
 * No Powertools Tracer: active tracing, which every function has, already draws the service map from API Gateway through Lambda
 * with cold starts and errors. Tracer would add subsegments for AWS calls at 124 KB minified (aws-xray-sdk-core), as much
 * again as a whole door, on the path whose cold start matters most.
 */
export const observed = (): MiddlewareObj[] => [
  injectLambdaContext(log, { resetKeys: true }) as MiddlewareObj,
  { after: flushMetrics, onError: flushMetrics },
];
