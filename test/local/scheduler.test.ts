import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, expect, test, vi } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import type { Cloud } from "../../local/kit/cloud.ts";
import { events } from "../../local/services/eventbridge/events.ts";
import { isoSeconds } from "../../local/services/eventbridge/route.ts";
import { type SchedulerService, scheduler } from "../../local/services/scheduler/scheduler.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import {
  arn,
  functionArn,
  type Harness,
  queue,
  queueArn,
  resource,
  startHarness,
  temporaryDirectory,
} from "./sqs-harness.ts";

const HOUR = 3_600_000;
let cloud: Harness;
let service: SchedulerService;
let seen: Record<string, unknown>[] = [];
afterEach(() => cloud.stop());

const start = async (resources: Resource[], dataDir?: string, aheadMs = 0) => {
  seen = [];
  const remember = (c: Cloud) => {
    service = scheduler(c);
    return service;
  };
  cloud = await startHarness({
    resources: [queue("out"), queue("dead"), ...resources],
    services: [sqs, events, remember],
    functions: { job: (event) => void seen.push(event) },
    aheadMs,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
};

const schedule = (name: string, scheduleExpression: string, inputs: Record<string, unknown> = {}): Resource =>
  resource("aws:scheduler/schedule:Schedule", name, {
    name,
    scheduleExpression,
    state: "ENABLED",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: functionArn("job"), roleArn: arn("iam", "role/x"), input: `{"from":"${name}"}` },
    ...inputs,
  });

const create = (Name: string, ScheduleExpression: string, more: Partial<CreateScheduleCommandInput> = {}) =>
  cloud.scheduler.send(
    new CreateScheduleCommand({
      Name,
      ScheduleExpression,
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: functionArn("job"), RoleArn: arn("iam", "role/x"), Input: `{"from":"${Name}"}` },
      ...more,
    }),
  );

/** `at(…)` that many milliseconds from now. */
const at = (ms: number) => `at(${isoSeconds(cloud.clock.now() + ms).slice(0, -1)})`;
const names = () => seen.map((event) => event.from);

test("a rate runs at once, then at its pace, and once for all that a sleep missed", async () => {
  await start([schedule("tick", "rate(1 hour)")]);
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  cloud.clock.advance(HOUR);
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  cloud.clock.advance(48 * HOUR);
  await vi.waitFor(() => expect(seen).toHaveLength(3));
  cloud.clock.advance(HOUR);
  await vi.waitFor(() => expect(seen).toHaveLength(4));
});

test("at() runs once, and deletes its schedule when asked to", async () => {
  await start([]);
  await create("once", at(HOUR), { ActionAfterCompletion: "DELETE" });
  await create("stays", at(HOUR));
  cloud.clock.advance(HOUR - 2_000);
  expect(seen).toEqual([]);
  cloud.clock.advance(2_000);
  await vi.waitFor(() => expect(names().toSorted()).toEqual(["once", "stays"]));
  await expect(cloud.scheduler.send(new GetScheduleCommand({ Name: "once" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  await cloud.scheduler.send(new GetScheduleCommand({ Name: "stays" }));
});

test("cron keeps to its zone's clock across a time change", async () => {
  await start([schedule("nine", "cron(0 9 * * ? *)", { scheduleExpressionTimezone: "Europe/Berlin" })]);
  // To the evening before clocks go forward in 2027, wherever today is.
  cloud.clock.advance(Date.parse("2027-03-27T20:00:00Z") - cloud.clock.now());
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  expect(new Date(service.inspect()[0]?.next ?? 0).toISOString()).toBe("2027-03-28T07:00:00.000Z");
  cloud.clock.advance(11 * HOUR);
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  cloud.clock.advance(24 * HOUR);
  await vi.waitFor(() => expect(seen).toHaveLength(3));
});

test("start, end and state bound a schedule", async () => {
  await start([]);
  const inHours = (hours: number) => new Date(cloud.clock.now() + hours * HOUR);
  await create("bounded", "rate(1 hour)", { StartDate: inHours(2), EndDate: inHours(3.5) });
  await create("off", "rate(1 hour)", { State: "DISABLED" });
  const counts: number[] = [];
  for (let hour = 0; hour < 6; hour++) {
    cloud.clock.advance(HOUR);
    await new Promise((resolve) => setImmediate(resolve));
    counts.push(seen.length);
  }
  expect(counts).toEqual([0, 1, 2, 2, 2, 2]);
  expect(names()).not.toContain("off");
});

test("a flexible window delays a run, but not beyond the window", async () => {
  await start([]);
  await create("loose", at(HOUR), { FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 10 } });
  cloud.clock.advance(HOUR - 2_000);
  expect(seen).toEqual([]);
  cloud.clock.advance(10 * 60_000 + 2_000);
  await vi.waitFor(() => expect(names()).toEqual(["loose"]));
});

test("a queue gets the input with its context filled in, a bus gets an event", async () => {
  await start([
    resource(
      "aws:cloudwatch/eventRule:EventRule",
      "r",
      {
        name: "r",
        eventPattern: '{"source":["timer"]}',
      },
      { arn: arn("events", "rule/r") },
    ),
    resource("aws:cloudwatch/eventTarget:EventTarget", "t", { rule: "r", arn: functionArn("job") }),
  ]);
  const RoleArn = arn("iam", "role/x");
  const Input = '{"arn":"<aws.scheduler.schedule-arn>","n":<aws.scheduler.attempt-number>}';
  await create("toQueue", at(HOUR), { Target: { Arn: queueArn("out"), RoleArn, Input } });
  await create("toBus", at(HOUR), {
    Target: {
      Arn: arn("events", "event-bus/default"),
      RoleArn,
      Input: '{"a":1}',
      EventBridgeParameters: { DetailType: "ring", Source: "timer" },
    },
  });
  await create("plain", at(HOUR), { Target: { Arn: functionArn("job"), RoleArn } });
  cloud.clock.advance(HOUR);
  const { Messages } = await cloud.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: cloud.url("out"), WaitTimeSeconds: 5 }),
  );
  expect(JSON.parse(Messages?.[0]?.Body ?? "")).toEqual({
    arn: arn("scheduler", "schedule/default/toQueue"),
    n: 1,
  });
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  expect(seen).toContainEqual(
    expect.objectContaining({ source: "timer", "detail-type": "ring", detail: { a: 1 } }),
  );
  expect(seen).toContainEqual(expect.objectContaining({ source: "aws.scheduler", detail: "{}" }));
});

test("a failing target is retried by policy, then buried with what AWS writes on the letter", async () => {
  const target = {
    arn: functionArn("job"),
    roleArn: arn("iam", "role/x"),
    input: '{"x":1}',
    retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 600 },
    deadLetterConfig: { arn: queueArn("dead") },
  };
  await start([schedule("doomed", "rate(1 day)", { target, startDate: "2090-01-01T00:00:00Z" })]);
  let attempts = 0;
  cloud.lambda.invokeAsync = () => {
    attempts++;
    return Promise.reject(new Error("down"));
  };
  const running = service.runNow("doomed");
  await vi.waitFor(() => expect(attempts).toBe(1));
  cloud.clock.advance(1_000);
  await running;
  expect(attempts).toBe(2);
  const { Messages } = await cloud.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: cloud.url("dead"), MessageAttributeNames: ["All"] }),
  );
  expect(Messages?.[0]?.Body).toBe('{"x":1}');
  expect(Messages?.[0]?.MessageAttributes).toMatchObject({
    SCHEDULE_ARN: { StringValue: arn("scheduler", "schedule/default/doomed") },
    TARGET_ARN: { StringValue: functionArn("job") },
    ERROR_MESSAGE: { StringValue: "down" },
    EXHAUSTED_RETRY_CONDITION: { StringValue: "MaximumRetryAttempts" },
    RETRY_ATTEMPTS: { StringValue: "1" },
    IS_PAYLOAD_TRUNCATED: { StringValue: "false" },
  });
});

test("the API makes, shows, changes, lists and deletes schedules and groups", async () => {
  await start([]);
  await cloud.scheduler.send(new CreateScheduleGroupCommand({ Name: "later" }));
  const { ScheduleArn } = await create("one", at(HOUR), { GroupName: "later" });
  expect(ScheduleArn).toBe(arn("scheduler", "schedule/later/one"));
  await expect(create("one", at(HOUR), { GroupName: "later" })).rejects.toMatchObject({
    name: "ConflictException",
  });
  await expect(create("two", "cron(nonsense)")).rejects.toMatchObject({ name: "ValidationException" });
  await expect(create("two", at(HOUR), { ScheduleExpressionTimezone: "Mars/Olympus" })).rejects.toThrow(
    "Mars/Olympus",
  );
  await cloud.scheduler.send(
    new UpdateScheduleCommand({
      Name: "one",
      GroupName: "later",
      ScheduleExpression: at(2 * HOUR),
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: functionArn("job"), RoleArn: arn("iam", "role/x"), Input: '{"from":"changed"}' },
    }),
  );
  const shown = await cloud.scheduler.send(new GetScheduleCommand({ Name: "one", GroupName: "later" }));
  expect(shown).toMatchObject({ Arn: ScheduleArn, State: "ENABLED", ScheduleExpressionTimezone: "UTC" });
  expect(shown.CreationDate).toBeInstanceOf(Date);
  const listed = await cloud.scheduler.send(new ListSchedulesCommand({ GroupName: "later" }));
  expect(listed.Schedules?.map((one) => one.Name)).toEqual(["one"]);
  const groups = await cloud.scheduler.send(new ListScheduleGroupsCommand({}));
  expect(groups.ScheduleGroups?.map((one) => one.Name)).toEqual(["default", "later"]);
  cloud.clock.advance(HOUR);
  expect(seen).toEqual([]);
  cloud.clock.advance(HOUR);
  await vi.waitFor(() => expect(names()).toEqual(["changed"]));
  await create("gone", at(3 * HOUR));
  await cloud.scheduler.send(new DeleteScheduleCommand({ Name: "gone" }));
  await cloud.scheduler.send(new DeleteScheduleGroupCommand({ Name: "later" }));
  expect((await cloud.scheduler.send(new ListSchedulesCommand({}))).Schedules).toEqual([]);
  cloud.clock.advance(4 * HOUR);
  expect(names()).toEqual(["changed"]);
});

test("a one-time run that its target has not taken when the process ends is run by the next", async () => {
  const dir = temporaryDirectory();
  try {
    await start([], dir.path);
    let attempts = 0;
    cloud.lambda.invokeAsync = () => {
      attempts++;
      return Promise.reject(new Error("down"));
    };
    await create("once", at(HOUR), { ActionAfterCompletion: "DELETE" });
    cloud.clock.advance(HOUR);
    await vi.waitFor(() => expect(attempts).toBe(1));
    await cloud.stop();
    await start([], dir.path, HOUR);
    await vi.waitFor(() => expect(names()).toEqual(["once"]));
    await vi.waitFor(() =>
      expect(cloud.scheduler.send(new GetScheduleCommand({ Name: "once" }))).rejects.toThrow(
        "does not exist",
      ),
    );
  } finally {
    dir.remove();
  }
});

test("schedules made at run time outlive a restart, and a one-time run missed meanwhile is made up for", async () => {
  const dir = temporaryDirectory();
  try {
    const graph = [schedule("tick", "rate(1 day)")];
    await start(graph, dir.path);
    await vi.waitFor(() => expect(names()).toEqual(["tick"]));
    await create("soon", at(2_000));
    await create("later", at(HOUR));
    await cloud.stop();
    await start(graph, dir.path, 3_000);
    await vi.waitFor(() => expect(names()).toEqual(["soon"]));
    cloud.clock.advance(HOUR);
    await vi.waitFor(() => expect(names()).toEqual(["soon", "later"]));
  } finally {
    dir.remove();
  }
});
