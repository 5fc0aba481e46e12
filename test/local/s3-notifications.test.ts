import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { S3Event } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import type { FunctionSpec, Resource } from "../../local/graph/graph.ts";
import { events } from "../../local/services/eventbridge/events.ts";
import { s3 as service } from "../../local/services/s3/s3.ts";
import {
  ACCOUNT,
  graphOf,
  REGION,
  type Running,
  resource,
  type Setup,
  startCloud,
  until,
} from "./gateway-fixture.ts";
import { about, bucketResource, clientFor, send } from "./s3-kit.ts";

const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:inbox`;
const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:note`;
const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;

const functions = [{ name: "note", arn: FUNCTION } as FunctionSpec];

const notifying = (inputs: Record<string, unknown>): Resource[] => [
  bucketResource("shelf"),
  about("bucketNotification", "shelf", inputs),
];

const onQueue = (more: object = {}) => ({
  queues: [
    {
      id: "q",
      queueArn: QUEUE,
      events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"],
      ...more,
    },
  ],
});

describe("Notifications of a bucket", () => {
  let running: Running;
  let s3: S3Client;
  const start = async (resources: Resource[], setup: Setup = {}) => {
    running = await startCloud({
      ...setup,
      graph: graphOf(resources, functions),
      services: [events, service],
    });
    s3 = clientFor(running);
  };
  afterEach(async () => {
    s3.destroy();
    await running.stop();
  });

  const put = (Key: string, Body = "text") => s3.send(new PutObjectCommand({ Bucket: "shelf", Key, Body }));
  const records = () =>
    running.delivered.flatMap(
      ({ delivery }) => (JSON.parse(delivery.body) as Partial<S3Event>).Records ?? [],
    );
  const told = (count: number) => until(() => (records().length >= count ? records() : undefined));

  it("tell a queue of an object as S3 does, after a test when they are made", async () => {
    await start(notifying(onQueue()));
    expect(JSON.parse(running.delivered[0]?.delivery.body ?? "")).toMatchObject({
      Service: "Amazon S3",
      Event: "s3:TestEvent",
      Bucket: "shelf",
    });
    const trace = "Root=1-65000000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";
    const answer = await send(running, {
      method: "PUT",
      path: "/shelf/a%20b/%C3%BC%2B%28c%29.txt",
      body: "hello",
      headers: { "x-amzn-trace-id": trace },
    });
    const [record] = await told(1);
    expect(record).toMatchObject({
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: REGION,
      eventName: "ObjectCreated:Put",
      userIdentity: { principalId: `AWS:${running.cloud.credentials.developer.accessKeyId}` },
      requestParameters: { sourceIPAddress: "127.0.0.1" },
      responseElements: {
        "x-amz-request-id": answer.headers.get("x-amz-request-id"),
        "x-amz-id-2": answer.headers.get("x-amz-id-2"),
      },
      s3: {
        s3SchemaVersion: "1.0",
        configurationId: "q",
        bucket: { name: "shelf", arn: "arn:aws:s3:::shelf" },
        object: { key: "a+b/%C3%BC%2B%28c%29.txt", size: 5, eTag: "5d41402abc4b2a76b9719d911017c592" },
      },
    });
    expect(record?.s3.object.versionId).toBeUndefined();
    expect(running.delivered.at(-1)).toMatchObject({
      targetArn: QUEUE,
      delivery: {
        sourceArn: "arn:aws:s3:::shelf",
        trace: expect.stringContaining("Root=1-65000000-0123456789abcdef01234567"),
      },
    });
  });

  it("stand in the trace of a call that brought none: under its own span", async () => {
    await start(notifying(onQueue()));
    await put("k");
    await told(1);
    const spans = running.cloud.recorder.recent();
    const call = spans.find(({ name }) => name === "s3:PutObject");
    const handedOn = spans.find(({ id }) =>
      running.delivered.at(-1)?.delivery.trace?.includes(`Parent=${id}`),
    );
    expect(handedOn).toMatchObject({ traceId: call?.traceId, parentId: call?.id });
  });

  it("tell of versions, markers and tags, in order", async () => {
    await start(notifying(onQueue()));
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: "shelf", VersioningConfiguration: { Status: "Enabled" } }),
    );
    const { VersionId } = await put("k");
    await s3.send(
      new PutObjectTaggingCommand({
        Bucket: "shelf",
        Key: "k",
        Tagging: { TagSet: [{ Key: "a", Value: "b" }] },
      }),
    );
    await s3.send(
      new CopyObjectCommand({
        Bucket: "shelf",
        Key: "k",
        CopySource: "shelf/k",
        MetadataDirective: "REPLACE",
      }),
    );
    await s3.send(new DeleteObjectCommand({ Bucket: "shelf", Key: "k" }));
    await s3.send(new DeleteObjectCommand({ Bucket: "shelf", Key: "k", VersionId }));
    const all = await told(5);
    expect(all.map(({ eventName }) => eventName)).toEqual([
      "ObjectCreated:Put",
      "ObjectTagging:Put",
      "ObjectCreated:Copy",
      "ObjectRemoved:DeleteMarkerCreated",
      "ObjectRemoved:Delete",
    ]);
    expect(all[0]?.s3.object.versionId).toBe(VersionId);
    expect(all[1]?.eventVersion).toBe("2.3");
    expect(all[4]?.s3.object).toEqual({
      key: "k",
      versionId: VersionId,
      sequencer: all[4]?.s3.object.sequencer,
    });
    const changes = all
      .filter(({ eventName }) => !eventName.startsWith("ObjectTagging"))
      .map(({ s3: { object } }) => object.sequencer);
    expect(changes).toEqual([...changes].sort());
    expect(new Set(changes).size).toBe(changes.length);
  });

  it("invoke a function for what its filter lets through alone", async () => {
    await start(
      notifying({
        lambdaFunctions: [
          {
            id: "f",
            lambdaFunctionArn: FUNCTION,
            events: ["s3:ObjectCreated:Put"],
            filterPrefix: "in/",
            filterSuffix: ".j p",
          },
        ],
      }),
    );
    for (const key of ["out/a.j p", "in/a.png", "in/a.j p"]) await put(key);
    await s3.send(new CopyObjectCommand({ Bucket: "shelf", Key: "in/b.j p", CopySource: "shelf/in/a.png" }));
    await put("in/c.j p");
    await until(() => running.seen.length >= 2);
    expect(running.seen.map(({ event }) => (event as S3Event).Records[0]?.s3.object.key)).toEqual([
      "in/a.j+p",
      "in/c.j+p",
    ]);
    expect(running.seen[0]).toMatchObject({ functionArn: FUNCTION, options: { from: "arn:aws:s3:::shelf" } });
  });

  it("put events on the default bus, where rules find them", async () => {
    const rule = resource(
      "aws:cloudwatch/eventRule:EventRule",
      "rule",
      { name: "rule", eventPattern: JSON.stringify({ source: ["aws.s3"] }) },
      { arn: `${BUS.replace("event-bus/default", "rule/rule")}` },
    );
    const target = resource("aws:cloudwatch/eventTarget:EventTarget", "target", {
      rule: "rule",
      arn: FUNCTION,
    });
    await start([...notifying({ eventbridge: true }), rule, target]);
    await put("a b.txt", "hello");
    await s3.send(new DeleteObjectCommand({ Bucket: "shelf", Key: "a b.txt" }));
    await until(() => running.seen.length >= 2);
    const [made, gone] = running.seen.map(({ event }) => event);
    expect(made).toMatchObject({
      source: "aws.s3",
      "detail-type": "Object Created",
      account: ACCOUNT,
      region: REGION,
      resources: ["arn:aws:s3:::shelf"],
      detail: {
        version: "0",
        bucket: { name: "shelf" },
        object: { key: "a b.txt", size: 5, etag: "5d41402abc4b2a76b9719d911017c592" },
        reason: "PutObject",
        requester: ACCOUNT,
        "source-ip-address": "127.0.0.1",
      },
    });
    expect(gone).toMatchObject({
      "detail-type": "Object Deleted",
      detail: { reason: "DeleteObject", "deletion-type": "Permanently Deleted" },
    });
  });

  const configure = (NotificationConfiguration: NotificationConfiguration) =>
    s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: "shelf", NotificationConfiguration }));

  it("are configured by API, and refused where nobody could be told", async () => {
    await start([bucketResource("shelf")]);
    const queue = {
      Id: "mine",
      QueueArn: QUEUE,
      Events: ["s3:ObjectCreated:*" as const],
      Filter: { Key: { FilterRules: [{ Name: "prefix" as const, Value: "in/" }] } },
    };
    await configure({ QueueConfigurations: [queue] });
    expect(JSON.parse(running.delivered[0]?.delivery.body ?? "")).toMatchObject({ Event: "s3:TestEvent" });
    const { QueueConfigurations } = await s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: "shelf" }),
    );
    expect(QueueConfigurations).toMatchObject([
      { Id: "mine", QueueArn: QUEUE, Filter: { Key: { FilterRules: [{ Name: "Prefix", Value: "in/" }] } } },
    ]);
    const lost = { ...queue, QueueArn: "arn:aws:kinesis:x:1:gone" };
    await expect(configure({ QueueConfigurations: [lost] })).rejects.toThrow(
      "Unable to validate the following destination configurations",
    );
    await expect(
      configure({
        LambdaFunctionConfigurations: [{ LambdaFunctionArn: `${FUNCTION}x`, Events: ["s3:ObjectCreated:*"] }],
      }),
    ).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(
      configure({
        QueueConfigurations: [
          queue,
          { ...queue, Id: "b", Filter: { Key: { FilterRules: [{ Name: "prefix", Value: "in/deeper" }] } } },
        ],
      }),
    ).rejects.toThrow("Configurations overlap");
    await expect(
      configure({ QueueConfigurations: [{ ...queue, Events: ["s3:Nothing:*" as never] }] }),
    ).rejects.toThrow("The event is not supported for notifications");
    await put("in/x");
    expect(await told(1)).toHaveLength(1);
  });

  it("come again until they are taken, in the order of each key", async () => {
    let down = true;
    await start(notifying(onQueue()));
    const taken: string[] = [];
    running.gateway.register({
      name: "inbox",
      accepts: "arn:aws:sqs:",
      handle: async () => ({ status: 200 }),
      async deliver(_, { body }) {
        if (down) throw new Error("down");
        const [record] = (JSON.parse(body) as S3Event).Records;
        taken.push(`${record?.s3.object.key} ${record?.s3.object.size}`);
      },
    });
    for (const body of ["1", "22", "333"]) await put("same", body);
    await put("other", "1");
    down = false;
    await until(() => {
      running.clock.advance(1_000);
      return taken.length >= 4;
    });
    expect(taken.filter((one) => one.startsWith("same"))).toEqual(["same 1", "same 2", "same 3"]);
  });

  it("survive the end of the process, when they had not arrived", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "s3-notify-"));
    await start(notifying(onQueue()), { dataDir });
    running.gateway.register({
      name: "inbox",
      accepts: "arn:aws:sqs:",
      handle: async () => ({ status: 200 }),
      deliver: async () => Promise.reject(new Error("down")),
    });
    await put("waits");
    s3.destroy();
    await running.stop();
    await start(notifying(onQueue()), { dataDir });
    const [record] = await told(1);
    expect(record?.s3.object.key).toBe("waits");
    expect(running.delivered.map(({ delivery }) => JSON.parse(delivery.body).Event)).not.toContain(
      "s3:TestEvent",
    );
    rmSync(dataDir, { recursive: true, force: true });
  });
});
