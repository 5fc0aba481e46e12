import { Metrics } from "@aws-lambda-powertools/metrics";

/** CloudWatch metrics by embedded metric format: no call is made, the log line is the metric. */
export const metrics = new Metrics({ namespace: "tenfold", serviceName: "tenfold" });
