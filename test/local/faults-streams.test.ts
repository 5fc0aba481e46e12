import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { afterEach, expect, it } from "vitest";
import { dynamodb } from "../../local/services/dynamodb/dynamodb.ts";
import { streamArn, table } from "./dynamodb-fixture.ts";
import {
  ACCOUNT,
  clientConfig,
  graphOf,
  REGION,
  type Running,
  resource,
  startCloud,
} from "./gateway-fixture.ts";

let cloud: Running;
let client: DynamoDBClient;
afterEach(async () => {
  client.destroy();
  await cloud.stop();
});

const start = async (dataDir?: string) => {
  const mapping = resource("aws:lambda/eventSourceMapping:EventSourceMapping", "loans", {
    eventSourceArn: streamArn("loans"),
    functionName: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:note`,
    startingPosition: "LATEST",
  });
  cloud = await startCloud({
    graph: graphOf([table("loans"), mapping]),
    services: [dynamodb],
    ...(dataDir ? { dataDir } : {}),
  });
  client = new DynamoDBClient({ ...clientConfig(cloud), maxAttempts: 2 });
};
const put = (pk: string) =>
  client.send(new PutItemCommand({ TableName: "loans", Item: { pk: { S: pk }, sk: { S: "1" } } }));
const received = () =>
  cloud.seen.flatMap(({ event }) =>
    (event as { Records: DynamoDBRecord[] }).Records.map(({ dynamodb: change }) => change?.Keys?.pk?.S),
  );

it("a batch of a stream whose checkpoint is lost comes once more, and order is kept", async () => {
  await start();
  cloud.cloud.faults.add({
    on: { service: "dynamodb", operation: "Consume", target: "loans" },
    when: { times: 1 },
    fault: { kind: "duplicate" },
  });
  await put("a");
  await expect.poll(received).toEqual(["a", "a"]);
  await put("b");
  await expect.poll(received).toEqual(["a", "a", "b"]);
});

it("an outage of the table holds its stream up too, and loses nothing of it", async () => {
  await start();
  const { faults } = cloud.cloud;
  await put("a");
  await expect.poll(received).toEqual(["a"]);
  faults.add({ on: { service: "dynamodb" }, when: { first: 1 }, fault: { kind: "outage", ms: 60_000 } });
  const point = { service: "dynamodb", operation: ["PutItem"], function: [], target: ["loans"], key: [] };
  expect(faults.strike(point, ["outage"])).toHaveLength(1);
  await put("b"); // this endpoint has no faults of its own: the write goes through
  await expect.poll(() => cloud.printed.join()).toContain("out on purpose");
  expect(received()).toEqual(["a"]);
  cloud.clock.advance(61_000);
  await expect.poll(received).toEqual(["a", "b"]);
});

it("an engine that is killed on purpose comes back with its stream; one in memory is not killed", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "killed-"));
  const kill = async () => cloud.gateway.services.get("dynamodb")?.actions?.kill?.({});
  try {
    await start(dataDir);
    await put("a");
    await expect.poll(received).toEqual(["a"]);
    expect(await kill()).toEqual({ killed: true });
    await put("b");
    await expect.poll(() => received().includes("b")).toBe(true);
    expect(received()[0]).toBe("a");
    client.destroy();
    await cloud.stop();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  await start();
  await expect(kill()).rejects.toThrow("in memory");
});
