import { Metrics } from "@aws-lambda-powertools/metrics";

/**
 * CloudWatch metrics by embedded metric format: no call is made, the log line is the metric. Their `service` is the stack's
 * POWERTOOLS_SERVICE_NAME, app and stage: metrics of two stages in one account do not add up.
 */
export const metrics = new Metrics({ namespace: "tenfold" });
