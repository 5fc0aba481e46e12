import { SnsSchema, SnsSqsNotificationSchema } from "@aws-lambda-powertools/parser/schemas";
import {
  AddPermissionCommand,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  type MessageAttributeValue,
  PublishBatchCommand,
  PublishCommand,
  RemovePermissionCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { MAX_ASYNC_BYTES, requestTooLarge } from "../../local/lambda/errors.ts";
import { killed, type RunningSns, startSns, subscription, topic, topicArn } from "./sns-fixture.ts";
import { functionArn, type Handler, queue, queueArn, temporaryDirectory } from "./sqs-harness.ts";

let cloud: RunningSns;
const folders: { remove(): void }[] = [];
const kept = <T extends { remove(): void }>(folder: T): T => {
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  await cloud.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

const start = async (resources: Resource[], functions: Record<string, Handler> = {}) => {
  cloud = await startSns(resources, { functions });
};
const TopicArn = topicArn("news");
const publish = (Message: string, more: Partial<PublishCommand["input"]> = {}) =>
  cloud.sns.send(new PublishCommand({ TopicArn, Message, ...more }));
const words = (MessageAttributes: Record<string, MessageAttributeValue>) => ({ MessageAttributes });
const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
const subscribe = (Attributes: Record<string, string> = {}, to = queueArn("inbox"), Protocol = "sqs") =>
  cloud.sns.send(
    new SubscribeCommand({ TopicArn, Protocol, Endpoint: to, Attributes, ReturnSubscriptionArn: true }),
  );

describe("A message", () => {
  test("reaches a queue in SNS's envelope, and raw with its attributes of every type", async () => {
    await start([
      topic("news"),
      queue("inbox"),
      queue("raw"),
      subscription("news", "sqs", queueArn("inbox")),
      subscription("news", "sqs", queueArn("raw"), { rawMessageDelivery: true }),
    ]);
    const attributes = {
      kind: text("big"),
      size: text("12.5", "Number"),
      seal: { DataType: "Binary", BinaryValue: Buffer.from([2, 3, 4]) },
    };
    const { MessageId } = await publish("héllo <b>&", { Subject: "First", ...words(attributes) });
    const [inbox] = await cloud.take("inbox");
    const envelope = JSON.parse(inbox?.Body ?? "");
    expect(envelope).toMatchObject({
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "First",
      Message: "héllo <b>&",
      SignatureVersion: "1",
      MessageAttributes: {
        kind: { Type: "String", Value: "big" },
        size: { Type: "Number", Value: "12.5" },
        seal: { Type: "Binary", Value: "AgME" },
      },
    });
    expect(Object.keys(envelope).slice(0, 3)).toEqual(["Type", "MessageId", "TopicArn"]);
    expect(inbox?.Body?.startsWith('{\n  "Type" : "Notification",\n')).toBe(true);
    SnsSqsNotificationSchema.parse(envelope);
    const [raw] = await cloud.take("raw");
    expect(raw?.Body).toBe("héllo <b>&");
    expect(raw?.MessageAttributes).toMatchObject({
      size: { DataType: "Number", StringValue: "12.5" },
      seal: { DataType: "Binary", BinaryValue: new Uint8Array([2, 3, 4]) },
    });
  });

  test("reaches a function as the event that AWS's schema describes, with the trace", async () => {
    const seen: { event: unknown; trace: string | undefined }[] = [];
    const reader: Handler = (event, { trace }) => void seen.push({ event, trace });
    await start([topic("news"), subscription("news", "lambda", functionArn("reader"))], { reader });
    const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    const command = new PublishCommand({ TopicArn, Message: "hello", ...words({ kind: text("x") }) });
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers["x-amzn-trace-id"] = trace;
        return next(args);
      },
      { step: "build" },
    );
    await cloud.sns.send(command);
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(SnsSchema.parse(seen[0]?.event).Records[0]?.Sns).toMatchObject({
      Message: "hello",
      Subject: null,
      MessageAttributes: { kind: { Type: "String", Value: "x" } },
    });
    expect(seen[0]?.trace).toContain("1-5759e988-bd862e3fe1be46a994272793");
  });

  test("carries its trace to a queue", async () => {
    await start([topic("news"), queue("inbox"), subscription("news", "sqs", queueArn("inbox"))]);
    await cloud.cloud.deliver(TopicArn, {
      body: "from a rule",
      sourceArn: "arn:aws:events:eu-central-1:000000000000:rule/x",
      subject: "Rule",
      attributes: { why: "rule" },
      trace: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    });
    const [message] = await cloud.take("inbox");
    expect(message?.Attributes?.AWSTraceHeader).toContain("Root=1-5759e988-bd862e3fe1be46a994272793");
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({
      Message: "from a rule",
      Subject: "Rule",
      MessageAttributes: { why: { Type: "String", Value: "rule" } },
    });
  });

  test("says something of its own to each protocol when its structure is json", async () => {
    await start([topic("news"), queue("inbox"), subscription("news", "sqs", queueArn("inbox"))]);
    const json = { MessageStructure: "json" };
    await publish(JSON.stringify({ default: "all", sqs: "queues" }), json);
    expect(JSON.parse((await cloud.take("inbox"))[0]?.Body ?? "").Message).toBe("queues");
    await expect(publish(JSON.stringify({ sqs: "x" }), json)).rejects.toThrow(
      "Invalid parameter: Message Structure - No default entry in JSON message body",
    );
    await expect(publish("no json", json)).rejects.toThrow("JSON message body failed to parse");
  });

  test.each<[string, Partial<PublishCommand["input"]>, string]>([
    ["is empty", { Message: "" }, "Invalid parameter: Empty message"],
    ["has an empty subject", { Subject: "" }, "Invalid parameter: Subject"],
    ["has lines in its subject", { Subject: "a\nb" }, "Invalid parameter: Subject"],
    ["is over 256 KB", { Message: "x".repeat(262_145) }, "Invalid parameter: Message too long"],
    ["is for a topic that is none", { TopicArn: topicArn("none") }, "Topic does not exist"],
    ["names no ARN", { TopicArn: "x" }, "Reason: An ARN must have at least 6 elements, not 1"],
    [
      "is for another region",
      { TopicArn: "arn:aws:sns:us-west-1:000000000000:news" },
      "Invalid parameter: TopicArn",
    ],
    [
      "is for nothing",
      { TopicArn: undefined },
      "Invalid parameter: TopicArn or TargetArn Reason: no value for",
    ],
    [
      "names a device that is none",
      { TopicArn: undefined, TargetArn: "arn:aws:sns:eu-central-1:000000000000:endpoint/GCM/x/y" },
      "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
    ],
    ["has a deduplication id", { MessageDeduplicationId: "x" }, "not valid for this topic type"],
    ["has an empty attribute", words({ a: text("") }), "must contain non-empty message attribute value"],
    ["has an attribute of no type", words({ a: text("x", "Text") }), "has an invalid message attribute type"],
    ["has a number that is none", words({ a: text("x", "Number") }), "Could not cast message attribute 'a'"],
    ["has a strange name", words({ "a^": text("x") }), "Invalid non-alphanumeric character '#x5E' was found"],
    [
      "has its value in the wrong field",
      words({ a: { DataType: "Binary", StringValue: "x" } }),
      "The message attribute 'a' with type 'Binary' must use field 'Binary'.",
    ],
  ])("that %s is refused in AWS's words", async (_, more, reason) => {
    await start([topic("news")]);
    await expect(publish("hello", more)).rejects.toThrow(reason);
  });
});

describe("A batch", () => {
  test("is published entry by entry, an entry's own mistake failing alone", async () => {
    await start([
      topic("news"),
      queue("inbox"),
      subscription("news", "sqs", queueArn("inbox"), { rawMessageDelivery: true }),
    ]);
    const { Successful, Failed } = await cloud.sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: "a", Message: "one" },
          { Id: "b", Message: "two", Subject: "bad\nsubject" },
          { Id: "c", Message: "three" },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["a", "c"]);
    expect(Failed).toMatchObject([{ Id: "b", Code: "InvalidParameter", SenderFault: true }]);
    expect((await cloud.take("inbox")).map(({ Body }) => Body).sort()).toEqual(["one", "three"]);
  });

  const entries = (n: number, size = 1) =>
    Array.from({ length: n }, (_, i) => ({ Id: String(i), Message: "x".repeat(size) }));
  test.each<[string, { Id: string; Message: string }[], string]>([
    ["of nothing", [], "EmptyBatchRequest"],
    ["of eleven", entries(11), "TooManyEntriesInBatchRequest"],
    ["of twins", [...entries(1), ...entries(1)], "BatchEntryIdsNotDistinct"],
    ["of strange ids", [{ Id: "a b", Message: "x" }], "InvalidBatchEntryId"],
    ["over 256 KB in all", entries(3, 100_000), "BatchRequestTooLong"],
  ])("%s is refused whole", async (_, PublishBatchRequestEntries, name) => {
    await start([topic("news")]);
    await expect(
      cloud.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })),
    ).rejects.toMatchObject({ name: expect.stringContaining(name) });
  });
});

describe("A filter policy", () => {
  const accepts = async (policy: unknown, attributes: Record<string, MessageAttributeValue>) => {
    await subscribe({ FilterPolicy: JSON.stringify(policy), RawMessageDelivery: "true" });
    await publish("candidate", words(attributes));
    await publish("end", { ...words({}), TopicArn: topicArn("end") });
    const taken: (string | undefined)[] = [];
    while (!taken.includes("end")) taken.push(...(await cloud.take("inbox")).map(({ Body }) => Body));
    return taken.includes("candidate");
  };
  const end = () => [
    topic("end"),
    subscription("end", "sqs", queueArn("inbox"), { rawMessageDelivery: true }),
  ];
  const many = text('["rugby", "baseball", 5, true, null]', "String.Array");

  test.each<[unknown, Record<string, MessageAttributeValue>, boolean]>([
    [{ a: ["x", "y"] }, { a: text("y") }, true],
    [{ a: ["x"] }, { a: text("X") }, false],
    [{ a: ["x"], b: ["y"] }, { a: text("x") }, false],
    [{ a: [{ "anything-but": ["x"] }] }, { a: text("y") }, true],
    [{ a: [{ "anything-but": ["x"] }] }, {}, false],
    [{ a: [{ "anything-but": { prefix: "x" } }] }, { a: text("xy") }, false],
    [{ a: [{ "anything-but": ["rugby"] }] }, { a: many }, true],
    [{ a: ["baseball"] }, { a: many }, true],
    [{ a: [5] }, { a: many }, true],
    [{ a: ["tennis"] }, { a: many }, false],
    [{ a: [{ prefix: "au" }] }, { a: text("auto") }, true],
    [{ a: [{ suffix: "to" }] }, { a: text("auto") }, true],
    [{ a: [{ "equals-ignore-case": "AUTO" }] }, { a: text("auto") }, true],
    [{ a: [{ numeric: [">", 0, "<=", 10] }] }, { a: text("10", "Number") }, true],
    [{ a: [{ numeric: [">", 0, "<=", 10] }] }, { a: text("10") }, false],
    [{ a: [301.5] }, { a: text("301.5", "Number") }, true],
    [{ a: [{ exists: false }] }, {}, true],
    [{ a: [{ exists: true }] }, { a: text("1", "Number") }, true],
    [{ a: [{ cidr: "10.0.0.0/24" }] }, { a: text("10.0.0.7") }, true],
    [{ $or: [{ a: ["x"] }, { b: ["y"] }] }, { b: text("y") }, true],
    [{ $or: [{ a: ["x"] }, { b: ["y"] }] }, { a: text("y") }, false],
    [{ a: [{ exists: true }] }, { a: { DataType: "Binary", BinaryValue: Buffer.from("x") } }, false],
  ])("%j over %j says %s", async (policy, attributes, expected) => {
    await start([topic("news"), queue("inbox"), ...end()]);
    expect(await accepts(policy, attributes)).toBe(expected);
  });

  test("may look into the body instead, nested; a body that is no JSON passes no filter", async () => {
    await start([topic("news"), queue("inbox")]);
    await subscribe({
      FilterPolicyScope: "MessageBody",
      FilterPolicy: JSON.stringify({ order: { items: { sku: [{ prefix: "b-" }] } } }),
      RawMessageDelivery: "true",
    });
    await publish("no json");
    await publish(`${'{"order":'.repeat(5_000)}1${"}".repeat(5_000)}`);
    await publish(JSON.stringify({ order: { items: [{ sku: "a-1" }] } }));
    const wanted = JSON.stringify({ order: { items: [{ sku: "a-1" }, { sku: "b-2" }] } });
    await publish(wanted);
    expect((await cloud.take("inbox")).map(({ Body }) => Body)).toEqual([wanted]);
  });

  test.each<[unknown, string]>([
    [{ key: [["value"]] }, "FilterPolicy: Match value must be String, number, true, false, or null"],
    [{ key: [{ "wrong-operator": true }] }, "FilterPolicy: Unrecognized match type wrong-operator"],
    [{ key: "value" }, 'FilterPolicy: "key" must be an object or an array'],
    [{ key: [{ suffix: 100 }] }, "FilterPolicy: suffix match pattern must be a string"],
    [{ key: [{ numeric: [] }] }, "FilterPolicy: Invalid member in numeric match: ]"],
    [
      { key: [{ "anything-but": { suffix: "x" } }] },
      "FilterPolicy: Unsupported anything-but pattern: suffix",
    ],
    [Object.fromEntries("abcdef".split("").map((key) => [key, ["x"]])), "can not have more than 5 keys"],
    [
      Object.fromEntries("abc".split("").map((key) => [key, ["1", "2", "3", "4", "5", "6"]])),
      "FilterPolicy: Filter policy is too complex",
    ],
    [{ a: { b: ["x"] } }, "Filter policy scope MessageAttributes does not support nested filter policy"],
  ])("%j is refused as AWS refuses it", async (policy, reason) => {
    await start([topic("news"), queue("inbox")]);
    await expect(subscribe({ FilterPolicy: JSON.stringify(policy) })).rejects.toThrow(reason);
  });

  test("of a stack that AWS would refuse stops the start, with its place", async () => {
    const wrong = {
      ...subscription("news", "sqs", queueArn("inbox"), { filterPolicy: '{"a":"x"}' }),
      source: "stacks/a.ts:3",
    };
    await expect(startSns([topic("news"), wrong])).rejects.toThrow(
      /stacks\/a\.ts:3.*must be an object or an array/,
    );
    await start([]);
  });
});

describe("A delivery", () => {
  const letters = { redrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("lost") }) };

  test("to a queue that is gone goes to the dead-letter queue at once, as it would have gone out", async () => {
    await start([
      topic("news"),
      queue("inbox"),
      queue("lost"),
      subscription("news", "sqs", queueArn("inbox"), letters),
    ]);
    await cloud.sqs.send(new DeleteQueueCommand({ QueueUrl: cloud.url("inbox") }));
    await publish("hello");
    const [letter] = await cloud.take("lost");
    expect(JSON.parse(letter?.Body ?? "")).toMatchObject({ Type: "Notification", Message: "hello" });
  });

  test("to a function that is gone goes to the dead-letter queue, and without one is named", async () => {
    const gone = functionArn("gone");
    await start([
      topic("news"),
      queue("lost"),
      subscription("news", "lambda", gone, letters),
      topic("b"),
      subscription("b", "lambda", gone),
    ]);
    await publish("hello");
    expect(JSON.parse((await cloud.take("lost"))[0]?.Body ?? "").Message).toBe("hello");
    await publish("hello", { TopicArn: topicArn("b") });
    await vi.waitFor(() => expect(cloud.printed.join()).toMatch(/Function not found.*dropped/));
  });

  test("that is too large for a function, once it is an event, is buried at once, not tried for 23 days", async () => {
    let attempts = 0;
    await start([topic("news"), queue("lost"), subscription("news", "lambda", functionArn("job"), letters)], {
      job: () => {},
    });
    cloud.lambda.invokeAsync = () => {
      attempts += 1;
      const { errorMessage, errorType } = requestTooLarge(MAX_ASYNC_BYTES);
      return Promise.reject(Object.assign(new Error(errorMessage), { name: errorType }));
    };
    await publish("hello");
    expect(JSON.parse((await cloud.take("lost"))[0]?.Body ?? "").Message).toBe("hello");
    expect(attempts).toBe(1);
  });

  test("over raw attributes that no queue takes is lost by name", async () => {
    const raw = { rawMessageDelivery: true, ...letters };
    await start([
      topic("news"),
      queue("inbox"),
      queue("lost"),
      subscription("news", "sqs", queueArn("inbox"), raw),
    ]);
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, text("x")]));
    await publish("hello", words(eleven));
    // The dead-letter queue takes no eleven either.
    await vi.waitFor(() => expect(cloud.printed.join()).toMatch(/dead letter not taken/));
  });

  test("that fails is tried again: thrice at once, twice after a second, then ever later", async () => {
    await start([topic("news"), queue("inbox"), subscription("news", "sqs", queueArn("inbox"))]);
    const on = { service: "sqs", operation: "Deliver" };
    const rule = cloud.cloud.faults.add({ on, when: { first: 7 }, fault: { kind: "error", status: 503 } });
    const seen = () => cloud.cloud.faults.list().find(({ id }) => id === rule)?.seen;
    await publish("hello");
    await vi.waitFor(() => expect(seen()).toBe(4));
    for (const attempts of [5, 6, 7]) {
      expect(seen()).toBe(attempts - 1);
      cloud.clock.advance(1_000);
      await vi.waitFor(() => expect(seen()).toBe(attempts));
    }
    cloud.clock.advance(2_000);
    expect(JSON.parse((await cloud.take("inbox"))[0]?.Body ?? "").Message).toBe("hello");
  });
});

describe("Topics", () => {
  test("are made once by name, with other attributes refused, listed and deleted twice", async () => {
    await start([]);
    const create = (more = {}) => cloud.sns.send(new CreateTopicCommand({ Name: "made", ...more }));
    const { TopicArn: made } = await create({
      Attributes: { DisplayName: "Made" },
      Tags: [{ Key: "k", Value: "v" }],
    });
    expect(made).toBe(topicArn("made"));
    expect((await create()).TopicArn).toBe(made);
    await expect(create({ Attributes: { DisplayName: "Other" } })).rejects.toThrow(
      "already exists with different attributes",
    );
    await expect(create({ Tags: [{ Key: "k", Value: "w" }] })).rejects.toThrow(
      "Topic already exists with different tags",
    );
    await expect(create({ Name: "a b" })).rejects.toThrow("Invalid parameter: Topic Name");
    await expect(create({ Name: "a.fifo" })).rejects.toThrow("Invalid parameter: Topic Name");
    await expect(create({ Name: "a", Attributes: { FifoTopic: "true" } })).rejects.toThrow(
      "must end with .fifo",
    );
    expect((await cloud.sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: made }]);
    for (let i = 0; i < 2; i++) await cloud.sns.send(new DeleteTopicCommand({ TopicArn: made }));
    await expect(cloud.sns.send(new GetTopicAttributesCommand({ TopicArn: made }))).rejects.toMatchObject({
      name: "NotFoundException",
      message: "Topic does not exist",
    });
  });

  test("tell their attributes, policy and effective delivery policy", async () => {
    await start([topic("news", { displayName: "News" })]);
    const set = (AttributeName: string, AttributeValue: string) =>
      cloud.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
    await set(
      "DeliveryPolicy",
      JSON.stringify({
        http: { defaultHealthyRetryPolicy: { minDelayTarget: 5, maxDelayTarget: 6, numRetries: 1 } },
      }),
    );
    await cloud.sns.send(
      new AddPermissionCommand({
        TopicArn,
        Label: "other",
        AWSAccountId: ["111111111111"],
        ActionName: ["Publish"],
      }),
    );
    const attributes = async () =>
      (await cloud.sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};
    const { Policy = "", EffectiveDeliveryPolicy = "", DisplayName } = await attributes();
    expect(DisplayName).toBe("News");
    expect(JSON.parse(Policy).Statement).toMatchObject([
      { Sid: "__default_statement_ID" },
      { Sid: "other", Principal: { AWS: "arn:aws:iam::111111111111:root" }, Action: "SNS:Publish" },
    ]);
    expect(JSON.parse(EffectiveDeliveryPolicy).http.defaultHealthyRetryPolicy).toMatchObject({
      minDelayTarget: 5,
      numRetries: 1,
      backoffFunction: "linear",
    });
    await cloud.sns.send(new RemovePermissionCommand({ TopicArn, Label: "other" }));
    await set("DeliveryPolicy", "");
    expect(
      JSON.parse((await attributes()).EffectiveDeliveryPolicy ?? "").http.defaultHealthyRetryPolicy
        .numRetries,
    ).toBe(3);
    await expect(set("FifoTopic", "false")).rejects.toThrow("Invalid parameter: AttributeName");
    await expect(set("SignatureVersion", "3")).rejects.toThrow("Invalid value [3]");
    await expect(set("Policy", "{")).rejects.toThrow("Invalid parameter: Policy");
    await expect(
      set("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":{"numRetries":1000}}}'),
    ).rejects.toThrow("numRetries must be between");
  });

  test("keep tags", async () => {
    await start([topic("news", { tags: { a: "1" } })]);
    await cloud.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "b", Value: "2" }] }));
    await cloud.sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ["a"] }));
    expect((await cloud.sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags).toEqual([
      { Key: "b", Value: "2" },
    ]);
    const twice = {
      ResourceArn: TopicArn,
      Tags: [
        { Key: "b", Value: "2" },
        { Key: "b", Value: "3" },
      ],
    };
    await expect(cloud.sns.send(new TagResourceCommand(twice))).rejects.toThrow(
      "Duplicated keys are not allowed.",
    );
    await expect(
      cloud.sns.send(new ListTagsForResourceCommand({ ResourceArn: topicArn("none") })),
    ).rejects.toThrow("Resource does not exist");
  });
});

describe("Subscriptions", () => {
  test("are made once for an endpoint; other attributes are refused, the same are not", async () => {
    await start([topic("news"), queue("inbox")]);
    const { SubscriptionArn } = await subscribe({ RawMessageDelivery: "true" });
    expect((await subscribe()).SubscriptionArn).toBe(SubscriptionArn);
    await expect(subscribe({ RawMessageDelivery: "false" })).rejects.toThrow(
      "Subscription already exists with different attributes",
    );
    const { Attributes } = await cloud.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({
      ConfirmationWasAuthenticated: "true",
      PendingConfirmation: "false",
      Protocol: "sqs",
      RawMessageDelivery: "true",
      TopicArn,
    });
    expect(Attributes).not.toHaveProperty("FilterPolicyScope");
  });

  test("are listed a hundred at a time", async () => {
    await start([topic("news")]);
    for (let i = 0; i < 101; i++) await subscribe({}, `user${i}@example.com`, "email");
    const list = (NextToken?: string) =>
      cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
    const first = await list();
    expect(first.Subscriptions).toHaveLength(100);
    expect(first.Subscriptions?.[0]).toMatchObject({
      SubscriptionArn: "PendingConfirmation",
      Protocol: "email",
    });
    expect((await list(first.NextToken)).Subscriptions).toHaveLength(1);
    await expect(list("nonsense")).rejects.toThrow("Invalid parameter: NextToken");
  });

  test("by mail wait for the link in the outbox, and are forgotten after two days without it", async () => {
    await start([topic("news")]);
    const { SubscriptionArn } = await subscribe({}, "reader@example.com", "email");
    await publish("too early");
    const [mail] = cloud.outbox();
    expect(mail).toMatchObject({
      kind: "email",
      to: "reader@example.com",
      subject: "AWS Notification - Subscription Confirmation",
    });
    const answer = await fetch(String(mail?.detail?.confirm));
    expect(await answer.text()).toContain(`<SubscriptionArn>${SubscriptionArn}</SubscriptionArn>`);
    await publish("in time", { Subject: "Hi" });
    await vi.waitFor(() => expect(cloud.outbox()).toHaveLength(2));
    expect(cloud.outbox(mail?.id)[0]).toMatchObject({
      subject: "Hi",
      body: expect.stringContaining("in time"),
    });
    await subscribe({}, "late@example.com", "email");
    cloud.clock.advance(172_800_001);
    const { Subscriptions } = await cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions?.map(({ Endpoint }) => Endpoint)).toEqual(["reader@example.com"]);
  });

  test("end with Unsubscribe, which says nothing of one that is none", async () => {
    await start([
      topic("news"),
      queue("inbox"),
      queue("other"),
      subscription("news", "sqs", queueArn("other")),
    ]);
    const { SubscriptionArn } = await subscribe();
    for (let i = 0; i < 2; i++) await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await publish("hello");
    await cloud.take("other");
    expect(await cloud.take("inbox", 0)).toEqual([]);
    const end = (arn: string) => cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
    await expect(end("x")).rejects.toThrow("An ARN must have at least 6 elements, not 1");
    await expect(end(TopicArn)).rejects.toThrow("Invalid parameter: SubscriptionId");
  });

  test.each<[string, string, string]>([
    ["telegraph", "x", "Amazon SNS does not support this protocol string: telegraph"],
    ["sqs", "http://x/queue", "Invalid parameter: SQS endpoint ARN"],
    ["sqs", queueArn("a.fifo"), "FIFO SQS Queues can not be subscribed to standard SNS topics"],
    ["lambda", "x", "Invalid parameter: Lambda endpoint ARN"],
    ["http", "https://localhost/", "Endpoint must match the specified protocol"],
    ["email", "nobody", "Invalid parameter: Email address"],
    ["sms", "NAA+15551234567", "Invalid SMS endpoint: NAA+15551234567"],
    ["application", "arn:aws:sns:eu-central-1:000000000000:endpoint/GCM/a/b", "Endpoint does not exist"],
  ])("of protocol %s to %s are refused", async (protocol, endpoint, reason) => {
    await start([topic("news")]);
    await expect(subscribe({}, endpoint, protocol)).rejects.toThrow(reason);
  });

  test("refuse attributes as AWS does", async () => {
    await start([topic("news"), queue("inbox")]);
    const { SubscriptionArn } = await subscribe();
    const set = (AttributeName: string, AttributeValue: string) =>
      cloud.sns.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }),
      );
    await expect(set("fake", "x")).rejects.toThrow("Invalid parameter: AttributeName");
    await expect(set("RawMessageDelivery", "")).rejects.toThrow(
      "RawMessageDelivery: Invalid value []. Must be true or false.",
    );
    await expect(set("RedrivePolicy", '{"deadLetterTargetArn":"x"}')).rejects.toThrow(
      "deadLetterTargetArn is an invalid arn",
    );
    await expect(set("FilterPolicyScope", "Random")).rejects.toThrow(
      "Please use either MessageBody or MessageAttributes",
    );
    const token = (Token: string) => cloud.sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    await expect(token("randomtoken")).rejects.toThrow("Invalid token");
    await expect(token("a".repeat(128))).rejects.toThrow("Invalid parameter: Token");
  });
});

describe("Hostile or hurried callers", () => {
  const raw = (body: string) =>
    fetch(cloud.cloud.endpoint, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    });

  test("who sign nothing may only confirm, unsubscribe and read the certificate", async () => {
    await start([topic("news")]);
    expect((await raw(`Action=Publish&TopicArn=${TopicArn}&Message=x`)).status).toBe(403);
    expect((await raw("Action=ConfirmSubscription&Token=x")).status).toBe(400);
    expect(
      (await fetch(`${cloud.cloud.endpoint}/SimpleNotificationService-${"0".repeat(32)}.pem`)).status,
    ).toBe(404);
  });

  test("get no 500, whatever form they send", async () => {
    await start([topic("news")]);
    const forms = [
      "",
      "&&=&",
      "Token.member.1=x",
      "Token=&TopicArn=%00",
      "TopicArn.entry.1.key=__proto__",
      `${"a.".repeat(40)}=1`,
    ];
    for (const form of forms)
      for (const action of ["ConfirmSubscription", "Unsubscribe"]) {
        const { status } = await raw(`Action=${action}&${form}`);
        expect(`${form} ${status}`).toMatch(/ 4\d\d$/);
      }
  });

  test("subscribe one endpoint twenty times at once: one subscription, one delivery", async () => {
    await start([topic("news"), queue("inbox")]);
    const arns = await Promise.all(Array.from({ length: 20 }, () => subscribe()));
    expect(new Set(arns.map(({ SubscriptionArn }) => SubscriptionArn)).size).toBe(1);
    await publish("once");
    expect(await cloud.take("inbox")).toHaveLength(1);
  });

  test("publish two hundred at once: each arrives once", async () => {
    await start([
      topic("news"),
      queue("inbox"),
      subscription("news", "sqs", queueArn("inbox"), { rawMessageDelivery: true }),
    ]);
    const sent = Array.from({ length: 200 }, (_, i) => String(i));
    await Promise.all(sent.map((body) => publish(body)));
    const got: string[] = [];
    while (got.length < 200) got.push(...(await cloud.take("inbox")).map(({ Body = "" }) => Body));
    expect(got.sort()).toEqual(sent.sort());
  });

  test("are told by name what is not served", async () => {
    await start([]);
    const { PutDataProtectionPolicyCommand } = await import("@aws-sdk/client-sns");
    await expect(
      cloud.sns.send(
        new PutDataProtectionPolicyCommand({ ResourceArn: TopicArn, DataProtectionPolicy: "{}" }),
      ),
    ).rejects.toMatchObject({
      message: "The local cloud does not serve sns:PutDataProtectionPolicy.",
      $metadata: { httpStatusCode: 501 },
    });
  });
});

describe("After a kill", () => {
  test("topics, subscriptions and what waits for a retry are there, and go on", async () => {
    const data = kept(temporaryDirectory());
    cloud = await startSns([], { dataDir: data.path });
    await cloud.sns.send(new CreateTopicCommand({ Name: "news" }));
    await cloud.sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "http",
        Endpoint: "http://127.0.0.1:1/",
        ReturnSubscriptionArn: true,
      }),
    );
    const [waiting] =
      (cloud.view("topics") as { subscriptions: { arn: string }[] }[])[0]?.subscriptions ?? [];
    await cloud.act("confirm", { subscriptionArn: waiting?.arn });
    await subscribe({}, "reader@example.com", "email");
    await publish("hello");
    const copy = kept(killed(data.path));
    const again = await startSns([], { dataDir: copy.path });
    const [news] = again.view("topics") as { name: string; waiting: number; subscriptions: unknown[] }[];
    expect(news).toMatchObject({
      name: "news",
      waiting: 1,
      subscriptions: [{ pending: false }, { pending: true }],
    });
    expect(again.outbox()).toHaveLength(1);
    await again.stop();
  });
});
