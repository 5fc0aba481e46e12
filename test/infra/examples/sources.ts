import { arnOf, but, type Example, made } from "../kit/example.ts";

const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

const queue = made("aws:sqs/queue:Queue", "Work", { visibilityTimeoutSeconds: 60 });
const fn = made("aws:lambda/function:Function", "Worker", { timeout: 10 });
const consumer = made(MAPPING, "Consumer", {
  eventSourceArn: arnOf("sqs", "Work"),
  functionName: arnOf("lambda", "Worker"),
  functionResponseTypes: ["ReportBatchItemFailures"],
  scalingConfig: { maximumConcurrency: 10 },
});
const stream = made(MAPPING, "Stream", {
  eventSourceArn: arnOf("dynamodb", "table/links/stream/2026"),
  functionName: arnOf("lambda", "Worker"),
  functionResponseTypes: ["ReportBatchItemFailures"],
  maximumRetryAttempts: 5,
  maximumRecordAgeInSeconds: 3_600,
  bisectBatchOnFunctionError: true,
  destinationConfig: { onFailure: { destinationArn: arnOf("sqs", "Lost") } },
});

/** Queues and streams that feed functions. */
export const sourceExamples: readonly Example[] = [
  {
    rule: 16,
    kept: [queue, fn, consumer],
    broken: {
      "SQS's default": but("Work", { visibilityTimeoutSeconds: 30 }),
      unstated: but("Work", { visibilityTimeoutSeconds: undefined }),
      "a slower function": but("Worker", { timeout: 11 }),
      "a batch window": but("Consumer", { maximumBatchingWindowInSeconds: 1 }),
    },
  },
  {
    rule: 17,
    kept: [consumer, stream],
    broken: {
      "a queue": but("Consumer", { functionResponseTypes: [] }),
      "a stream": but("Stream", { functionResponseTypes: undefined }),
    },
  },
  { rule: 18, kept: [consumer], broken: { unbounded: but("Consumer", { scalingConfig: undefined }) } },
  {
    rule: 19,
    kept: [stream],
    broken: {
      "no destination": but("Stream", { destinationConfig: undefined }),
      "endless retries": but("Stream", { maximumRetryAttempts: -1 }),
      "endless age": but("Stream", { maximumRecordAgeInSeconds: -1 }),
      unstated: but("Stream", { maximumRetryAttempts: undefined }),
      "no bisection": but("Stream", { bisectBatchOnFunctionError: false }),
    },
  },
];
