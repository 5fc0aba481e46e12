import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SQSClient, StartMessageMoveTaskCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Rule } from "../../local/faults/rule.schema.ts";
import { byType } from "../../local/graph/graph.ts";
import { type App, startApp } from "../kit/app.ts";
import { createCacheClient } from "./cache-client.ts";
import { many } from "./client.ts";

const OWNER = "owner@tenfold.example";
const MINUTE_MS = 60_000;
const patience = { timeout: 30_000, interval: 50 };

let app: App;
let owner: ReturnType<typeof createCacheClient>;
let dynamo: DynamoDBClient;
let sqs: SQSClient;
let user = "";
beforeAll(async () => {
  app = await startApp();
  const token = await app.tokenOf(OWNER);
  owner = createCacheClient(app, token);
  user = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sub;
  const { accessKeyId, secretAccessKey } = app.cloud.credentials.developer;
  const { endpoint, graph } = app.cloud;
  const config = { endpoint, region: graph.region, credentials: { accessKeyId, secretAccessKey } };
  [dynamo, sqs] = [new DynamoDBClient(config), new SQSClient(config)];
});
beforeEach(() => app.cloud.faults.clear());
afterAll(async () => {
  dynamo.destroy();
  sqs.destroy();
  await app.stop();
});

const resource = (type: string, name: string) => {
  const found = byType(app.cloud.graph, type).find((one) => one.name.startsWith(name));
  if (!found) throw new Error(`No ${name}`);
  return found.outputs as Record<string, string>;
};
const item = async (kind: "R" | "E", key: string) => {
  const { name } = resource("aws:dynamodb/table:Table", "CacheTable");
  const Key = { pk: { S: `${kind}#u/${user}/pages:${key}` }, sk: { S: kind } };
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: name, Key, ConsistentRead: true }));
  return Item;
};
const recordOf = async (key: string) => {
  const body = (await item("R", key))?.json?.B;
  return body && JSON.parse(Buffer.from(body).toString());
};
const isOwed = async (key: string) => (await item("E", key))?.d?.BOOL === true;

/** Lets time pass until no function is busy and no message waits any more. */
const quiet = async (minutes = 12) => {
  for (let n = 0; n < minutes; n++) {
    app.cloud.clock.advance(MINUTE_MS);
    const idle = () => app.lambda.stats().every(({ busy, queued }) => busy + queued === 0);
    await expect.poll(idle, patience).toBe(true);
  }
};

/** Asks again while our side fails: the last answer of each key is the one that was acknowledged. */
const put = async (key: string, value: unknown) => {
  for (let tries = 1; ; tries++) {
    const answer = await owner.put(key, { value, strategy: "write-behind" });
    if (answer.status < 500 || tries === 20) return answer;
  }
};

it("what is written behind reaches its record by the stream and the queue", async () => {
  expect((await put("one", { n: 1 })).status).toBe(200);
  await expect.poll(() => recordOf("one"), patience).toEqual({ n: 1 });
  await expect.poll(() => isOwed("one"), patience).toBe(false);
  expect((await owner.get("one", { consistency: "strong" })).json).toMatchObject({
    value: { n: 1 },
    tier: "l2",
  });
});

it("what is dropped, or replaced, before it was flushed is on record first", async () => {
  app.cloud.faults.add({ on: { operation: "GetItem", function: "CacheFlush" }, fault: { kind: "error" } });
  for (const [key, act] of [
    ["dropped", () => owner.remove("dropped")],
    ["replaced", () => owner.put("replaced", { value: "plain" })],
    ["invalidated", () => owner.invalidate({ namespace: "pages", key: "invalidated" })],
  ] as const) {
    await put(key, "owed");
    expect([200, 204]).toContain((await act()).status);
    expect([key, await recordOf(key), await isOwed(key)]).toEqual([key, "owed", false]);
  }
});

const rules: readonly Rule[] = [
  {
    on: { operation: ["GetItem", "UpdateItem", "SendMessage*"], function: "CacheFlush" },
    when: { probability: 0.2 },
    fault: { kind: "throttle" },
  },
  {
    on: { operation: ["GetItem", "UpdateItem"], function: "CacheFlush" },
    when: { probability: 0.1 },
    fault: { kind: "drop", effect: "after" },
  },
  {
    on: { operation: ["UpdateItem", "GetItem"], function: "CacheFlush" },
    when: { probability: 0.1 },
    fault: { kind: "crash", effect: "after" },
  },
  {
    on: { operation: "Run", function: ["CacheDefer", "CacheFlush"] },
    when: { probability: 0.15 },
    fault: { kind: "crash", effect: "before" },
  },
  {
    on: { operation: ["Queue", "Consume", "Deliver", "Receive"] },
    when: { probability: 0.3 },
    fault: { kind: "duplicate" },
  },
  { on: { service: "sqs", operation: "Receive" }, fault: { kind: "reorder", window: 4, ms: 1_000 } },
];

it("while calls fail, processes die, and messages repeat and overtake, the last write of each key ends on record", async () => {
  app.cloud.faults.seed(20_261_124);
  for (const rule of rules) app.cloud.faults.add(rule);
  const keys = Array.from({ length: 8 }, (_, n) => `rough-${n}`);
  const last = new Map<string, { version: number; value: string }>();
  await many(120, 8, async (n) => {
    const key = keys[n % keys.length] ?? "";
    const { status, json } = await put(key, `${n}`);
    expect(status).toBe(200);
    if (Number(json.version) > (last.get(key)?.version ?? 0))
      last.set(key, { version: Number(json.version), value: `${n}` });
  });
  await quiet();
  const struck = app.cloud.faults.list().map(({ injected }) => injected);
  app.cloud.faults.clear();
  await redrive();
  await quiet();
  expect(struck.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(20);
  for (const [key, { value }] of last) {
    await expect.poll(() => recordOf(key), patience).toBe(value);
    await expect.poll(() => isOwed(key), patience).toBe(false);
  }
});

/** What an operator does once the cause is mended. */
const redrive = () =>
  sqs.send(
    new StartMessageMoveTaskCommand({ SourceArn: resource("aws:sqs/queue:Queue", "CacheFlushesDlq").arn }),
  );

it("what fails for good waits in the dead-letter queue, is served meanwhile, and is flushed once it is sent again", async () => {
  app.cloud.faults.add({ on: { operation: "UpdateItem", function: "CacheFlush" }, fault: { kind: "error" } });
  await put("poison", "kept");
  await expect.poll(() => app.cloud.faults.list()[0]?.injected ?? 0, patience).toBeGreaterThan(0);
  await quiet();
  expect(await recordOf("poison")).toBeUndefined();
  expect((await owner.get("poison", { consistency: "strong" })).json.value).toBe("kept");
  app.cloud.faults.clear();
  await quiet(2);
  expect(await recordOf("poison")).toBeUndefined();
  await redrive();
  app.cloud.clock.advance(MINUTE_MS);
  await expect.poll(() => recordOf("poison"), patience).toBe("kept");
  await expect.poll(() => isOwed("poison"), patience).toBe(false);
});
