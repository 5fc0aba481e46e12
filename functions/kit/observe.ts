import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import type { MiddlewareObj } from "@middy/core";
import { log } from "#core/kit/log.ts";
import { metrics } from "#core/kit/metrics.ts";

/** What every door does first: request ids in each log line, metrics flushed at the end. */
export const observed = (): MiddlewareObj[] => [
  injectLambdaContext(log, { resetKeys: true }) as MiddlewareObj,
  logMetrics(metrics, { throwOnEmptyMetrics: false }) as MiddlewareObj,
];
