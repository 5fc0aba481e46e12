import { arnOf, but, type Example, made, plus, without } from "../kit/example.ts";

const FUNCTION = "aws:lambda/function:Function";
const tags = { app: "example", stage: "dev", pattern: "shop" };

const fn = made(FUNCTION, "Buy", { tags });
const dlq = made("aws:sqs/queue:Queue", "Failed");
const work = made("aws:sqs/queue:Queue", "Work", {
  redrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf("sqs", "Failed") }),
});
const stream = made("aws:lambda/eventSourceMapping:EventSourceMapping", "Stream", {
  eventSourceArn: arnOf("dynamodb", "table/t/stream/1"),
  functionName: "Buy",
});
const api = made("aws:apigateway/restApi:RestApi", "Api");

const alarm = (name: string, service: string, metricName: string, more: Record<string, unknown>) =>
  made("aws:cloudwatch/metricAlarm:MetricAlarm", name, {
    namespace: `AWS/${service}`,
    metricName,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    alarmActions: [arnOf("sns", "Topic")],
    ...more,
  });
const ofFunction = { dimensions: { FunctionName: "Buy" } };
const ofQueue = (QueueName: string) => ({ dimensions: { QueueName } });
const alarms = [
  alarm("Errors", "Lambda", "Errors", ofFunction),
  alarm("Throttles", "Lambda", "Throttles", ofFunction),
  alarm("Slow", "Lambda", "Duration", { ...ofFunction, extendedStatistic: "p99" }),
  alarm("Lag", "Lambda", "IteratorAge", ofFunction),
  alarm("Age", "SQS", "ApproximateAgeOfOldestMessage", ofQueue("Work")),
  alarm("Depth", "SQS", "ApproximateNumberOfMessagesVisible", ofQueue("Failed")),
  alarm("Faults", "ApiGateway", "5XXError", { dimensions: { ApiName: "Api" } }),
];

const widgets = [{ properties: { metrics: [["AWS/Lambda", "Errors", "FunctionName", "Buy", {}]] } }];
const dashboard = made("aws:cloudwatch/dashboard:Dashboard", "Board", {
  dashboardBody: JSON.stringify({ widgets }),
});

const notification = { threshold: 80, subscriberSnsTopicArns: [arnOf("sns", "Topic")] };
const budget = made("aws:budgets/budget:Budget", "Budget", {
  limitAmount: "10",
  notifications: [notification],
});

const group = made("aws:cloudwatch/logGroup:LogGroup", "Group", { retentionInDays: 30 });
const stage = made("aws:apigateway/stage:Stage", "Stage", { restApi: "api", stageName: "dev" });
const execution = made("aws:cloudwatch/logGroup:LogGroup", "Execution", {
  name: "API-Gateway-Execution-Logs_api/dev",
  retentionInDays: 30,
});

/** Alarms, dashboards, tags, budgets and logs. */
export const operationExamples: readonly Example[] = [
  {
    rule: 46,
    kept: [fn, work, dlq, stream, api, ...alarms],
    broken: {
      ...Object.fromEntries(alarms.map(({ name }) => [`no alarm ${name}`, without(name)])),
      "an average in place of the p99": but("Slow", { extendedStatistic: undefined, statistic: "Average" }),
      "an alarm on another function": but("Errors", { dimensions: { FunctionName: "Sell" } }),
      "an alarm that tells nobody": but("Errors", { alarmActions: [] }),
      "an alarm that is switched off": but("Throttles", { actionsEnabled: false }),
      "depth only from ten": but("Depth", { threshold: 10 }),
      "depth above one": but("Depth", { comparisonOperator: "GreaterThanThreshold" }),
    },
  },
  {
    rule: 47,
    kept: [fn, dashboard],
    broken: {
      "no dashboard": without("Board"),
      "an empty one": but("Board", { dashboardBody: "{}" }),
      "a function it does not show": plus(made(FUNCTION, "Sell", { tags })),
      "a pattern it does not show": plus(made(FUNCTION, "Chat", { tags: { ...tags, pattern: "chat" } })),
    },
  },
  {
    rule: 48,
    kept: [fn, stage].map((resource) => ({ ...resource, inputs: { ...resource.inputs, tags } })),
    broken: {
      untagged: but("Buy", { tags: undefined }),
      "no pattern": but("Stage", { tags: { app: "example", stage: "dev" } }),
      "another stage": but("Buy", { tags: { ...tags, stage: "production" } }),
    },
  },
  {
    rule: 49,
    kept: [budget],
    broken: {
      silent: but("Budget", { notifications: [] }),
      "heard by nobody": but("Budget", { notifications: [{ threshold: 80 }] }),
      "no limit": but("Budget", { limitAmount: undefined }),
    },
  },
  {
    rule: 50,
    kept: [group, stage, execution],
    broken: {
      unstated: but("Group", { retentionInDays: undefined }),
      forever: but("Group", { retentionInDays: 0 }),
      "the group API Gateway makes by itself": without("Execution"),
    },
  },
];
