import { createHash } from "node:crypto";
import {
  CreateTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { killed, type RunningSns, startSns, subscription, topic, topicArn } from "./sns-fixture.ts";
import { functionArn, queue, queueArn, temporaryDirectory } from "./sqs-harness.ts";

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

const TopicArn = topicArn("news.fifo");
const start = async (resources: Resource[]) => {
  cloud = await startSns(resources);
};
const publish = (Message: string, more: Partial<PublishCommand["input"]> = {}) =>
  cloud.sns.send(new PublishCommand({ TopicArn, Message, MessageGroupId: "g", ...more }));
const dedup = (MessageDeduplicationId: string, MessageGroupId = "g") => ({
  MessageDeduplicationId,
  MessageGroupId,
});
const raw = { rawMessageDelivery: true };
const inbox = (inputs = {}) => [
  queue("inbox.fifo"),
  subscription("news.fifo", "sqs", queueArn("inbox.fifo"), { ...raw, ...inputs }),
];
const everything = async (count: number) => {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const messages = await cloud.take("inbox.fifo");
    for (const { Body = "", ReceiptHandle } of messages) {
      bodies.push(Body);
      const { DeleteMessageCommand } = await import("@aws-sdk/client-sqs");
      await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl: cloud.url("inbox.fifo"), ReceiptHandle }));
    }
  }
  return bodies;
};

describe("A FIFO topic", () => {
  test("hands group, deduplication id and rising sequence numbers to a FIFO queue", async () => {
    await start([
      topic("news.fifo"),
      queue("inbox.fifo"),
      subscription("news.fifo", "sqs", queueArn("inbox.fifo")),
    ]);
    const first = await publish("one", dedup("a"));
    const second = await publish("two", dedup("b"));
    expect(BigInt(second.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
    expect(first.SequenceNumber).toMatch(/^\d{20}$/);
    const [message] = await cloud.take("inbox.fifo");
    expect(message?.Attributes).toMatchObject({ MessageGroupId: "g", MessageDeduplicationId: "a" });
    const envelope = JSON.parse(message?.Body ?? "");
    expect(envelope).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
      Message: "one",
    });
    expect(envelope).not.toHaveProperty("Signature");
  });

  test("hashes the text when it is told to, and no more than five minutes count", async () => {
    await start([topic("news.fifo", { contentBasedDeduplication: true }), ...inbox()]);
    const first = await publish("same");
    const repeated = await publish("same");
    expect(repeated).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    const [message] = await cloud.take("inbox.fifo");
    expect(message?.Attributes?.MessageDeduplicationId).toBe(
      createHash("sha256").update("same").digest("hex"),
    );
    cloud.clock.advance(300_001);
    expect((await publish("same")).MessageId).not.toBe(first.MessageId);
  });

  test("knows an id once for all groups, or for each, as its scope says", async () => {
    await start([topic("news.fifo", { fifoThroughputScope: "MessageGroup" }), topic("b.fifo"), ...inbox()]);
    const ids = async (arn: string) =>
      new Set([
        (await publish("x", { ...dedup("a", "g1"), TopicArn: arn })).MessageId,
        (await publish("x", { ...dedup("a", "g2"), TopicArn: arn })).MessageId,
      ]).size;
    expect(await ids(TopicArn)).toBe(2);
    expect(await ids(topicArn("b.fifo"))).toBe(1);
  });

  test("keeps each group in order, even while deliveries fail, and holds up no other group", async () => {
    await start([topic("news.fifo"), ...inbox()]);
    const on = { service: "sqs", operation: "Deliver", key: "slow" };
    const rule = cloud.cloud.faults.add({ on, when: { first: 4 }, fault: { kind: "error" } });
    for (let i = 0; i < 5; i++) await publish(`slow ${i}`, dedup(`s${i}`, "slow"));
    for (let i = 0; i < 3; i++) await publish(`fast ${i}`, dedup(`f${i}`, "fast"));
    expect(await everything(3)).toEqual(["fast 0", "fast 1", "fast 2"]);
    await vi.waitFor(() => expect(cloud.cloud.faults.list().find(({ id }) => id === rule)?.seen).toBe(4));
    cloud.clock.advance(1_000);
    expect(await everything(5)).toEqual(["slow 0", "slow 1", "slow 2", "slow 3", "slow 4"]);
  });

  test("takes a batch in order, and gives a repeated one the same answer", async () => {
    await start([topic("news.fifo"), ...inbox()]);
    const send = () =>
      cloud.sns.send(
        new PublishBatchCommand({
          TopicArn,
          PublishBatchRequestEntries: ["1", "2", "3"].map((Id) => ({ Id, Message: `m${Id}`, ...dedup(Id) })),
        }),
      );
    const first = await send();
    expect(first.Successful).toHaveLength(3);
    expect((await send()).Successful).toEqual(first.Successful);
    expect(await everything(3)).toEqual(["m1", "m2", "m3"]);
    expect(await cloud.take("inbox.fifo", 0)).toEqual([]);
  });

  test("one deduplication id in fifty hands at once is one message", async () => {
    await start([topic("news.fifo"), ...inbox()]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => publish("x", dedup("a"))));
    expect(new Set(answers.map(({ MessageId }) => MessageId)).size).toBe(1);
    expect(await everything(1)).toEqual(["x"]);
    expect(await cloud.take("inbox.fifo", 0)).toEqual([]);
  });

  test("may feed a standard queue, which then has neither groups nor ids", async () => {
    await start([
      topic("news.fifo"),
      queue("plain"),
      subscription("news.fifo", "sqs", queueArn("plain"), raw),
    ]);
    await publish("x", dedup("a"));
    const [message] = await cloud.take("plain");
    expect(message?.Attributes).not.toHaveProperty("MessageGroupId");
  });

  test("refuses what AWS refuses", async () => {
    await start([topic("news.fifo"), queue("inbox.fifo")]);
    await expect(publish("x", { MessageGroupId: undefined })).rejects.toThrow(
      "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
    );
    await expect(publish("x")).rejects.toThrow(
      "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
    const entries = [{ Id: "1", Message: "x" }];
    await expect(
      cloud.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries })),
    ).rejects.toThrow("MessageGroupId parameter is required");
    const subscribe = (Protocol: string, Endpoint: string, Attributes = {}) =>
      cloud.sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
    await expect(subscribe("lambda", functionArn("f"))).rejects.toThrow("Invalid protocol type: lambda");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("plain") });
    await expect(subscribe("sqs", queueArn("inbox.fifo"), { RedrivePolicy })).rejects.toThrow(
      "must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
    );
  });

  test("hands a group of a standard topic on to a standard queue", async () => {
    await start([topic("plain"), queue("fair"), subscription("plain", "sqs", queueArn("fair"), raw)]);
    await publish("x", { TopicArn: topicArn("plain"), MessageGroupId: "tenant" });
    expect((await cloud.take("fair"))[0]?.Attributes?.MessageGroupId).toBe("tenant");
  });

  test("remembers ids and goes on counting after a kill", async () => {
    const data = kept(temporaryDirectory());
    cloud = await startSns([], { dataDir: data.path });
    await cloud.sns.send(new CreateTopicCommand({ Name: "news.fifo", Attributes: { FifoTopic: "true" } }));
    await cloud.sns.send(
      new SetTopicAttributesCommand({
        TopicArn,
        AttributeName: "ContentBasedDeduplication",
        AttributeValue: "true",
      }),
    );
    const first = await publish("x");
    const copy = kept(killed(data.path));
    await cloud.stop();
    cloud = await startSns([], { dataDir: copy.path });
    expect(await publish("x")).toMatchObject({ MessageId: first.MessageId });
    const next = await publish("y");
    expect(BigInt(next.SequenceNumber ?? 0)).toBe(BigInt(first.SequenceNumber ?? 0) + 1n);
  });
});
