import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import { type Harness, queue, queueArn, redriveTo, startHarness, temporaryDirectory } from "./sqs-harness.ts";

const RESOURCES: Resource[] = [
  queue("plain", { visibilityTimeoutSeconds: 30 }),
  queue("work", { visibilityTimeoutSeconds: 30, ...redriveTo("dead", 2) }),
  queue("dead"),
  queue("orders.fifo", { contentBasedDeduplication: true, ...redriveTo("dead.fifo", 2) }),
  queue("dead.fifo"),
  queue("groups.fifo", { deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" }),
];

let cloud: Harness;
beforeEach(async () => {
  cloud = await startHarness({ resources: RESOURCES, services: [sqs] });
});
afterEach(() => cloud.stop());

const send = (name: string, body: string, more: object = {}) =>
  cloud.sqs.send(new SendMessageCommand({ QueueUrl: cloud.url(name), MessageBody: body, ...more }));
const receive = async (name: string, more: object = {}) => {
  const { Messages = [] } = await cloud.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: cloud.url(name), MaxNumberOfMessages: 10, ...more }),
  );
  return Messages;
};
const bodies = async (name: string, more: object = {}) => (await receive(name, more)).map((m) => m.Body);
const remove = (name: string, handle: string | undefined) =>
  cloud.sqs.send(new DeleteMessageCommand({ QueueUrl: cloud.url(name), ReceiptHandle: handle }));
const counts = async (name: string) => {
  const { Attributes } = await cloud.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: cloud.url(name), AttributeNames: ["All"] }),
  );
  return [
    Number(Attributes?.ApproximateNumberOfMessages),
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
    Number(Attributes?.ApproximateNumberOfMessagesDelayed),
  ];
};

describe("a standard queue", () => {
  test("carries bodies, attributes and trace headers whose checksums the SDK verifies", async () => {
    const sent = await send("plain", "héllo \u{1F600}", {
      MessageAttributes: {
        kind: { DataType: "String", StringValue: "greeting" },
        size: { DataType: "Number.int", StringValue: "12" },
        bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
      },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-2-3" } },
    });
    const [message] = await receive("plain", {
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    expect(message?.MessageId).toBe(sent.MessageId);
    expect(message?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(message?.MessageAttributes?.bytes?.BinaryValue).toEqual(new Uint8Array([1, 2, 255]));
    expect(message?.Attributes).toMatchObject({ AWSTraceHeader: "Root=1-2-3", ApproximateReceiveCount: "1" });
    const some = await cloud.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: cloud.url("plain"), MessageAttributeNames: ["ki.*"] }),
    );
    expect(some.Messages).toBeUndefined();
  });

  test("hides a received message until its visibility timeout, to the millisecond", async () => {
    await send("plain", "once");
    expect(await bodies("plain", { VisibilityTimeout: 20 })).toEqual(["once"]);
    cloud.clock.advance(19_000);
    expect(await bodies("plain")).toEqual([]);
    cloud.clock.advance(1_000);
    const [again] = await receive("plain", { AttributeNames: ["ApproximateReceiveCount"] });
    expect(again?.Attributes?.ApproximateReceiveCount).toBe("2");
  });

  test("changes visibility of what is in flight, and of nothing else", async () => {
    await send("plain", "a");
    const [message] = await receive("plain");
    const change = (seconds: number) =>
      cloud.sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: cloud.url("plain"),
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    await change(0);
    expect(await counts("plain")).toEqual([1, 0, 0]);
    await expect(change(10)).rejects.toThrow("not available for visibility timeout change");
  });

  test("deletes by the latest receipt handle only", async () => {
    await send("plain", "a");
    const [first] = await receive("plain");
    cloud.clock.advance(30_000);
    const [second] = await receive("plain");
    await remove("plain", first?.ReceiptHandle);
    expect(await counts("plain")).toEqual([0, 1, 0]);
    await remove("plain", second?.ReceiptHandle);
    expect(await counts("plain")).toEqual([0, 0, 0]);
    await expect(remove("plain", "nonsense")).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
  });

  test("holds a delayed message back", async () => {
    await send("plain", "later", { DelaySeconds: 60 });
    expect(await counts("plain")).toEqual([0, 0, 1]);
    expect(await bodies("plain")).toEqual([]);
    cloud.clock.advance(60_000);
    expect(await bodies("plain")).toEqual(["later"]);
  });

  test("answers a long poll the moment a message is sent", async () => {
    const waiting = receive("plain", { WaitTimeSeconds: 20 });
    await send("plain", "now");
    expect((await waiting).map((m) => m.Body)).toEqual(["now"]);
  });

  test("ends an empty long poll after its wait", async () => {
    const waiting = receive("plain", { WaitTimeSeconds: 20 });
    await send("work", "elsewhere");
    cloud.clock.advance(20_000);
    expect(await waiting).toEqual([]);
  });

  test("forgets messages past their retention, received or not", async () => {
    await send("plain", "old");
    await send("plain", "held");
    await receive("plain", { MaxNumberOfMessages: 1, VisibilityTimeout: 43_200 });
    cloud.clock.advance(345_599_000);
    expect(await counts("plain")).toEqual([2, 0, 0]);
    cloud.clock.advance(2_000);
    expect(await bodies("plain")).toEqual([]);
    expect(await counts("plain")).toEqual([0, 0, 0]);
  });

  test("gives a message up after maxReceiveCount, and takes it back by redrive as a new message", async () => {
    const { MessageId } = await send("work", "poison");
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await bodies("work")).toEqual(["poison"]);
      cloud.clock.advance(30_000);
    }
    expect(await bodies("work")).toEqual([]);
    const [dead] = await receive("dead", { MessageSystemAttributeNames: ["All"], VisibilityTimeout: 0 });
    expect(dead?.MessageId).toBe(MessageId);
    expect(dead?.Attributes?.DeadLetterQueueSourceArn).toBe(queueArn("work"));
    expect(cloud.recorder.recent()).toContainEqual(
      expect.objectContaining({ kind: "deliver", from: queueArn("work"), node: queueArn("dead") }),
    );
    const sources = await cloud.sqs.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: cloud.url("dead") }),
    );
    expect(sources.queueUrls).toEqual([cloud.url("work")]);

    await cloud.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: queueArn("dead") }));
    cloud.clock.advance(100);
    const tasks = await cloud.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: queueArn("dead") }));
    expect(tasks.Results?.[0]).toMatchObject({ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 });
    const [back] = await receive("work", { MessageSystemAttributeNames: ["All"] });
    expect(back?.Attributes?.ApproximateReceiveCount).toBe("1");
    expect(back?.MessageId).not.toBe(MessageId);
  });

  test("moves dead letters no faster than asked", async () => {
    const entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: `${i}` }));
    await cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl: cloud.url("dead"), Entries: entries }));
    await cloud.sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: queueArn("dead"),
        DestinationArn: queueArn("plain"),
        MaxNumberOfMessagesPerSecond: 5,
      }),
    );
    cloud.clock.advance(1_000);
    const moved = (await counts("plain"))[0] ?? 0;
    expect(moved).toBeGreaterThanOrEqual(4);
    expect(moved).toBeLessThanOrEqual(7);
    for (let second = 0; second < 2; second++) cloud.clock.advance(1_000);
    expect(await counts("plain")).toEqual([10, 0, 0]);
  });

  test("answers batches entry by entry", async () => {
    const result = await cloud.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: cloud.url("plain"),
        Entries: [
          { Id: "good", MessageBody: "x" },
          { Id: "bad", MessageBody: "x", DelaySeconds: 901 },
        ],
      }),
    );
    expect(result.Successful?.map((e) => e.Id)).toEqual(["good"]);
    expect(result.Failed).toMatchObject([{ Id: "bad", SenderFault: true, Code: "InvalidParameterValue" }]);
    const batch = (Entries: { Id: string; MessageBody: string }[]) =>
      cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl: cloud.url("plain"), Entries }));
    const entry = (Id: string, size = 1) => ({ Id, MessageBody: "x".repeat(size) });
    await expect(batch([])).rejects.toMatchObject({ name: "EmptyBatchRequest" });
    await expect(batch([entry("a"), entry("a")])).rejects.toMatchObject({ name: "BatchEntryIdsNotDistinct" });
    await expect(batch(Array.from({ length: 11 }, (_, i) => entry(`${i}`)))).rejects.toMatchObject({
      name: "TooManyEntriesInBatchRequest",
    });
    await expect(batch([entry("a", 600_000), entry("b", 600_000)])).rejects.toMatchObject({
      name: "BatchRequestTooLong",
    });
    await expect(send("plain", "x".repeat(1_048_577))).rejects.toThrow("shorter than 1048576 bytes");
    const [message] = await receive("plain");
    const deleted = await cloud.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: cloud.url("plain"),
        Entries: [
          { Id: "a", ReceiptHandle: message?.ReceiptHandle },
          { Id: "b", ReceiptHandle: "zzz" },
        ],
      }),
    );
    expect(deleted.Successful).toHaveLength(1);
    expect(deleted.Failed?.[0]?.Code).toBe("ReceiptHandleIsInvalid");
  });

  test("refuses characters that XML cannot carry", async () => {
    await expect(send("plain", "bell \u0007")).rejects.toMatchObject({ name: "InvalidMessageContents" });
  });
});

describe("a FIFO queue", () => {
  const inGroup = (group: string, body: string, dedup?: string) =>
    send("orders.fifo", body, { MessageGroupId: group, MessageDeduplicationId: dedup });

  test("accepts a repeated deduplication id again after exactly five minutes", async () => {
    const first = await inGroup("g", "a", "id");
    cloud.clock.advance(299_000);
    const second = await inGroup("g", "b", "id");
    expect([second.MessageId, second.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
    const [only] = await receive("orders.fifo");
    await remove("orders.fifo", only?.ReceiptHandle);
    expect((await inGroup("g", "c", "id")).MessageId).toBe(first.MessageId);
    cloud.clock.advance(1_000);
    expect((await inGroup("g", "d", "id")).MessageId).not.toBe(first.MessageId);
    expect(await bodies("orders.fifo")).toEqual(["d"]);
  });

  test("deduplicates by content, and by group where its scope says so", async () => {
    await inGroup("a", "same");
    await inGroup("b", "same");
    expect(await bodies("orders.fifo")).toEqual(["same"]);
    const scoped = (group: string) =>
      send("groups.fifo", "x", { MessageGroupId: group, MessageDeduplicationId: "1" });
    await Promise.all([scoped("a"), scoped("a"), scoped("b")]);
    expect(await counts("groups.fifo")).toEqual([2, 0, 0]);
    await expect(send("groups.fifo", "x", { MessageGroupId: "a" })).rejects.toThrow(
      "ContentBasedDeduplication enabled or MessageDeduplicationId",
    );
    await expect(send("groups.fifo", "x")).rejects.toMatchObject({ name: "MissingParameter" });
  });

  test("keeps each group in order: nothing passes a message in flight", async () => {
    for (const body of ["a1", "b1", "a2", "b2", "a3"]) await inGroup(body.charAt(0), body);
    const taken = await receive("orders.fifo", { MaxNumberOfMessages: 2 });
    expect(taken.map((m) => m.Body)).toEqual(["a1", "a2"]);
    expect(await bodies("orders.fifo")).toEqual(["b1", "b2"]);
    expect(await bodies("orders.fifo")).toEqual([]);
    await remove("orders.fifo", taken[0]?.ReceiptHandle);
    expect(await bodies("orders.fifo")).toEqual([]);
    cloud.clock.advance(30_000);
    expect(await bodies("orders.fifo", { MaxNumberOfMessages: 2 })).toEqual(["a2", "a3"]);
  });

  test("refuses a receipt whose visibility ran out", async () => {
    await inGroup("g", "a");
    const [message] = await receive("orders.fifo");
    cloud.clock.advance(30_000);
    await expect(remove("orders.fifo", message?.ReceiptHandle)).rejects.toThrow("receipt handle has expired");
  });

  test("repeats the answer to a repeated receive attempt", async () => {
    await inGroup("g", "a");
    const attempt = { ReceiveRequestAttemptId: "try-1" };
    const [first] = await receive("orders.fifo", attempt);
    const [again] = await receive("orders.fifo", attempt);
    expect(again?.ReceiptHandle).toBe(first?.ReceiptHandle);
    expect(await receive("orders.fifo")).toEqual([]);
  });

  test("gives messages up in order and lets the group go on", async () => {
    await inGroup("g", "poison");
    await inGroup("g", "next");
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await bodies("orders.fifo", { MaxNumberOfMessages: 1 })).toEqual(["poison"]);
      cloud.clock.advance(30_000);
    }
    expect(await bodies("orders.fifo")).toEqual(["next"]);
    expect(await bodies("dead.fifo")).toEqual(["poison"]);
  });

  test("refuses a delay of its own for one message", async () => {
    const delayed = { MessageGroupId: "g", DelaySeconds: 5 };
    await expect(send("orders.fifo", "x", delayed)).rejects.toThrow("not valid for this queue type");
  });
});

describe("queues at run time", () => {
  const create = (QueueName: string, Attributes: Record<string, string> = {}) =>
    cloud.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));

  test("are made, found, changed, tagged and deleted", async () => {
    const { QueueUrl } = await create("fresh", { VisibilityTimeout: "5" });
    expect((await create("fresh", { VisibilityTimeout: "5" })).QueueUrl).toBe(QueueUrl);
    await expect(create("fresh", { VisibilityTimeout: "6" })).rejects.toMatchObject({
      name: "QueueNameExists",
    });
    const found = await cloud.sqs.send(new GetQueueUrlCommand({ QueueName: "fresh" }));
    expect(found.QueueUrl).toBe(QueueUrl);
    const first = await cloud.sqs.send(new ListQueuesCommand({ MaxResults: 4 }));
    const rest = await cloud.sqs.send(new ListQueuesCommand({ MaxResults: 4, NextToken: first.NextToken }));
    expect([...(first.QueueUrls ?? []), ...(rest.QueueUrls ?? [])]).toHaveLength(7);
    await cloud.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: "9", VisibilityTimeout: "7" } }),
    );
    const { Attributes } = await cloud.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["DelaySeconds", "QueueArn"] }),
    );
    expect(Attributes).toEqual({ DelaySeconds: "9", QueueArn: queueArn("fresh") });
    await cloud.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: "x" } }));
    expect((await cloud.sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: "x" });
    await cloud.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(send("fresh", "x")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
    await expect(create("fresh")).rejects.toMatchObject({ name: "QueueDeletedRecently" });
    cloud.clock.advance(60_000);
    await create("fresh");
  });

  test("refuse attributes that make no sense", async () => {
    const set = (Attributes: Record<string, string>) =>
      cloud.sqs.send(new SetQueueAttributesCommand({ QueueUrl: cloud.url("plain"), Attributes }));
    await expect(set({ Nonsense: "1" })).rejects.toMatchObject({ name: "InvalidAttributeName" });
    await expect(set({ DelaySeconds: "901" })).rejects.toMatchObject({ name: "InvalidAttributeValue" });
    await expect(set(policy("absent"))).rejects.toThrow("Dead letter target does not exist");
    await expect(set(policy("dead.fifo"))).rejects.toThrow("must be same type of queue");
  });

  test("lets no queue use a dead-letter queue that does not allow it", async () => {
    await cloud.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: cloud.url("dead"),
        Attributes: {
          RedriveAllowPolicy: JSON.stringify({
            redrivePermission: "byQueue",
            sourceQueueArns: [queueArn("plain")],
          }),
        },
      }),
    );
    await send("work", "x");
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await bodies("work")).toEqual(["x"]);
      cloud.clock.advance(30_000);
    }
  });

  test("purge at most once a minute", async () => {
    const purge = () => cloud.sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.url("plain") }));
    await send("plain", "x");
    await purge();
    expect(await counts("plain")).toEqual([0, 0, 0]);
    await expect(purge()).rejects.toMatchObject({ name: "PurgeQueueInProgress" });
  });
});

const policy = (name: string) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(name), maxReceiveCount: 3 }),
});

test("messages, their counts, deduplication and run-time queues outlive a restart", async () => {
  const dir = temporaryDirectory();
  const start = () => startHarness({ resources: RESOURCES, services: [sqs], dataDir: dir.path });
  const fifo = { MessageGroupId: "g", MessageDeduplicationId: "id" };
  const before = cloud;
  try {
    cloud = await start();
    await send("plain", "waiting");
    await send("plain", "delayed", { DelaySeconds: 600 });
    await send("plain", "deleted");
    const deleted = (await receive("plain")).find((m) => m.Body === "deleted");
    await remove("plain", deleted?.ReceiptHandle);
    const first = await send("orders.fifo", "kept", fifo);
    await cloud.sqs.send(new CreateQueueCommand({ QueueName: "made" }));
    await send("made", "here");
    await cloud.stop();

    cloud = await start();
    const [again, ...others] = await receive("plain", { AttributeNames: ["All"] });
    expect(others).toEqual([]);
    expect(again).toMatchObject({ Body: "waiting", Attributes: { ApproximateReceiveCount: "2" } });
    expect(await counts("plain")).toEqual([0, 1, 1]);
    expect((await send("orders.fifo", "other", fifo)).MessageId).toBe(first.MessageId);
    const later = await send("orders.fifo", "later", { MessageGroupId: "g" });
    expect(BigInt(later.SequenceNumber ?? 0) > BigInt(first.SequenceNumber ?? 0)).toBe(true);
    expect(await bodies("orders.fifo")).toEqual(["kept", "later"]);
    expect(await bodies("made")).toEqual(["here"]);
  } finally {
    await cloud.stop();
    cloud = before;
    dir.remove();
  }
});
