import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamodb } from "../../local/services/dynamodb/dynamodb.ts";
import { table } from "./dynamodb-fixture.ts";
import { clientConfig, graphOf, type Running, startCloud, until } from "./gateway-fixture.ts";

const S = (text: string) => ({ S: text });
const big = (bytes: number) => S("x".repeat(bytes));

describe("DynamoDB", () => {
  let running: Running;
  let client: DynamoDBClient;
  beforeAll(async () => {
    running = await startCloud({
      graph: graphOf([table("links", { ttl: "expires" })]),
      services: [dynamodb],
    });
    client = new DynamoDBClient(clientConfig(running));
  });
  afterAll(async () => {
    client.destroy();
    await running.stop();
  });

  const TableName = "links";
  const lastUnits = () => running.cloud.recorder.recent().at(-1)?.detail;
  const put = (pk: string, more: Record<string, { S: string } | { N: string }> = {}) =>
    client.send(new PutItemCommand({ TableName, Item: { pk: S(pk), sk: S("1"), ...more } }));

  it("holds the tables of the graph, with keys, indexes, stream and TTL as declared", async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableArn).toBe("arn:aws:dynamodb:eu-central-1:123456789012:table/links");
    expect(Table?.KeySchema?.map((k) => k.AttributeName)).toEqual(["pk", "sk"]);
    expect(
      Table?.GlobalSecondaryIndexes?.map((g) => [g.IndexName, g.Projection?.ProjectionType]).sort(),
    ).toEqual([
      ["byOwner", "ALL"],
      ["keysOnly", "KEYS_ONLY"],
    ]);
    expect(Table?.LatestStreamArn).toBe(`${Table?.TableArn}/stream/2026-01-01T00:00:00.000`);
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription).toEqual({ AttributeName: "expires", TimeToLiveStatus: "ENABLED" });
  });

  it("accepts a table's ARN where DynamoDB does", async () => {
    await put("by-arn");
    const arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/links";
    const { Item } = await client.send(
      new GetItemCommand({ TableName: arn, Key: { pk: S("by-arn"), sk: S("1") } }),
    );
    expect(Item?.pk).toEqual(S("by-arn"));
  });

  it("answers without consumed capacity unless asked, and with the asked-for detail when asked", async () => {
    const key = { TableName, Key: { pk: S("by-arn"), sk: S("1") } };
    expect(await client.send(new GetItemCommand(key))).not.toHaveProperty("ConsumedCapacity");
    const total = await client.send(new GetItemCommand({ ...key, ReturnConsumedCapacity: "TOTAL" }));
    expect(total.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 0.5 });
    const indexes = await client.send(new GetItemCommand({ ...key, ReturnConsumedCapacity: "INDEXES" }));
    expect(indexes.ConsumedCapacity?.Table).toEqual({ CapacityUnits: 0.5 });
  });

  it.each<[string, () => Promise<unknown>, number, number]>([
    ["a small put", () => put("u1"), 0, 1],
    ["a put of 3.5 KB in two indexes", () => put("u2", { owner: S("o"), d: big(3_500) }), 0, 9],
    [
      "an eventual get",
      () => client.send(new GetItemCommand({ TableName, Key: { pk: S("u1"), sk: S("1") } })),
      0.5,
      0,
    ],
    [
      "a consistent get of nothing",
      () =>
        client.send(
          new GetItemCommand({ TableName, Key: { pk: S("no"), sk: S("1") }, ConsistentRead: true }),
        ),
      1,
      0,
    ],
    ["a query of an index", () => query("o"), 0.5, 0],
    ["a query that finds nothing", () => query("nobody"), 0.5, 0],
    [
      "a transaction of three small puts, one of them in both indexes",
      () =>
        client.send(
          new TransactWriteItemsCommand({
            TransactItems: ["t1", "t2", "t3"].map((pk) => ({
              Put: { TableName, Item: { pk: S(pk), sk: S("1"), ...(pk === "t1" ? { owner: S("p") } : {}) } },
            })),
          }),
        ),
      0,
      10,
    ],
    [
      "a transaction that reads one item and one that does not exist",
      () =>
        client.send(
          new TransactGetItemsCommand({
            TransactItems: ["t1", "none"].map((pk) => ({
              Get: { TableName, Key: { pk: S(pk), sk: S("1") } },
            })),
          }),
        ),
      4,
      0,
    ],
    [
      "a batch of two puts, one of them in both indexes",
      () =>
        client.send(
          new BatchWriteItemCommand({
            RequestItems: {
              links: [
                { PutRequest: { Item: { pk: S("b1"), sk: S("1"), owner: S("q") } } },
                { PutRequest: { Item: { pk: S("b2"), sk: S("1") } } },
              ],
            },
          }),
        ),
      0,
      4,
    ],
    [
      "a batch get of two items and one that does not exist",
      () =>
        client.send(
          new BatchGetItemCommand({
            RequestItems: { links: { Keys: ["b1", "b2", "none"].map((pk) => ({ pk: S(pk), sk: S("1") })) } },
          }),
        ),
      1.5,
      0,
    ],
    [
      "a put whose condition fails",
      () =>
        client
          .send(
            new PutItemCommand({
              TableName,
              Item: { pk: S("u1"), sk: S("1") },
              ConditionExpression: "attribute_not_exists(pk)",
            }),
          )
          .catch(() => undefined),
      0,
      1,
    ],
    [
      "an update that moves an item from one index key to another",
      () =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: { pk: S("b1"), sk: S("1") },
            UpdateExpression: "SET #o = :o",
            ExpressionAttributeNames: { "#o": "owner" },
            ExpressionAttributeValues: { ":o": S("r") },
          }),
        ),
      0,
      5,
    ],
  ])("bills %s as AWS does", async (_, send, readUnits, writeUnits) => {
    await send();
    expect(lastUnits()).toMatchObject({ readUnits, writeUnits });
  });

  const query = (owner: string) =>
    client.send(
      new QueryCommand({
        TableName,
        IndexName: "byOwner",
        KeyConditionExpression: "#o = :o",
        ExpressionAttributeNames: { "#o": "owner" },
        ExpressionAttributeValues: { ":o": S(owner) },
      }),
    );

  it("passes DynamoDB's own errors on, with the item when it was asked for", async () => {
    await put("taken", { owner: S("first") });
    const again = client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: S("taken"), sk: S("1") },
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    await expect(again).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      Item: { owner: S("first") },
    });
  });

  it("deletes by TTL what has no part in an index, by the system's own time", async () => {
    const expires = { N: String(Math.floor(Date.now() / 1_000) - 60) };
    await put("ended", { expires });
    await put("ended-too", { expires, owner: S("ada") });
    const found = async (pk: string) =>
      (await client.send(new GetItemCommand({ TableName, Key: { pk: S(pk), sk: S("1") } }))).Item;
    await until(async () => !(await found("ended")) && !(await found("ended-too")));
  });

  it("deletes an item within seconds of its TTL, also when the clock is moved there", async () => {
    const inAnHour = Math.floor(running.clock.now() / 1_000) + 3_600;
    await put("mortal", { expires: { N: String(inAnHour) } });
    await put("later", { expires: { N: String(inAnHour + 7_200) } });
    running.clock.advance(3_700_000);
    const patient = new DynamoDBClient({ ...clientConfig(running), maxAttempts: 2 });
    const left = async () => {
      const { Items } = await patient.send(
        new ScanCommand({ TableName, FilterExpression: "attribute_exists(expires)" }),
      );
      return Items?.map((i) => i.pk?.S);
    };
    await until(async () => (await left())?.length === 1);
    expect(await left()).toEqual(["later"]);
    patient.destroy();
  });

  it("names every table it holds", async () => {
    const patient = new DynamoDBClient({ ...clientConfig(running), maxAttempts: 2 });
    expect((await patient.send(new ListTablesCommand({}))).TableNames).toEqual(["links"]);
    patient.destroy();
  });
});
