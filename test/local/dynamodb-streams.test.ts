import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBStreamSchema } from "@aws-lambda-powertools/parser/schemas/dynamodb";
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import { dynamodb } from "../../local/services/dynamodb/dynamodb.ts";
import { streamArn, table } from "./dynamodb-fixture.ts";
import {
  ACCOUNT,
  clientConfig,
  graphOf,
  REGION,
  type Running,
  resource,
  type Setup,
  startCloud,
  until,
} from "./gateway-fixture.ts";

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:clicks`;
const DLQ = `arn:aws:sqs:${REGION}:${ACCOUNT}:clicks-dlq`;
const S = (text: string) => ({ S: text });

const records = (event: unknown) => (event as { Records: DynamoDBRecord[] }).Records;
const names = (event: unknown) => records(event).map((r) => r.dynamodb?.Keys?.pk?.S ?? "");

describe("A DynamoDB stream", () => {
  const opened: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.stop();
  });

  const open = async (mapping: Record<string, unknown>, setup: Setup = {}, ttl?: string) => {
    const source = resource("aws:lambda/eventSourceMapping:EventSourceMapping", "clicks", {
      eventSourceArn: streamArn("clicks"),
      functionName: FUNCTION,
      startingPosition: "LATEST",
      ...mapping,
    });
    const graph = graphOf([table("clicks", ttl ? { ttl } : {}), source]);
    const running = await startCloud({ graph, services: [dynamodb], ...setup });
    const client = new DynamoDBClient({ ...clientConfig(running), maxAttempts: 2 });
    const put = (pk: string, more = {}) =>
      client.send(new PutItemCommand({ TableName: "clicks", Item: { pk: S(pk), sk: S("1"), ...more } }));
    const putAll = (pks: string[]) =>
      client.send(
        new BatchWriteItemCommand({
          RequestItems: { clicks: pks.map((pk) => ({ PutRequest: { Item: { pk: S(pk), sk: S("1") } } })) },
        }),
      );
    const thing = {
      ...running,
      client,
      put,
      putAll,
      async stop() {
        client.destroy();
        await running.stop();
      },
    };
    opened.push(thing);
    return thing;
  };
  // What one call writes may be read in parts: a batch of this size is delivered when it is full, and its window is never over.
  const WHOLE = { batchSize: 4, maximumBatchingWindowInSeconds: 300 };
  const received = ({ seen }: Pick<Running, "seen">) => seen.flatMap((s) => names(s.event));
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), "streams-"));
    opened.push({ stop: () => rm(path, { recursive: true }) });
    return path;
  };

  it("invokes the function after a write, with the record AWS would hand it", async () => {
    const cloud = await open({});
    await cloud.put("warm-up");
    await until(() => cloud.seen.length === 1);
    await cloud.put("a", { count: { N: "1" } });
    const invocation = await until(() => cloud.seen[1]);
    expect(invocation).toMatchObject({ functionArn: FUNCTION, options: { from: streamArn("clicks") } });
    const [record] = records(invocation.event);
    expect(record).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: REGION,
      dynamodb: {
        ApproximateCreationDateTime: expect.closeTo(Date.now() / 1_000, -1),
        Keys: { pk: S("a"), sk: S("1") },
        NewImage: { pk: S("a"), sk: S("1"), count: { N: "1" } },
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        SizeBytes: expect.any(Number),
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
      eventSourceARN: streamArn("clicks"),
    });
    expect(Number.isInteger(record?.dynamodb?.ApproximateCreationDateTime)).toBe(true);
    expect(DynamoDBStreamSchema.parse(invocation.event).Records[0]?.dynamodb.NewImage).toMatchObject({
      count: 1,
    });
  });

  it("keeps the order of writes, and tells inserts, changes and removals apart", async () => {
    const cloud = await open({ batchSize: 10 });
    const Key = { pk: S("x"), sk: S("1") };
    await cloud.put("x");
    await cloud.client.send(
      new UpdateItemCommand({
        TableName: "clicks",
        Key,
        UpdateExpression: "SET n = :n",
        ExpressionAttributeValues: { ":n": { N: "2" } },
      }),
    );
    await cloud.client.send(new DeleteItemCommand({ TableName: "clicks", Key }));
    for (let i = 0; i < 40; i++) await cloud.put(`n${i}`);
    await until(() => received(cloud).length === 43);
    const kinds = cloud.seen.flatMap((s) => records(s.event).map((r) => r.eventName));
    expect(kinds.slice(0, 4)).toEqual(["INSERT", "MODIFY", "REMOVE", "INSERT"]);
    expect(received(cloud).slice(3)).toEqual(Array.from({ length: 40 }, (_, i) => `n${i}`));
    expect(Math.max(...cloud.seen.map((s) => records(s.event).length))).toBeLessThanOrEqual(10);
  });

  it("gathers for the batching window, then delivers one batch", async () => {
    const cloud = await open({ maximumBatchingWindowInSeconds: 60 });
    await cloud.put("a");
    await cloud.put("b");
    expect(cloud.seen).toHaveLength(0);
    await until(() => {
      cloud.clock.advance(5_000); // the window opens when the poller has read the first record
      return cloud.seen.length > 0;
    });
    expect(received(cloud)).toEqual(["a", "b"]);
    expect(cloud.seen).toHaveLength(1);
  });

  it("invokes only for records that pass a filter", async () => {
    const filters = [
      {
        pattern: JSON.stringify({
          eventName: ["INSERT"],
          dynamodb: { Keys: { pk: { S: [{ prefix: "yes" }] } } },
        }),
      },
    ];
    const cloud = await open({ filterCriteria: { filters } });
    await cloud.put("no-1");
    await cloud.put("yes-1");
    await cloud.put("yes-1", { changed: S("true") });
    await cloud.put("no-2");
    await cloud.put("yes-2");
    await until(() => received(cloud).length === 2);
    expect(received(cloud)).toEqual(["yes-1", "yes-2"]);
  });

  it("retries from the first record the function reports as failed", async () => {
    let failures = 2;
    const handler = (event: unknown) => {
      const bad = records(event).find((r) => r.dynamodb?.Keys?.pk?.S === "c");
      if (!bad || failures-- <= 0) return { batchItemFailures: [] };
      return { batchItemFailures: [{ itemIdentifier: bad.dynamodb?.SequenceNumber }] };
    };
    const cloud = await open({ ...WHOLE, functionResponseTypes: ["ReportBatchItemFailures"] }, { handler });
    await cloud.putAll(["a", "b", "c", "d"]);
    await until(() => cloud.seen.length === 3);
    const order = names(cloud.seen[0]?.event);
    const from = order.slice(order.indexOf("c"));
    expect([...order].sort()).toEqual(["a", "b", "c", "d"]);
    expect(cloud.seen.slice(1).map((s) => names(s.event))).toEqual([from, from]);
  });

  it("bisects a failing batch until one record is left, gives it up after its retries, and goes on", async () => {
    const handler = (event: unknown) => {
      if (names(event).includes("bad")) throw new Error("poison");
    };
    const mapping = {
      ...WHOLE,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 1,
      destinationConfig: { onFailure: { destinationArn: DLQ } },
    };
    const cloud = await open(mapping, { handler });
    await cloud.putAll(["a", "bad", "c", "d"]);
    const { targetArn, delivery } = await until(() => cloud.delivered[0]);
    const order = names(cloud.seen[0]?.event);
    const good = () =>
      cloud.seen
        .map((s) => names(s.event))
        .filter((n) => !n.includes("bad"))
        .flat();
    await until(() => good().length === 3);
    expect(good()).toEqual(order.filter((n) => n !== "bad"));
    expect(cloud.seen.filter((s) => names(s.event).join() === "bad")).toHaveLength(2);
    expect(targetArn).toBe(DLQ);
    const message = JSON.parse(delivery.body);
    const bad = records(cloud.seen[0]?.event)[order.indexOf("bad")];
    expect(message).toMatchObject({
      requestContext: {
        functionArn: FUNCTION,
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      DDBStreamBatchInfo: {
        shardId: expect.stringMatching(/^shardId-/),
        startSequenceNumber: bad?.dynamodb?.SequenceNumber,
        endSequenceNumber: bad?.dynamodb?.SequenceNumber,
        batchSize: 1,
        streamArn: streamArn("clicks"),
      },
    });
  });

  it("gives records up that have grown older than the mapping allows", async () => {
    const handler = () => {
      throw new Error("down");
    };
    const mapping = {
      maximumRecordAgeInSeconds: 60,
      destinationConfig: { onFailure: { destinationArn: DLQ } },
    };
    const cloud = await open(mapping, { handler });
    await cloud.put("old");
    await until(() => cloud.seen.length > 0);
    cloud.clock.advance(62_000);
    const { delivery } = await until(() => cloud.delivered[0]);
    expect(JSON.parse(delivery.body).requestContext.condition).toBe("RecordAgeExceeded");
  });

  it("shows deletions by TTL as DynamoDB's own", async () => {
    const cloud = await open({}, {}, "expires");
    await cloud.put("a", { expires: { N: String(Math.floor(cloud.clock.now() / 1_000) + 600) } });
    await until(() => cloud.seen.length === 1);
    cloud.clock.advance(700_000);
    await until(() => received(cloud).length === 2);
    const [removal] = records(cloud.seen.at(-1)?.event);
    expect(removal).toMatchObject({
      eventName: "REMOVE",
      userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
    });
    // the engine deletes what has expired by the system's own time
    await cloud.put("b", { expires: { N: String(Math.floor(Date.now() / 1_000) - 60) } });
    await until(() => received(cloud).length === 4);
    expect(records(cloud.seen.at(-1)?.event).at(-1)).toMatchObject({
      eventName: "REMOVE",
      userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
    });
  });

  it("goes on after a restart where it stopped: nothing lost, nothing delivered again", async () => {
    const dataDir = await folder();
    const first = await open({}, { dataDir });
    await first.put("a");
    await until(() => received(first).length === 1);
    await first.stop();
    opened.pop();
    const second = await open({}, { dataDir });
    await second.put("b");
    await until(() => received(second).length > 0);
    expect(received(second)).toEqual(["b"]);
  });

  it("delivers after a restart what failed before it", async () => {
    const dataDir = await folder();
    const handler = () => {
      throw new Error("down");
    };
    const first = await open({}, { dataDir, handler });
    await first.putAll(["a", "b"]);
    await until(() => first.seen.length > 0);
    await first.stop();
    opened.pop();
    const second = await open({}, { dataDir });
    await until(() => received(second).length >= 2);
    expect(received(second).sort()).toEqual(["a", "b"]);
  });

  it("paused, delivers nothing more and forgets nothing: what failed or came meanwhile is delivered after a restart", async () => {
    const dataDir = await folder();
    const handler = () => {
      throw new Error("down");
    };
    const first = await open({}, { dataDir, handler });
    await first.putAll(["a", "b"]);
    await until(() => first.seen.length > 0);
    await first.gateway.services.get("dynamodb")?.pause?.();
    const attempts = first.seen.length;
    await first.put("c");
    await first.stop();
    opened.pop();
    expect(first.seen).toHaveLength(attempts);
    const second = await open({}, { dataDir });
    await until(() => received(second).length >= 3);
    expect(received(second).sort()).toEqual(["a", "b", "c"]);
  });

  it("refuses to start with a tumbling window, which it does not run", async () => {
    await expect(open({ tumblingWindowInSeconds: 30 })).rejects.toThrow("tumblingWindowInSeconds");
  });
});
