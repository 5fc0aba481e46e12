import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { events } from "../../local/services/eventbridge/events.ts";
import { scheduler } from "../../local/services/scheduler/scheduler.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import {
  arn,
  functionArn,
  type Handler,
  type Harness,
  mapping,
  queue,
  queueArn,
  resource,
  startHarness,
} from "./sqs-harness.ts";

let cloud: Harness;
afterEach(() => cloud.stop());

const busArn = (name: string) => arn("events", `event-bus/${name}`);
const ruleArn = (name: string, bus = "shop") => arn("events", `rule/${bus}/${name}`);
const bus = (name: string): Resource =>
  resource("aws:cloudwatch/eventBus:EventBus", name, { name }, { arn: busArn(name) });
const rule = (name: string, inputs: Record<string, unknown>, eventBusName = "shop"): Resource =>
  resource(
    "aws:cloudwatch/eventRule:EventRule",
    name,
    { name, eventBusName, state: "ENABLED", ...inputs },
    { arn: ruleArn(name, eventBusName) },
  );
const pattern = (value: object) => ({ eventPattern: JSON.stringify(value) });
const target = (ruleName: string, to: string, inputs: Record<string, unknown> = {}): Resource =>
  resource("aws:cloudwatch/eventTarget:EventTarget", `${ruleName}${to}`, {
    rule: ruleName,
    eventBusName: "shop",
    arn: to,
    ...inputs,
  });

const start = async (resources: Resource[], functions: Record<string, Handler> = {}) => {
  cloud = await startHarness({ resources: [bus("shop"), ...resources], services: [sqs, events], functions });
};

const put = (...Entries: PutEventsRequestEntry[]) => cloud.events.send(new PutEventsCommand({ Entries }));
const order = (detail: object, more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  EventBusName: "shop",
  Source: "shop.orders",
  DetailType: "placed",
  Detail: JSON.stringify(detail),
  ...more,
});
const take = async (name: string) => {
  const { Messages = [] } = await cloud.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: cloud.url(name),
      WaitTimeSeconds: 5,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    }),
  );
  return Messages;
};
const first = async (name: string) => JSON.parse((await take(name))[0]?.Body ?? "null");

describe("PutEvents", () => {
  test("an event nested too deeply to be read is lost by name, and ends nothing", async () => {
    await start([
      rule("big", pattern({ detail: { total: [101] } })),
      target("big", queueArn("orders")),
      queue("orders"),
    ]);
    const depth = 100_000;
    await put(order({}, { Detail: `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}` }));
    await vi.waitFor(() => expect(cloud.printed.join("\n")).toMatch(/event \S+ is lost: RangeError/));
    await put(order({ total: 101 }));
    expect(await first("orders")).toMatchObject({ detail: { total: 101 } });
  });

  test("carries an event from rule to queue to function, with its trace", async () => {
    const seen: { body: string; trace: string | undefined }[] = [];
    const consumer: Handler = (event: { Records: { body: string }[] }, { trace }) => {
      for (const { body } of event.Records) seen.push({ body, trace });
    };
    await start(
      [
        rule("big", pattern({ source: ["shop.orders"], detail: { total: [{ numeric: [">", 100] }] } })),
        target("big", queueArn("orders")),
        queue("orders"),
        mapping("orders", "consumer"),
      ],
      { consumer },
    );
    const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    const Time = new Date("2026-05-06T07:08:09Z");
    const { Entries, FailedEntryCount } = await put(
      order({ total: 101 }, { TraceHeader: trace, Time, Resources: ["r1"] }),
      order({ total: 99 }),
    );
    expect(FailedEntryCount).toBe(0);
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(seen[0]?.trace).toMatch(
      /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[0-9a-f]{16};Sampled=1$/,
    );
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({
      version: "0",
      id: Entries?.[0]?.EventId,
      "detail-type": "placed",
      source: "shop.orders",
      account: "000000000000",
      time: "2026-05-06T07:08:09Z",
      region: "eu-central-1",
      resources: ["r1"],
      detail: { total: 101 },
    });
    expect(cloud.recorder.recent()).toContainEqual(
      expect.objectContaining({ kind: "deliver", from: busArn("shop"), node: ruleArn("big") }),
    );
    expect(cloud.recorder.recent()).toContainEqual(
      expect.objectContaining({ kind: "deliver", from: ruleArn("big"), node: queueArn("orders") }),
    );
  });

  test("answers entry by entry, and refuses too many or too much", async () => {
    await start([]);
    const result = await put(
      order({}),
      order({}, { Detail: "not json" }),
      order({}, { Detail: "[1]" }),
      order({}, { Source: "aws.s3" }),
      order({}, { DetailType: undefined }),
    );
    expect(result.FailedEntryCount).toBe(4);
    expect(result.Entries?.map((entry) => entry.ErrorCode)).toEqual([
      undefined,
      "MalformedDetail",
      "MalformedDetail",
      "NotAuthorizedForSourceException",
      "InvalidArgument",
    ]);
    await expect(put(...Array.from({ length: 11 }, () => order({})))).rejects.toThrow(
      "less than or equal to 10",
    );
    await expect(put(order({ big: "x".repeat(1_048_576) }))).rejects.toThrow("Total size of the entries");
    expect((await put(order({ big: "x".repeat(900_000) }))).FailedEntryCount).toBe(0);
    expect((await put(order({}, { EventBusName: "absent" }))).FailedEntryCount).toBe(0);
    expect(cloud.printed.join()).toContain('there is no event bus "absent"');
  });
});

describe("a target", () => {
  const to = (inputs: Record<string, unknown>, name = "out") =>
    start([
      rule("all", pattern({ source: [{ prefix: "" }] })),
      target("all", queueArn(name), inputs),
      queue("out"),
      queue("line.fifo", { contentBasedDeduplication: true }),
    ]);

  test("gets a constant, a part, or a template filled from the event", async () => {
    await to({ input: '{"fixed":true}' });
    await put(order({}));
    expect(await first("out")).toEqual({ fixed: true });
    await cloud.stop();

    await to({ inputPath: "$.detail.items[1]" });
    await put(order({ items: ["a", { b: 1 }] }));
    expect(await first("out")).toEqual({ b: 1 });
    await cloud.stop();

    await to({
      inputTransformer: {
        inputPaths: {
          id: "$.detail.id",
          items: "$.detail.items[*].sku",
          type: "$.detail-type",
          none: "$.detail.x",
        },
        inputTemplate:
          '{"id": <id>, "text": "order \\"<id>\\" is <type>", "skus": <items>, "none": <none>, "rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>, "at": <aws.events.event.ingestion-time>, "event": <aws.events.event.json>, "head": <aws.events.event>}',
      },
    });
    await put(order({ id: 'a"1', items: [{ sku: "x" }, { sku: "y" }] }));
    expect(await first("out")).toMatchObject({
      id: 'a"1',
      text: 'order "a"1" is placed',
      skus: ["x", "y"],
      none: "",
      rule: "all",
      arn: ruleArn("all"),
      event: { source: "shop.orders", detail: { id: 'a"1' } },
      head: { source: "shop.orders" },
    });
  });

  test("that is a FIFO queue gets the rule's message group", async () => {
    await to({ sqsTarget: { messageGroupId: "one" } }, "line.fifo");
    await put(order({ n: 1 }));
    const [message] = await take("line.fifo");
    expect(message?.Attributes?.MessageGroupId).toBe("one");
  });

  test("that is another bus gets the event, but passes it to no third bus", async () => {
    const everything = pattern({ source: [{ prefix: "" }] });
    await start([
      bus("second"),
      bus("third"),
      rule("a", everything),
      target("a", busArn("second")),
      rule("b", everything, "second"),
      target("b", queueArn("out"), { eventBusName: "second" }),
      target("b", busArn("third"), { eventBusName: "second", deadLetterConfig: { arn: queueArn("dead") } }),
      queue("out"),
      queue("dead"),
    ]);
    const { Entries } = await put(order({}));
    expect((await first("out")).id).toBe(Entries?.[0]?.EventId);
    const [dead] = await take("dead");
    expect(dead?.MessageAttributes?.ERROR_CODE?.StringValue).toBe("THIRD_ACCOUNT_HOP_DETECTED");
  });

  test("that is a function is invoked with the event itself", async () => {
    const seen: unknown[] = [];
    const resources = [rule("all", pattern({ detail: { n: [1] } })), target("all", functionArn("consumer"))];
    await start(resources, { consumer: (event) => void seen.push(event) });
    await put(order({ n: 1 }));
    await vi.waitFor(() => expect(seen).toMatchObject([{ source: "shop.orders", detail: { n: 1 } }]));
  });

  test("that fails is tried again with backoff, then its event goes to the dead-letter queue", async () => {
    await start(
      [
        rule("all", pattern({ source: [{ prefix: "" }] })),
        target("all", functionArn("consumer"), {
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600 },
          deadLetterConfig: { arn: queueArn("dead") },
        }),
        queue("dead"),
      ],
      { consumer: () => undefined },
    );
    let attempts = 0;
    cloud.lambda.invokeAsync = () => {
      attempts++;
      return Promise.reject(Object.assign(new Error("slow down"), { name: "ThrottlingException" }));
    };
    const { Entries } = await put(order({ n: 1 }));
    await vi.waitFor(() => expect(attempts).toBe(1));
    cloud.clock.advance(1_000);
    await vi.waitFor(() => expect(attempts).toBe(2));
    cloud.clock.advance(2_000);
    const [dead] = await take("dead");
    expect(attempts).toBe(3);
    expect(JSON.parse(dead?.Body ?? "").id).toBe(Entries?.[0]?.EventId);
    const attributes = Object.entries(dead?.MessageAttributes ?? {}).map(([k, v]) => [k, v.StringValue]);
    expect(Object.fromEntries(attributes)).toEqual({
      RULE_ARN: ruleArn("all"),
      TARGET_ARN: functionArn("consumer"),
      ERROR_CODE: "THROTTLING",
      ERROR_MESSAGE: "slow down",
      EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
      RETRY_ATTEMPTS: "2",
    });
  });

  test("that is given up for its age says so", async () => {
    await start(
      [
        rule("all", pattern({ source: [{ prefix: "" }] })),
        target("all", functionArn("consumer"), {
          retryPolicy: { maximumEventAgeInSeconds: 60 },
          deadLetterConfig: { arn: queueArn("dead") },
        }),
        queue("dead"),
      ],
      { consumer: () => undefined },
    );
    let attempts = 0;
    cloud.lambda.invokeAsync = () => {
      attempts++;
      return Promise.reject(new Error("down"));
    };
    await put(order({}));
    await vi.waitFor(() => expect(attempts).toBe(1));
    cloud.clock.advance(60_000);
    const [dead] = await take("dead");
    expect(dead?.MessageAttributes).toMatchObject({
      EXHAUSTED_RETRY_CONDITION: { StringValue: "MaximumEventAgeInSeconds" },
      ERROR_CODE: { StringValue: "INTERNAL_ERROR" },
    });
  });

  test("that does not exist costs no retries", async () => {
    await start([
      rule("all", pattern({ source: [{ prefix: "" }] })),
      target("all", queueArn("absent"), { deadLetterConfig: { arn: queueArn("dead") } }),
      target("all", functionArn("absent"), { deadLetterConfig: { arn: queueArn("dead") } }),
      queue("dead"),
    ]);
    await put(order({}));
    await vi.waitFor(() => expect(cloud.sqsService.inspect()[0]?.ready).toBe(2));
    for (const dead of await take("dead"))
      expect(dead.MessageAttributes?.ERROR_CODE?.StringValue).toBe("NO_RESOURCE");
  });
});

test("a mistake in a stack stops the start, and says where it was written", async () => {
  await start([]);
  const broken = (extra: Resource) =>
    startHarness({ resources: [{ ...extra, source: "stacks/x.ts:7" }], services: [sqs, events, scheduler] });
  await expect(broken(rule("bad", pattern({ source: "x" })))).rejects.toThrow(
    /Rule bad \(stacks\/x.ts:7\).*"source" must be an object or an array/,
  );
  await expect(broken(queue("bad", { delaySeconds: 901 }))).rejects.toThrow(
    /Queue bad \(stacks\/x.ts:7\).*DelaySeconds/,
  );
  const schedule = resource("aws:scheduler/schedule:Schedule", "bad", {
    scheduleExpression: "cron(0 6 * * *)",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: "x" },
  });
  await expect(broken(schedule)).rejects.toThrow(/Schedule bad: Invalid Schedule Expression/);
});

test("a rule on a schedule fires by the clock, and not for what a sleeping machine missed", async () => {
  const seen: { resources: string[]; source: string }[] = [];
  await start(
    [
      rule("tick", { scheduleExpression: "rate(5 minutes)" }, "default"),
      target("tick", functionArn("consumer"), { eventBusName: "default" }),
    ],
    { consumer: (event) => void seen.push(event) },
  );
  cloud.clock.advance(299_000);
  expect(seen).toEqual([]);
  cloud.clock.advance(1_000);
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  expect(seen[0]).toMatchObject({
    source: "aws.events",
    "detail-type": "Scheduled Event",
    resources: [ruleArn("tick", "default")],
  });
  cloud.clock.advance(86_400_000);
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  cloud.clock.advance(300_000);
  await vi.waitFor(() => expect(seen).toHaveLength(3));
});

describe("the API", () => {
  test("shows buses, rules and targets, and switches rules", async () => {
    await start([rule("all", pattern({ source: ["x"] })), target("all", queueArn("out")), queue("out")]);
    const at = { EventBusName: "shop", Name: "all" };
    expect(await cloud.events.send(new DescribeRuleCommand(at))).toMatchObject({
      Arn: ruleArn("all"),
      State: "ENABLED",
      EventPattern: '{"source":["x"]}',
    });
    const { Targets } = await cloud.events.send(
      new ListTargetsByRuleCommand({ EventBusName: "shop", Rule: "all" }),
    );
    expect(Targets).toMatchObject([{ Arn: queueArn("out") }]);
    const { EventBuses } = await cloud.events.send(new ListEventBusesCommand({}));
    expect(EventBuses?.map((one) => one.Name)).toEqual(["default", "shop"]);
    const described = await cloud.events.send(new DescribeEventBusCommand({ Name: "shop" }));
    expect(described.Arn).toBe(busArn("shop"));
    await cloud.events.send(new DisableRuleCommand(at));
    await put(order({}, { Source: "x" }));
    await cloud.events.send(new EnableRuleCommand(at));
    await put(order({ second: true }, { Source: "x" }));
    expect((await first("out")).detail).toEqual({ second: true });
    const { Rules } = await cloud.events.send(new ListRulesCommand({ EventBusName: "shop" }));
    expect(Rules).toHaveLength(1);
    await expect(cloud.events.send(new DescribeRuleCommand({ Name: "none" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("tests patterns, and refuses bad ones in AWS's words", async () => {
    await start([]);
    const Event = JSON.stringify({
      id: "1",
      account: "1",
      source: "a.b",
      time: "2026-01-01T00:00:00Z",
      region: "x",
      resources: [],
      "detail-type": "t",
      detail: {},
    });
    const tried = (EventPattern: object) =>
      cloud.events.send(new TestEventPatternCommand({ Event, EventPattern: JSON.stringify(EventPattern) }));
    expect((await tried({ source: [{ prefix: "a." }] })).Result).toBe(true);
    expect((await tried({ source: ["b"] })).Result).toBe(false);
    await expect(tried({ source: "b" })).rejects.toThrow(
      'Event pattern is not valid. Reason: "source" must be an object or an array',
    );
  });

  test("names what it does not serve", async () => {
    await start([]);
    await expect(cloud.events.send(new PutRuleCommand({ Name: "x" }))).rejects.toThrow("events:PutRule");
  });
});
