import {
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { isThrottlingError, isTransientError } from "@smithy/core/retry";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { arnOf } from "../fixtures/lambda/host.ts";
import { type FaultyCloud, startFaultyCloud } from "./faults-fixture.ts";

let cloud: FaultyCloud;
let items = 0;
const put = (pk = `item#${++items}`) =>
  new PutItemCommand({ TableName: "Books", Item: { pk: { S: pk }, sk: { S: "-" } } });
const failure = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("It succeeded");
  return error as Error & { $metadata?: { httpStatusCode?: number }; [field: string]: unknown };
};
const faultSpans = () => cloud.recorder.recent().filter(({ detail }) => detail.fault !== undefined);

beforeAll(async () => {
  cloud = await startFaultyCloud();
});
afterAll(() => cloud.stop());
afterEach(() => {
  cloud.faults.clear();
  cloud.faults.seed(1);
});

describe("a throttle", () => {
  it("of DynamoDB says why and of what, is retried by the SDK, and shows in the trace", async () => {
    cloud.faults.add({
      id: "slow-down",
      on: { operation: "PutItem" },
      when: { times: 2 },
      fault: { kind: "throttle" },
    });
    const error = await failure(cloud.dynamodb.send(put("throttled")));
    expect(error.name).toBe("ProvisionedThroughputExceededException");
    expect(error.ThrottlingReasons).toEqual([
      {
        reason: "TableWriteKeyRangeThroughputExceeded",
        resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/Books",
      },
    ]);
    expect(isThrottlingError(error as never)).toBe(true);
    expect(await cloud.item("throttled")).toBeUndefined();
    const patient = new DynamoDBClient({ ...cloud.config, maxAttempts: 4 });
    const { $metadata } = await patient.send(put("throttled"));
    patient.destroy();
    expect($metadata.attempts).toBeGreaterThan(1);
    expect(faultSpans().at(-1)).toMatchObject({
      node: expect.stringMatching(/:table\/Books$/),
      detail: { fault: "throttle (slow-down)", status: 400 },
    });
    expect(cloud.faults.log().map(({ operation, target, key }) => [operation, target, key])).toEqual([
      ["PutItem", "Books", "throttled/-"],
      ["PutItem", "Books", "throttled/-"],
    ]);
  });

  it("of a transaction cancels it, with a reason for each item", async () => {
    cloud.faults.add({ on: { operation: "Transact*" }, fault: { kind: "throttle" } });
    const Put = { TableName: "Books", Item: { pk: { S: "t" }, sk: { S: "-" } } };
    const error = await failure(
      cloud.dynamodb.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Put }, { Put: { ...Put, Item: { pk: { S: "u" }, sk: { S: "-" } } } }],
        }),
      ),
    );
    expect(error.name).toBe("TransactionCanceledException");
    expect(error.CancellationReasons).toMatchObject([{ Code: "ThrottlingError" }, { Code: "None" }]);
  });

  it("is worded by each service, and taken for a throttle by its client", async () => {
    cloud.faults.add({ fault: { kind: "throttle" } });
    const lambda = new LambdaClient(cloud.config);
    const url = cloud.url("Plain");
    const errors = [
      await failure(cloud.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }))),
      await failure(
        cloud.events.send(
          new PutEventsCommand({ Entries: [{ Source: "a", DetailType: "b", Detail: "{}" }] }),
        ),
      ),
      await failure(lambda.send(new InvokeCommand({ FunctionName: "counter" }))),
    ];
    lambda.destroy();
    expect(errors.map(({ name, $metadata }) => [name, $metadata?.httpStatusCode])).toEqual([
      ["RequestThrottled", 400],
      ["ThrottlingException", 400],
      ["TooManyRequestsException", 429],
    ]);
    expect(errors.map((error) => isThrottlingError(error as never))).toEqual([true, true, true]);
  });
});

describe("an error", () => {
  it("is the service's own, or as the rule words it; nothing takes place", async () => {
    cloud.faults.add({ on: { key: "e1*" }, fault: { kind: "error" } });
    cloud.faults.add({
      on: { key: "e2*" },
      fault: { kind: "error", status: 418, code: "Teapot", message: "short" },
    });
    const own = await failure(cloud.dynamodb.send(put("e1")));
    expect([own.name, own.$metadata?.httpStatusCode, isTransientError(own as never)]).toEqual([
      "InternalServerError",
      500,
      true,
    ]);
    const worded = await failure(cloud.dynamodb.send(put("e2")));
    expect([worded.name, worded.message, worded.$metadata?.httpStatusCode]).toEqual(["Teapot", "short", 418]);
    cloud.faults.clear();
    expect([await cloud.item("e1"), await cloud.item("e2")]).toEqual([undefined, undefined]);
  });
});

describe("a lost answer", () => {
  it("is a cut connection: after the effect it took place, before it did not", async () => {
    cloud.faults.add({ on: { key: "after/*" }, fault: { kind: "drop" } });
    cloud.faults.add({ on: { key: "before/*" }, fault: { kind: "drop", effect: "before" } });
    const errors = [
      await failure(cloud.dynamodb.send(put("after"))),
      await failure(cloud.dynamodb.send(put("before"))),
    ];
    expect(errors.map((error) => isTransientError(error as never))).toEqual([true, true]);
    cloud.faults.clear();
    expect([(await cloud.item("after"))?.pk, await cloud.item("before")]).toEqual([
      { S: "after" },
      undefined,
    ]);
  });

  it("is silence: the client gives up waiting, and the effect is there", async () => {
    cloud.faults.add({ on: { operation: "PutItem" }, fault: { kind: "timeout" } });
    const error = await failure(cloud.dynamodb.send(put("silent")));
    expect(error.name).toBe("TimeoutError");
    expect((await cloud.item("silent"))?.pk).toEqual({ S: "silent" });
  });
});

describe("latency", () => {
  it("is waited for before the effect, and several add up", async () => {
    cloud.faults.add({ on: { operation: "PutItem" }, fault: { kind: "latency", ms: 60 } });
    cloud.faults.add({
      on: { service: "dynamodb" },
      fault: { kind: "latency", ms: 50, distribution: "fixed" },
    });
    const began = performance.now();
    await cloud.dynamodb.send(put());
    expect(performance.now() - began).toBeGreaterThanOrEqual(108);
  });
});

describe("an outage", () => {
  it("takes a service away for its time, and it comes back", async () => {
    cloud.faults.add({
      on: { service: "dynamodb" },
      when: { nth: 2 },
      fault: { kind: "outage", ms: 60_000 },
    });
    await cloud.dynamodb.send(put());
    for (let n = 0; n < 3; n++)
      expect(isTransientError((await failure(cloud.dynamodb.send(put()))) as never)).toBe(true);
    cloud.clock.advance(60_001);
    await cloud.dynamodb.send(put());
  });
});

describe("a partial failure", () => {
  it("of BatchWriteItem leaves items unprocessed, and they are not there", async () => {
    cloud.faults.add({ on: { operation: "Batch*" }, fault: { kind: "partial", share: 0.5 } });
    const keys = Array.from({ length: 10 }, (_, n) => `batch#${n}`);
    const Books = keys.map((pk) => ({ PutRequest: { Item: { pk: { S: pk }, sk: { S: "-" } } } }));
    const { UnprocessedItems } = await cloud.dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { Books } }),
    );
    const left = (UnprocessedItems?.Books ?? []).map(({ PutRequest }) => PutRequest?.Item?.pk?.S);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(10);
    cloud.faults.clear();
    const written = await Promise.all(keys.map(async (pk) => ((await cloud.item(pk)) ? [pk] : [])));
    expect(written.flat()).toEqual(keys.filter((pk) => !left.includes(pk)));
  });

  it("of PutEvents and SendMessageBatch names each entry that failed", async () => {
    cloud.faults.add({ fault: { kind: "partial", share: 1 } });
    const entry = { Source: "library", DetailType: "b", Detail: "{}", EventBusName: "Bus" };
    const told = await cloud.events.send(new PutEventsCommand({ Entries: [entry, entry] }));
    expect([told.FailedEntryCount, told.Entries?.map(({ ErrorCode }) => ErrorCode)]).toEqual([
      2,
      ["ThrottlingException", "ThrottlingException"],
    ]);
    const Entries = [{ Id: "a", MessageBody: "x" }];
    const sent = await cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl: cloud.url("Plain"), Entries }));
    expect(sent.Failed).toMatchObject([{ Id: "a", SenderFault: false }]);
    expect(sent.Successful ?? []).toEqual([]);
  });
});

describe("what is handed over", () => {
  const receive = async () => {
    const bodies: string[] = [];
    for (;;) {
      const command = new ReceiveMessageCommand({ QueueUrl: cloud.url("Plain"), MaxNumberOfMessages: 10 });
      const { Messages = [] } = await cloud.sqs.send(command);
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body = "" }) => JSON.parse(Body).detail.n));
    }
  };
  const tell = (count: number) =>
    cloud.events.send(
      new PutEventsCommand({
        Entries: Array.from({ length: count }, (_, n) => ({
          Source: "library",
          DetailType: "told",
          Detail: JSON.stringify({ n }),
          EventBusName: "Bus",
        })),
      }),
    );
  const collect = async (count: number) => {
    const all: unknown[] = [];
    await expect.poll(async () => all.push(...(await receive()))).toBe(count);
    return all;
  };

  it("comes twice", async () => {
    cloud.faults.add({
      on: { service: "sqs", operation: "Deliver" },
      fault: { kind: "duplicate", times: 2 },
    });
    await tell(1);
    expect(await collect(3)).toEqual([0, 0, 0]);
  });

  it("comes in another order, all of it", async () => {
    cloud.faults.add({
      on: { target: "Plain", operation: "Deliver" },
      fault: { kind: "reorder", window: 8 },
    });
    await tell(8);
    const got = await collect(8);
    expect(got).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...got].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("is refused for now, and comes by the sender's retries", async () => {
    cloud.faults.add({ on: { operation: "Deliver" }, when: { times: 2 }, fault: { kind: "throttle" } });
    await tell(1);
    await expect.poll(() => cloud.faults.log().length).toBe(1);
    cloud.clock.advance(2_000);
    await expect.poll(() => cloud.faults.log().length).toBe(2);
    cloud.clock.advance(5_000);
    expect(await collect(1)).toEqual([0]);
  });

  it("is handed out in another order by a standard queue", async () => {
    cloud.faults.add({ on: { service: "sqs", operation: "Receive" }, fault: { kind: "reorder", window: 5 } });
    await tell(8);
    await expect
      .poll(() => cloud.recorder.recent().filter(({ name }) => name === "sqs:Deliver").length)
      .toBeGreaterThan(8);
    const got = await collect(8);
    expect(got).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...got].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

it("the same seed gives the same faults, another seed others", async () => {
  const play = async (seed: number) => {
    cloud.faults.clear();
    cloud.faults.seed(seed);
    cloud.faults.add({
      id: "a",
      on: { service: "dynamodb" },
      when: { probability: 0.3 },
      fault: { kind: "throttle" },
    });
    cloud.faults.add({
      id: "b",
      on: { operation: "PutItem" },
      when: { probability: 0.3 },
      fault: { kind: "drop" },
    });
    for (let n = 0; n < 40; n++) await cloud.dynamodb.send(put(`same#${n}`)).catch(() => {});
    return cloud.faults.log().map(({ at: _, ...entry }) => entry);
  };
  const first = await play(5);
  expect(first.length).toBeGreaterThan(5);
  expect(await play(5)).toEqual(first);
  expect(await play(6)).not.toEqual(first);
});

it("a function that does not exist is struck by no rule about another", async () => {
  cloud.faults.add({ on: { function: "lend" }, fault: { kind: "drop" } });
  await cloud.dynamodb.send(put());
  await cloud.lambda.invoke(arnOf("counter"), {});
  expect(cloud.faults.log()).toEqual([]);
});
