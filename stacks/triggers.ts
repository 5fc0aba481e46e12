import { guardQueue } from "./queues.ts";

/** Queue → function: failures are reported one by one, and `concurrency` invocations run at the most. */
export const fromQueue = (queue: sst.aws.Queue, fn: sst.aws.Function, concurrency: number) =>
  queue.subscribe(fn.arn, {
    batch: { size: 10, partialResponses: true },
    transform: {
      eventSourceMapping: (mapping) => {
        mapping.scalingConfig = { maximumConcurrency: concurrency };
      },
    },
  });

/** Table stream → function: a poison record is found by bisection, tried five times, then noted in `lost`. */
export const fromStream = (
  name: string,
  table: sst.aws.Dynamo,
  fn: sst.aws.Function,
  filters: Record<string, unknown>[],
  lost: sst.aws.Queue,
) =>
  table.subscribe(name, fn.arn, {
    filters,
    transform: {
      eventSourceMapping: (mapping) => {
        // What was written before the mapping first asked is told too: by LATEST it would be lost.
        mapping.startingPosition = "TRIM_HORIZON";
        mapping.batchSize = 100;
        mapping.functionResponseTypes = ["ReportBatchItemFailures"];
        mapping.bisectBatchOnFunctionError = true;
        mapping.maximumRetryAttempts = 5;
        mapping.maximumRecordAgeInSeconds = 86_400;
        mapping.destinationConfig = { onFailure: { destinationArn: lost.arn } };
      },
    },
  });

/** Log lines of `source` that match `pattern` → function, in batches, at least once. */
export const fromLogs = (
  name: string,
  source: sst.aws.Function | undefined,
  fn: sst.aws.Function,
  pattern: string,
) => {
  if (!source) throw new Error(`${name}: there is no such function`);
  const group = source.nodes.logGroup.apply((logGroup) => {
    if (!logGroup) throw new Error(`${name}: the function keeps no logs`);
    return logGroup;
  });
  const permission = new aws.lambda.Permission(`${name}Permission`, {
    action: "lambda:InvokeFunction",
    function: fn.name,
    principal: "logs.amazonaws.com",
    sourceArn: $interpolate`${group.arn}:*`,
  });
  return new aws.cloudwatch.LogSubscriptionFilter(
    name,
    { logGroup: group.name, destinationArn: fn.arn, filterPattern: pattern },
    { dependsOn: [permission] },
  );
};

/**
 * Events of the bus that match `pattern` → queue. Made by hand: SST's subscription would let every rule of every account
 * send to the queue, and would drop what it cannot deliver.
 */
export const fromBus = (
  name: string,
  bus: sst.aws.Bus,
  queue: sst.aws.Queue,
  { detailType, ...pattern }: { source: string[]; detailType: string[]; detail?: Record<string, unknown> },
  lost: sst.aws.Queue,
) => {
  const rule = new aws.cloudwatch.EventRule(`${name}Rule`, {
    eventBusName: bus.name,
    eventPattern: JSON.stringify({ ...pattern, "detail-type": detailType }),
  });
  guardQueue(name, queue, [{ service: "events.amazonaws.com", source: rule.arn }]);
  return new aws.cloudwatch.EventTarget(`${name}Target`, {
    eventBusName: bus.name,
    rule: rule.name,
    arn: queue.arn,
    retryPolicy: { maximumRetryAttempts: 24, maximumEventAgeInSeconds: 21_600 },
    deadLetterConfig: { arn: lost.arn },
  });
};

/** Schedule (in UTC) → function. What cannot be started three times over is kept in `lost`. */
export const onSchedule = (
  name: string,
  fn: sst.aws.Function,
  schedule: "rate(1 hour)" | `cron(${string})`,
  lost: sst.aws.Queue,
) => new sst.aws.CronV2(name, { function: fn.arn, schedule, timezone: "UTC", retries: 3, dlq: lost.arn });
