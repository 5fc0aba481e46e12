import { arnOf, but, type Example, made, plus, policy } from "../kit/example.ts";

const bus = made("aws:cloudwatch/eventBus:EventBus", "Bus");

const target = made("aws:cloudwatch/eventTarget:EventTarget", "Target", {
  deadLetterConfig: { arn: arnOf("sqs", "Lost") },
  retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3_600 },
});

const retries = { maximumRetryAttempts: 3 };
const deadLetterConfig = { arn: arnOf("sqs", "Lost") };
const schedule = made("aws:scheduler/schedule:Schedule", "Schedule", {
  scheduleExpressionTimezone: "UTC",
  target: { retryPolicy: retries, deadLetterConfig },
});

const open = {
  Effect: "Allow",
  Principal: "*",
  Action: "events:PutEvents",
  Resource: arnOf("events", "Bus"),
};
const busPolicy = (statement: Record<string, unknown>) =>
  made("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "BusPolicy", {
    eventBusName: "Bus",
    policy: policy(statement),
  });

/** Buses, rules and schedules. */
export const eventExamples: readonly Example[] = [
  {
    rule: 27,
    kept: [target],
    broken: {
      "no DLQ": but("Target", { deadLetterConfig: undefined }),
      "no retries": but("Target", { retryPolicy: { maximumEventAgeInSeconds: 60 } }),
      "any age": but("Target", { retryPolicy: { maximumRetryAttempts: 10 } }),
    },
  },
  {
    rule: 28,
    kept: [bus, busPolicy({ ...open, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } })],
    broken: {
      "open to everybody": () => [bus, busPolicy(open)],
      "open to every AWS principal": () => [bus, busPolicy({ ...open, Principal: { AWS: "*" } })],
      "open by a permission": plus(
        made("aws:cloudwatch/eventPermission:EventPermission", "Permission", {
          eventBusName: "Bus",
          principal: "*",
        }),
      ),
    },
  },
  {
    rule: 29,
    kept: [schedule],
    broken: {
      "no DLQ": but("Schedule", { target: { retryPolicy: retries } }),
      "SST's default of no retries": but("Schedule", {
        target: { retryPolicy: { maximumRetryAttempts: 0 }, deadLetterConfig },
      }),
      "no time zone": but("Schedule", { scheduleExpressionTimezone: undefined }),
    },
  },
];
