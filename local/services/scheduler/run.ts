import { randomUUID } from "node:crypto";
import type { Cloud } from "../../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader, traceHeader } from "../../kit/recorder.ts";
import { bury, handOver, type RetryPolicy, retryPolicyOf, tryDelivery } from "../eventbridge/retry.ts";
import { isoSeconds } from "../eventbridge/route.ts";
import { nextRun } from "./expression.ts";
import type { Definition, Schedule } from "./schedule.ts";

/** What running a schedule needs. */
export interface SchedulerContext {
  readonly cloud: Cloud;
  readonly schedules: Map<string, Schedule>;
  readonly groups: Set<string>;
  /** Writes down what changed. */
  save(): void;
  /** True once the cloud stops: what still runs completes nothing any more, and the next process takes it up. */
  stopped: boolean;
}

/** When a schedule runs next, epoch ms; undefined when it is disabled or over. */
export const dueAfter = (schedule: Schedule, after: number): number | undefined => {
  const { definition, expression, createdAt, completed } = schedule;
  if (completed || definition.State === "DISABLED") return undefined;
  const start = definition.StartDate === undefined ? undefined : definition.StartDate * 1000;
  const anchor = start ?? createdAt;
  // A rate without a start date begins at once; the others never run before their start.
  const from = Math.max(after, (start ?? Number.NEGATIVE_INFINITY) - 1);
  const due = nextRun(expression, anchor, from);
  if (due === undefined || due > (definition.EndDate ?? Number.POSITIVE_INFINITY) * 1000) return undefined;
  return due;
};

/** Arms the timer of a schedule for its first run after `after`. Runs missed while the machine slept are one run. */
export const arm = (context: SchedulerContext, schedule: Schedule, after: number): void => {
  const { clock } = context.cloud;
  schedule.cancel?.();
  delete schedule.cancel;
  const due = dueAfter(schedule, after);
  if (due === undefined) return;
  const flexible = (schedule.definition.FlexibleTimeWindow.MaximumWindowInMinutes ?? 0) * 60_000;
  const at = due + Math.floor(Math.random() * flexible);
  schedule.cancel = clock.after(Math.max(0, at - clock.now()), () => {
    delete schedule.cancel;
    const over = dueAfter(schedule, Math.max(due, clock.now())) === undefined;
    if (!over) arm(context, schedule, Math.max(due, clock.now()));
    const ran = run(context, schedule, due);
    // Only then: a process that ends before its last run was taken leaves that run to the next.
    const end = () => complete(context, schedule);
    if (over)
      ran
        .then(end, end)
        .catch((error: unknown) => context.cloud.print(`✗ ${schedule.arn} is not kept: ${String(error)}`));
  });
};

// Nothing follows: a schedule that deletes itself goes, another stays to be looked at. One that was changed meanwhile goes on.
const complete = (context: SchedulerContext, schedule: Schedule): void => {
  if (context.stopped || schedule.cancel || context.schedules.get(schedule.arn) !== schedule) return;
  schedule.completed = true;
  if (schedule.definition.ActionAfterCompletion === "DELETE") context.schedules.delete(schedule.arn);
  context.save();
};

/** Calls a schedule's target now, with its retries and dead-letter queue. Resolves with the trace it started. */
export const run = async (context: SchedulerContext, schedule: Schedule, due: number): Promise<string> => {
  const { cloud } = context;
  const { Target } = schedule.definition;
  const executionId = randomUUID();
  const scheduledTime = isoSeconds(due);
  const trace = startTrace(cloud, schedule);
  const { traceId = "" } = parseTraceHeader(trace);
  let attempts = 0;
  let body = "";
  const failure = await tryDelivery(cloud, policyOf(schedule.definition), async () => {
    attempts++;
    body = bodyFor(cloud, schedule, { scheduledTime, executionId, attempts });
    await handOver(cloud, Target.Arn, {
      body,
      sourceArn: schedule.arn,
      roleArn: Target.RoleArn,
      trace,
      ...(Target.SqsParameters?.MessageGroupId
        ? { messageGroupId: Target.SqsParameters.MessageGroupId, deduplicationId: executionId }
        : {}),
    });
  });
  if (!failure) return traceId;
  await bury(
    cloud,
    Target.DeadLetterConfig?.Arn,
    { body, sourceArn: schedule.arn, roleArn: Target.RoleArn, targetArn: Target.Arn, trace },
    failure,
    {
      SCHEDULE_ARN: schedule.arn,
      TARGET_ARN: Target.Arn,
      SCHEDULED_TIME: scheduledTime,
      EXECUTION_ID: executionId,
      IS_PAYLOAD_TRUNCATED: "false",
      RETRY_ATTEMPTS: String(failure.retries),
    },
  );
  return traceId;
};

const startTrace = (cloud: Cloud, schedule: Schedule): string => {
  const now = cloud.clock.now();
  const traceId = newTraceId(now);
  const id = newSpanId();
  cloud.recorder.record({
    traceId,
    id,
    kind: "deliver",
    node: schedule.arn,
    name: `scheduler:Run ${schedule.definition.Name}`,
    start: now,
    durationMs: 0,
    detail: {},
  });
  return traceHeader(traceId, id);
};

const policyOf = ({ Target: { RetryPolicy } }: Definition): RetryPolicy =>
  retryPolicyOf({
    maximumRetryAttempts: RetryPolicy?.MaximumRetryAttempts,
    maximumEventAgeInSeconds: RetryPolicy?.MaximumEventAgeInSeconds,
  });

const bodyFor = (
  cloud: Cloud,
  schedule: Schedule,
  facts: { scheduledTime: string; executionId: string; attempts: number },
): string => {
  const { Target } = schedule.definition;
  const input = Target.Input?.replaceAll("<aws.scheduler.schedule-arn>", schedule.arn)
    .replaceAll("<aws.scheduler.scheduled-time>", facts.scheduledTime)
    .replaceAll("<aws.scheduler.execution-id>", facts.executionId)
    .replaceAll("<aws.scheduler.attempt-number>", String(facts.attempts));
  const parameters = Target.EventBridgeParameters;
  if (parameters)
    return JSON.stringify({
      source: parameters.Source,
      "detail-type": parameters.DetailType,
      detail: JSON.parse(input ?? "{}"),
      resources: [schedule.arn],
    });
  return (
    input ??
    JSON.stringify({
      version: "0",
      id: facts.executionId,
      "detail-type": "Scheduled Event",
      source: "aws.scheduler",
      account: cloud.graph.accountId,
      time: facts.scheduledTime,
      region: cloud.graph.region,
      resources: [schedule.arn],
      detail: "{}",
    })
  );
};
