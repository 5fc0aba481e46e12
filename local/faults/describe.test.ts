import { expect, describe as group, it } from "vitest";
import type { AwsCall } from "../gateway/gateway.ts";
import { describe as about } from "./describe.ts";

const call = (
  changes: Partial<AwsCall> & { method?: string; path?: string; query?: string; body?: unknown },
): AwsCall => {
  const { method = "POST", path = "/", query = "", body = {}, ...rest } = changes;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = { method, path, query: new URLSearchParams(query), headers: {}, body: Buffer.from(text) };
  return {
    service: "dynamodb",
    protocol: "json-1.0",
    operation: "PutItem",
    gone: () => Promise.resolve(),
    request: { ...request, region: "eu-west-1", requestId: "r" },
    ...rest,
  };
};
const keyNames = new Map([["T", ["pk", "sk"]]]);
const S = (text: string) => ({ S: text });

group("what a call is about", () => {
  it.each<[string, unknown, string[], string[]]>([
    ["PutItem", { TableName: "T", Item: { name: S("n"), sk: S("b"), pk: S("a") } }, ["T"], ["a/b"]],
    [
      "GetItem",
      { TableName: "arn:aws:dynamodb:eu-west-1:1:table/T", Key: { pk: S("a"), sk: S("b") } },
      ["arn:aws:dynamodb:eu-west-1:1:table/T", "T"],
      ["a/b"],
    ],
    [
      "Query",
      { TableName: "T", KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("a") } },
      ["T"],
      ["a"],
    ],
    [
      "BatchWriteItem",
      {
        RequestItems: {
          T: [
            { PutRequest: { Item: { pk: S("a"), sk: S("1") } } },
            { DeleteRequest: { Key: { pk: S("b"), sk: S("2") } } },
          ],
        },
      },
      ["T"],
      ["a/1", "b/2"],
    ],
    ["BatchGetItem", { RequestItems: { T: { Keys: [{ pk: S("a"), sk: S("1") }] } } }, ["T"], ["a/1"]],
    [
      "TransactWriteItems",
      {
        TransactItems: [
          { Put: { TableName: "T", Item: { pk: S("a"), sk: S("1") } } },
          { Update: { TableName: "T", Key: { pk: S("b"), sk: S("2") } } },
        ],
      },
      ["T"],
      ["a/1", "b/2"],
    ],
  ])("DynamoDB %s", (operation, body, target, key) => {
    const found = about(call({ operation, body }), keyNames);
    expect(found.operation).toEqual([operation]);
    expect([...found.target].sort()).toEqual([...target].sort());
    expect(found.key).toEqual(key);
  });

  it.each<[string, Parameters<typeof call>[0], string, string, string]>([
    [
      "sqs",
      { operation: "SendMessage", body: { QueueUrl: "http://h/1/q", MessageGroupId: "g" } },
      "SendMessage",
      "q",
      "g",
    ],
    [
      "events",
      { operation: "PutEvents", body: { Entries: [{ EventBusName: "b", DetailType: "d" }] } },
      "PutEvents",
      "b",
      "d",
    ],
    [
      "sns",
      {
        protocol: "query",
        operation: "Publish",
        body: "Action=Publish&TopicArn=arn:aws:sns:r:1:t&Subject=s",
      },
      "Publish",
      "t",
      "s",
    ],
    [
      "lambda",
      { protocol: "rest-json", path: "/2015-03-31/functions/f/invocations", operation: "POST …" },
      "Invoke",
      "f",
      "",
    ],
    ["s3", { protocol: "rest-xml", method: "PUT", path: "/bucket/a%20b/c" }, "PutObject", "bucket", "a b/c"],
    [
      "s3",
      { protocol: "rest-xml", method: "PUT", path: "/bucket/k", query: "uploadId=1&partNumber=2" },
      "UploadPart",
      "bucket",
      "k",
    ],
    [
      "s3",
      { protocol: "rest-xml", method: "POST", path: "/bucket/k", query: "uploads" },
      "CreateMultipartUpload",
      "bucket",
      "k",
    ],
    [
      "s3",
      { protocol: "rest-xml", method: "POST", path: "/bucket/k", query: "uploadId=1" },
      "CompleteMultipartUpload",
      "bucket",
      "k",
    ],
    [
      "s3",
      { protocol: "rest-xml", method: "GET", path: "/bucket/", query: "list-type=2" },
      "ListObjectsV2",
      "bucket",
      "",
    ],
    [
      "s3",
      { protocol: "rest-xml", method: "GET", path: "/bucket/k", query: "tagging" },
      "GetObjectTagging",
      "bucket",
      "k",
    ],
    [
      "s3",
      { protocol: "rest-xml", method: "POST", path: "/bucket", query: "delete" },
      "DeleteObjects",
      "bucket",
      "",
    ],
  ])("%s %j is %s", (service, changes, operation, target, key) => {
    const found = about(call({ ...changes, service }), keyNames);
    expect(found.operation[0]).toBe(operation);
    expect(found.target).toContain(target);
    expect(found.key).toEqual(key === "" ? [] : [key]);
  });

  it.each(["", "null", "[]", "{", '"x"', '{"Item":null,"RequestItems":[1]}'])(
    "a body of %j is about nothing, and breaks nothing",
    (body) => {
      expect(about(call({ body }), keyNames)).toEqual({ operation: ["PutItem"], target: [], key: [] });
    },
  );

  it("looks no deeper than batches go", () => {
    const body = `${'{"x":'.repeat(2_000)}{"TableName":"deep"}${"}".repeat(2_000)}`;
    expect(about(call({ body }), keyNames).target).toEqual([]);
  });
});
