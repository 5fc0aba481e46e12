import { expect, it } from "vitest";
import { createWriters } from "./writers.ts";

const table = (name: string, streamed: boolean) => ({
  name,
  arn: `arn:${name}`,
  ...(streamed && { streamArn: `arn:${name}/stream/1` }),
  hashKey: "pk",
  rangeKey: "sk",
  attributes: [],
  globals: [],
  locals: [],
});
const tables = new Map([
  ["books", table("books", true)],
  ["still", table("still", false)],
]);
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "1" } });

it.each([
  ["PutItem", { TableName: "books", Item: { ...key("a"), title: { S: "t" } } }],
  ["UpdateItem and DeleteItem", { TableName: "books", Key: key("a") }],
  ["BatchWriteItem", { RequestItems: { books: [{ PutRequest: { Item: key("a") } }] } }],
  ["TransactWriteItems", { TransactItems: [{ Update: { TableName: "books", Key: key("a") } }] }],
])("the trace of a %s is known by the item's key", (_, input) => {
  const writers = createWriters(tables);
  writers.note(input, "1-trace");
  expect(writers.of("books", key("a"))).toBe("1-trace");
  expect(writers.of("books", key("b"))).toBeUndefined();
});

it("only streamed tables are followed, the last writer counts, and old ones are forgotten", () => {
  const writers = createWriters(tables);
  writers.note({ TableName: "still", Key: key("a") }, "1-a");
  expect(writers.of("still", key("a"))).toBeUndefined();
  for (let i = 0; i <= 5_000; i++) writers.note({ TableName: "books", Key: key(`k${i}`) }, "1-a");
  writers.note({ TableName: "books", Key: key("k5000") }, "1-b");
  expect(writers.of("books", key("k0"))).toBeUndefined();
  expect(writers.of("books", key("k5000"))).toBe("1-b");
});
