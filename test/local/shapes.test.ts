import {
  APIGatewayProxyEventSchema,
  APIGatewayRequestAuthorizerEventSchema,
  APIGatewayTokenAuthorizerEventSchema,
  CloudWatchLogsSchema,
  DynamoDBStreamSchema,
  EventBridgeSchema,
  S3EventNotificationEventBridgeSchema,
  S3Schema,
  S3SqsEventNotificationSchema,
  SnsSchema,
  SnsSqsNotificationSchema,
  SqsSchema,
} from "@aws-lambda-powertools/parser/schemas";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { startFixtureApp } from "../kit/fixture-app.ts";

// Every event the local cloud emits, as AWS Powertools reads it. Its WebSocket and SES schemas reject real events, so they are not asked.

let app: Awaited<ReturnType<typeof startFixtureApp>>;
let out: Record<string, string>;
const DAY = 86_400_000;

const config = () => {
  const { accessKeyId, secretAccessKey } = app.cloud.credentials.developer;
  const { region } = app.cloud.graph;
  return { endpoint: app.cloud.endpoint, region, credentials: { accessKeyId, secretAccessKey } };
};

/** What the functions of a component name have written down so far. */
const witnessed = async (component: RegExp): Promise<unknown[]> => {
  const logs = new CloudWatchLogsClient(config());
  const groups = app.cloud.graph.functions.filter((spec) => component.test(spec.component));
  const pages = await Promise.all(
    groups.map(({ logGroup }) =>
      logs
        .send(new FilterLogEventsCommand({ logGroupName: logGroup, filterPattern: "witnessed" }))
        .catch(() => ({ events: [] })),
    ),
  );
  return pages.flatMap(({ events = [] }) =>
    events.map(
      ({ message = "" }) =>
        (JSON.parse(message.slice(message.indexOf('{"witnessed"'))) as { witnessed: unknown }).witnessed,
    ),
  );
};

/** Waits for events at functions of that name, and lets the schema read each. */
const reads = async (schema: z.ZodType, component: RegExp, count = 1) => {
  await expect
    .poll(async () => (await witnessed(component)).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(count);
  for (const event of await witnessed(component)) {
    const result = schema.safeParse(event);
    expect(result.error?.issues ?? [], JSON.stringify(event)).toEqual([]);
  }
};

beforeAll(async () => {
  app = await startFixtureApp("witness");
  out = app.cloud.graph.outputs as Record<string, string>;
}, 180_000);
afterAll(() => app.stop());

describe("events of API Gateway", () => {
  const call = (path: string, init?: RequestInit) => fetch(`${app.url}${path}`, init);

  it("proxy requests", async () => {
    expect((await call("/open/1?a=1&a=2&b=%C3%A4")).status).toBe(204);
    const binary = {
      method: "POST",
      body: new Uint8Array([0, 255]),
      headers: { "content-type": "image/png" },
    };
    expect((await call("/open/a%2Fb", binary)).status).toBe(204);
    await reads(APIGatewayProxyEventSchema, /^ApiRoute/i, 2);
  });

  it("token and request authorizers, and the requests they admit", async () => {
    expect((await call("/token", { method: "POST", headers: { authorization: "Bearer x" } })).status).toBe(
      204,
    );
    expect((await call("/request?key=k")).status).toBe(204);
    const asked = await witnessed(/^Admit$/);
    const types = asked.map((event) => (event as { type: string }).type);
    expect(types.toSorted()).toEqual(["REQUEST", "TOKEN"]);
    for (const event of asked) {
      const token = (event as { type: string }).type === "TOKEN";
      const schema = token ? APIGatewayTokenAuthorizerEventSchema : APIGatewayRequestAuthorizerEventSchema;
      expect(schema.safeParse(event).error?.issues ?? []).toEqual([]);
    }
    await reads(APIGatewayProxyEventSchema, /^ApiRoute/i, 4);
  });
});

describe("events of queues and topics", () => {
  it("messages of standard and FIFO queues, with attributes", async () => {
    const sqs = new SQSClient(config());
    const MessageAttributes = {
      kind: { DataType: "String", StringValue: "a" },
      bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1]) },
    };
    await sqs.send(new SendMessageCommand({ QueueUrl: out.queue, MessageBody: "plain", MessageAttributes }));
    await sqs.send(
      new SendMessageCommand({ QueueUrl: out.fifo, MessageBody: "in order", MessageGroupId: "g" }),
    );
    await reads(SqsSchema, /^QueueSubscriber/);
    await reads(SqsSchema, /^FifoSubscriber/);
  });

  it("notifications to functions, and to queues in SNS's envelope", async () => {
    const sns = new SNSClient(config());
    const MessageAttributes = { kind: { DataType: "String", StringValue: "a" } };
    await sns.send(
      new PublishCommand({ TopicArn: out.topic, Message: "hear", Subject: "all", MessageAttributes }),
    );
    await reads(SnsSchema, /^TopicSubscriberHeard/);
    await reads(SqsSchema, /^RelaySubscriber/);
    for (const event of await witnessed(/^RelaySubscriber/))
      for (const { body } of (event as { Records: { body: string }[] }).Records)
        expect(SnsSqsNotificationSchema.safeParse(JSON.parse(body)).error?.issues ?? []).toEqual([]);
  });
});

it("records of a table's stream: inserted, modified, removed, of every type", async () => {
  const dynamodb = new DynamoDBClient(config());
  const pk = { S: "a" };
  const Item = {
    pk,
    n: { N: "1.5" },
    b: { B: new Uint8Array([1]) },
    ss: { SS: ["x"] },
    ns: { NS: ["1"] },
    l: { L: [{ NULL: true }, { BOOL: true }] },
    m: { M: { x: { S: "" } } },
  };
  await dynamodb.send(new PutItemCommand({ TableName: out.table, Item }));
  await dynamodb.send(new PutItemCommand({ TableName: out.table, Item: { pk } }));
  await dynamodb.send(new DeleteItemCommand({ TableName: out.table, Key: { pk } }));
  await reads(DynamoDBStreamSchema, /^TableSubscriberChanged/);
});

it("events of a bus, of rules and of schedules", async () => {
  const Entries = [
    {
      EventBusName: out.bus,
      Source: "shop",
      DetailType: "sold",
      Detail: '{"id":1}',
      Resources: ["arn:aws:x"],
    },
  ];
  await new EventBridgeClient(config()).send(new PutEventsCommand({ Entries }));
  await reads(EventBridgeSchema, /^BusSubscriberTold/);
  app.cloud.clock.advance(DAY + 60_000);
  await reads(EventBridgeSchema, /^Hourly/);
  const daily = async () => (await witnessed(/^Daily/)).length;
  await expect.poll(daily, { timeout: 30_000 }).toBeGreaterThan(0);
  app.cloud.clock.advance(-DAY - 60_000);
});

it("notifications of buckets, to functions, queues and the bus", async () => {
  const s3 = new S3Client(config());
  const Key = "a b/ü+1.txt";
  for (const Bucket of [out.bucket, out.inbox, out.watched]) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "text" }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }
  await reads(S3Schema, /^BucketSubscriberPut|^BucketNotification|^Put/, 2);
  // S3 also sends a test event when a notification is set up: it has no records, and Powertools no schema.
  const stored = async () =>
    (await witnessed(/^PostedSubscriber/)).filter((event) => !JSON.stringify(event).includes("s3:TestEvent"));
  await expect.poll(async () => (await stored()).length).toBeGreaterThan(0);
  for (const event of await stored())
    expect(S3SqsEventNotificationSchema.safeParse(event).error?.issues ?? []).toEqual([]);
  await reads(S3EventNotificationEventBridgeSchema, /^Stored/, 2);
});

it("lines of a log subscription", async () => {
  await new LambdaClient(config()).send(new InvokeCommand({ FunctionName: out.speaker }));
  await reads(CloudWatchLogsSchema, /^Reader/);
});
