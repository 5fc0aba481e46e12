import { SqsSchema } from "@aws-lambda-powertools/parser/schemas/sqs";
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, expect, test, vi } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import {
  type Handler,
  type Harness,
  mapping,
  queue,
  queueArn,
  redriveTo,
  startHarness,
} from "./sqs-harness.ts";

interface Event {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

let cloud: Harness;
afterEach(() => cloud.stop());

const PARTIAL = { functionResponseTypes: ["ReportBatchItemFailures"] };

/** Starts a cloud with one mapped queue and collects the bodies of each batch the function was given. */
const feed = async (
  name: string,
  inputs: { queue?: object; mapping?: object; more?: Resource[] },
  handle: (bodies: string[], event: Event, invocation: { trace?: string; detail?: object }) => unknown = () =>
    undefined,
) => {
  const batches: string[][] = [];
  const consumer: Handler = (event: Event, invocation) => {
    const bodies = event.Records.map((record) => record.body);
    batches.push(bodies);
    return handle(bodies, event, invocation);
  };
  const attributes = { visibilityTimeoutSeconds: 30, contentBasedDeduplication: true, ...inputs.queue };
  cloud = await startHarness({
    resources: [
      queue(name, attributes),
      mapping(name, "consumer", { ...inputs.mapping }),
      ...(inputs.more ?? []),
    ],
    services: [sqs],
    functions: { consumer },
  });
  return batches;
};

const send = (name: string, body: string, more: object = {}) =>
  cloud.sqs.send(new SendMessageCommand({ QueueUrl: cloud.url(name), MessageBody: body, ...more }));
const sendAll = (name: string, bodies: string[], more: object = {}) =>
  cloud.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: cloud.url(name),
      Entries: bodies.map((MessageBody, i) => ({ Id: `${i}`, MessageBody, ...more })),
    }),
  );
const failing = (event: Event, body: string) => ({
  batchItemFailures: event.Records.filter((r) => r.body === body).map((r) => ({
    itemIdentifier: r.messageId,
  })),
});
const view = (name: string) => {
  const service = cloud.sqsService.inspect().find((q) => q.name === name);
  return [service?.ready, service?.inFlight];
};

test("hands a function records that parse as SQS's, with the trace of their sender", async () => {
  let seen: unknown;
  let trace: string | undefined;
  await feed("work", {}, (_bodies, event, invocation) => {
    seen = event;
    trace = invocation.trace;
  });
  const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  await send("work", "hi", {
    MessageAttributes: { kind: { DataType: "String", StringValue: "x" } },
    MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: header } },
  });
  await vi.waitFor(() => expect(view("work")).toEqual([0, 0]));
  const { Records } = SqsSchema.parse(seen);
  expect(Records[0]).toMatchObject({
    body: "hi",
    eventSourceARN: queueArn("work"),
    awsRegion: "eu-central-1",
  });
  expect(Records[0]?.messageAttributes.kind).toMatchObject({ stringValue: "x", dataType: "String" });
  expect(Records[0]?.attributes.ApproximateReceiveCount).toBe("1");
  expect(trace).toBe(header);
});

test("a batch of several traces continues none of them, and links to each", async () => {
  const carried: { trace?: string; detail?: object }[] = [];
  await feed("work", {}, (_bodies, _event, invocation) => void carried.push(invocation));
  const traced = (root: string) => ({
    AWSTraceHeader: { DataType: "String", StringValue: `Root=${root};Sampled=1` },
  });
  const entry = (id: string, root: string) => ({
    Id: id,
    MessageBody: id,
    MessageSystemAttributes: traced(root),
  });
  const [one, two] = ["1-5759e988-bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a994272794"];
  const entries = (...roots: string[]) => roots.map((root, i) => entry(`m${i}`, root));
  const batch = (...roots: string[]) =>
    cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl: cloud.url("work"), Entries: entries(...roots) }));
  await batch(one, two, one);
  await vi.waitFor(() => expect(carried).toHaveLength(1));
  expect(carried[0]?.trace).toBeUndefined();
  expect(carried[0]?.detail).toEqual({ links: [one, two] });
  await batch(two, two);
  await vi.waitFor(() => expect(carried).toHaveLength(2));
  expect(carried[1]?.trace).toContain(two);
});

test("delivers one batch request as one batch, and deletes what succeeded", async () => {
  const batches = await feed("work", {});
  await sendAll("work", ["a", "b", "c"]);
  await vi.waitFor(() => expect(batches).toEqual([["a", "b", "c"]]));
  await vi.waitFor(() => expect(view("work")).toEqual([0, 0]));
});

test("waits for its batch window, or until the batch is full", async () => {
  const window = { batchSize: 12, maximumBatchingWindowInSeconds: 5 };
  const batches = await feed("work", { mapping: window });
  await sendAll("work", ["a", "b"]);
  cloud.clock.advance(4_000);
  await send("work", "c");
  expect(batches).toEqual([]);
  cloud.clock.advance(1_000);
  await vi.waitFor(() => expect(batches).toEqual([["a", "b", "c"]]));
  const ten = Array.from({ length: 10 }, (_, i) => `${i}`);
  await sendAll("work", ten);
  await sendAll("work", ["x", "y", "z"]);
  await vi.waitFor(() => expect(batches[1]).toEqual([...ten, "x", "y"]));
});

test("keeps only the reported failures, which come back after the visibility timeout", async () => {
  const batches = await feed("work", { mapping: PARTIAL }, (_bodies, event) => failing(event, "bad"));
  await sendAll("work", ["good", "bad", "fine"]);
  await vi.waitFor(() => expect(view("work")).toEqual([0, 1]));
  cloud.clock.advance(29_000);
  expect(batches).toHaveLength(1);
  cloud.clock.advance(1_000);
  await vi.waitFor(() => expect(batches[1]).toEqual(["bad"]));
});

test.each<[string, unknown, number]>([
  ["nothing", undefined, 0],
  ["an empty list", { batchItemFailures: [] }, 0],
  ["an empty object", {}, 0],
  ["no list", { batchItemFailures: null }, 0],
  ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }, 2],
  ["no identifier", { batchItemFailures: [{ itemIdentifier: null }] }, 2],
  ["another key", { batchItemFailures: [{ id: "x" }] }, 2],
  ["an unknown id", { batchItemFailures: [{ itemIdentifier: "x" }] }, 2],
])("reads %s in a partial failure answer as AWS does", async (_name, answer, left) => {
  const batches = await feed("work", { mapping: PARTIAL }, () => answer);
  await sendAll("work", ["a", "b"]);
  await vi.waitFor(() => expect(batches).toHaveLength(1));
  await vi.waitFor(() => expect(view("work")).toEqual([0, left]));
});

test("ignores reported failures where the mapping does not ask for them", async () => {
  await feed("work", {}, (_bodies, event) => failing(event, "bad"));
  await send("work", "bad");
  await vi.waitFor(() => expect(view("work")).toEqual([0, 0]));
});

test("returns the whole batch when the function throws, and gives it up after maxReceiveCount", async () => {
  const inputs = { queue: redriveTo("dead", 2), more: [queue("dead")] };
  const batches = await feed("work", inputs, () => {
    throw new Error("broken");
  });
  await sendAll("work", ["a", "b"]);
  await vi.waitFor(() => expect(batches).toHaveLength(1));
  cloud.clock.advance(30_000);
  await vi.waitFor(() => expect(batches).toHaveLength(2));
  cloud.clock.advance(30_000);
  await vi.waitFor(() => expect(view("dead")).toEqual([2, 0]));
  expect(batches).toHaveLength(2);
});

test("offers a throttled batch again while it is hidden from others", async () => {
  const batches = await feed("work", {});
  cloud.lambda.throttle = true;
  await send("work", "patient");
  await vi.waitFor(() => expect(view("work")).toEqual([0, 1]));
  cloud.lambda.throttle = false;
  cloud.clock.advance(2_000);
  await vi.waitFor(() => expect(batches).toEqual([["patient"]]));
  await vi.waitFor(() => expect(view("work")).toEqual([0, 0]));
});

test("runs no more batches at once than its maximum concurrency", async () => {
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const inputs = { mapping: { batchSize: 1, scalingConfig: { maximumConcurrency: 2 } } };
  const batches = await feed("work", inputs, async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => release.push(resolve));
    running--;
  });
  await sendAll("work", ["1", "2", "3", "4", "5", "6"]);
  await vi.waitFor(() => expect(running).toBe(2));
  expect(view("work")).toEqual([4, 2]);
  while (batches.length < 6 || running > 0) {
    release.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(most).toBe(2);
});

test("deletes messages its filters do not want, in either format", async () => {
  const filters = [
    { pattern: JSON.stringify({ body: { kind: ["order"], total: [{ numeric: [">", 10] }] } }) },
    { pattern: JSON.stringify({ body: [{ prefix: "plain" }] }) },
  ];
  const batches = await feed("work", { mapping: { filterCriteria: { filters } } });
  const order = JSON.stringify({ kind: "order", total: 11 });
  await sendAll("work", [order, JSON.stringify({ kind: "order", total: 9 }), "plain text", "other text"]);
  await vi.waitFor(() => expect(batches.flat()).toEqual([order, "plain text"]));
  await vi.waitFor(() => expect(view("work")).toEqual([0, 0]));
});

test("keeps a group in order when one of its messages fails, while other groups go on", async () => {
  const inputs = { mapping: { ...PARTIAL, batchSize: 1 } };
  let broken = true;
  const batches = await feed("line.fifo", inputs, (bodies, event) =>
    broken && bodies[0] === "a1" ? failing(event, "a1") : undefined,
  );
  for (const body of ["a1", "a2", "b1", "a3", "b2"])
    await send("line.fifo", body, { MessageGroupId: body.charAt(0) });
  await vi.waitFor(() => expect(batches.flat()).toEqual(["a1", "b1", "b2"]));
  broken = false;
  cloud.clock.advance(30_000);
  await vi.waitFor(() => expect(batches.flat()).toEqual(["a1", "b1", "b2", "a1", "a2", "a3"]));
});

test("splits a batch that is larger than one payload", async () => {
  const batches = await feed("work", { mapping: { batchSize: 10, maximumBatchingWindowInSeconds: 60 } });
  for (let i = 0; i < 10; i++) await send("work", `${i}`.repeat(1_000_000));
  await vi.waitFor(() => expect(batches.map((batch) => batch.length)).toEqual([6, 4]));
});

test("delivers a sent message to its function within a few milliseconds", async () => {
  const seen = new Map<string, number>();
  await feed("work", {}, (bodies) => {
    for (const body of bodies) seen.set(body, performance.now());
  });
  const delays: number[] = [];
  for (let i = 0; i < 50; i++) {
    const start = performance.now();
    await send("work", `${i}`);
    await vi.waitFor(() => expect(seen.has(`${i}`)).toBe(true), { interval: 1 });
    delays.push((seen.get(`${i}`) ?? 0) - start);
  }
  expect(delays.toSorted((a, b) => a - b)[25]).toBeLessThan(20);
});

test("leaves a queue without a mapping to whoever receives from it", async () => {
  await feed("work", { mapping: { enabled: false } });
  await send("work", "mine");
  const QueueUrl = cloud.url("work");
  const { Messages } = await cloud.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
  expect(view("work")).toEqual([0, 0]);
});

test("hands out nothing more once paused: what waits has not been received, what runs is still deleted", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const one = { batchSize: 1, scalingConfig: { maximumConcurrency: 2 } };
  const batches = await feed("orders", { mapping: one }, () => promise);
  await sendAll("orders", ["a", "b", "c", "d"]);
  await vi.waitFor(() => expect(batches).toHaveLength(2));
  await cloud.sqsService.pause?.();
  resolve();
  await vi.waitFor(() => expect(view("orders")).toEqual([2, 0]));
  expect(batches).toHaveLength(2);
});
