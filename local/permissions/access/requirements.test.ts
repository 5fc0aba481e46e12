import { describe, expect, test } from "vitest";
import type { AwsCall } from "../../gateway/gateway.ts";
import { readProtocol } from "../../gateway/protocol.ts";
import type { Graph, Resource } from "../../graph/graph.ts";
import type { AwsRequest } from "../../kit/cloud.ts";
import { OPERATIONS } from "../../services/s3/routes.ts";
import { s3 } from "./objects.ts";
import { requirements } from "./requirements.ts";

const resource = (type: string, name: string, inputs: object, outputs: object = {}): Resource => ({
  urn: `urn:${name}`,
  type,
  name,
  id: name,
  inputs: { ...inputs },
  outputs: { ...inputs, ...outputs },
});
const graph: Graph = {
  app: "a",
  stage: "s",
  region: "eu-west-1",
  accountId: "1",
  functions: [],
  outputs: {},
  resources: [
    resource(
      "aws:dynamodb/table:Table",
      "T",
      {
        name: "T",
        hashKey: "pk",
        rangeKey: "sk",
        globalSecondaryIndexes: [{ name: "byOwner", hashKey: "owner" }],
      },
      { streamArn: "arn:aws:dynamodb:eu-west-1:1:table/T/stream/label" },
    ),
    resource("aws:sesv2/emailIdentity:EmailIdentity", "I", { emailIdentity: "example.com" }),
    resource(
      "aws:secretsmanager/secret:Secret",
      "S",
      { name: "db" },
      {
        arn: "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf",
      },
    ),
    resource("aws:apigatewayv2/api:Api", "ws", { protocolType: "WEBSOCKET" }),
  ],
};

interface Sent {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** What a call needs, as `action resource`. */
const accesses = (service: string, { method = "POST", url = "/", headers = {}, body = "" }: Sent) => {
  const [path = "/", search] = url.split("?");
  const wire = { method, path, query: new URLSearchParams(search), headers, body: Buffer.from(body) };
  const request: AwsRequest = { ...wire, region: "eu-west-1", requestId: "r" };
  const call: AwsCall = { ...readProtocol(wire, service), service, request, gone: async () => {} };
  return requirements(call, graph);
};
const needs = (service: string, sent: Sent) =>
  accesses(service, sent)?.map(({ action, resource }) => `${action} ${resource}`);
const json = (target: string, input: object): Sent => ({
  headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" },
  body: JSON.stringify(input),
});
const dynamo = (operation: string, input: object) => json(`DynamoDB_20120810.${operation}`, input);
const form = (fields: Record<string, string>): Sent => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});
const table = "arn:aws:dynamodb:eu-west-1:1:table";
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "1" } });

describe("DynamoDB", () => {
  test.each<[string, object, string[]]>([
    ["GetItem", { TableName: "T" }, [`dynamodb:GetItem ${table}/T`]],
    ["PutItem", { TableName: `${table}/T` }, [`dynamodb:PutItem ${table}/T`]],
    ["Query", { TableName: "T", IndexName: "byOwner" }, [`dynamodb:Query ${table}/T/index/byOwner`]],
    [
      "BatchGetItem",
      { RequestItems: { T: {}, U: {} } },
      [`dynamodb:BatchGetItem ${table}/T`, `dynamodb:BatchGetItem ${table}/U`],
    ],
    [
      "TransactWriteItems",
      {
        TransactItems: [
          { Put: { TableName: "T" } },
          { Update: { TableName: "U" } },
          { ConditionCheck: { TableName: "T" } },
          { Delete: { TableName: "T" } },
        ],
      },
      [
        `dynamodb:PutItem ${table}/T`,
        `dynamodb:UpdateItem ${table}/U`,
        `dynamodb:ConditionCheckItem ${table}/T`,
        `dynamodb:DeleteItem ${table}/T`,
      ],
    ],
    ["TransactGetItems", { TransactItems: [{ Get: { TableName: "T" } }] }, [`dynamodb:GetItem ${table}/T`]],
    [
      "ExecuteStatement",
      { Statement: 'SELECT * FROM "T"."byOwner"' },
      [`dynamodb:PartiQLSelect ${table}/T/index/byOwner`],
    ],
    [
      "BatchExecuteStatement",
      { Statements: [{ Statement: "INSERT INTO T VALUE {}" }, { Statement: 'UPDATE "T" SET a=1' }] },
      [`dynamodb:PartiQLInsert ${table}/T`, `dynamodb:PartiQLUpdate ${table}/T`],
    ],
    ["ListTables", {}, ["dynamodb:ListTables *"]],
  ])("%s", (operation, input, expected) => {
    expect(needs("dynamodb", dynamo(operation, input))).toEqual(expected);
  });

  test("streams, by their ARN or by a shard iterator of the engine's", () => {
    const stream = `${table}/T/stream/label`;
    const ask = (operation: string, input: object) =>
      needs("dynamodb", json(`DynamoDBStreams_20120810.${operation}`, input));
    expect(ask("DescribeStream", { StreamArn: stream })).toEqual([`dynamodb:DescribeStream ${stream}`]);
    const ShardIterator = "000|arn:aws:dynamodb:ddblocal:000000000000:table/T/stream/2026|MDAw";
    expect(ask("GetRecords", { ShardIterator })).toEqual([`dynamodb:GetRecords ${stream}`]);
  });

  const keysOf = (operation: string, input: object) =>
    accesses("dynamodb", dynamo(operation, input))?.map(({ context }) => context?.()["dynamodb:LeadingKeys"]);

  test("tells the partition keys a call touches", () => {
    const owner = { IndexName: "byOwner", KeyConditionExpression: "#o = :o AND sk > :s" };
    expect(keysOf("GetItem", { TableName: "T", Key: key("a") })).toEqual([["a"]]);
    expect(keysOf("PutItem", { TableName: "T", Item: key("b") })).toEqual([["b"]]);
    expect(keysOf("BatchGetItem", { RequestItems: { T: { Keys: [key("a"), key("b")] } } })).toEqual([
      ["a", "b"],
    ]);
    const writes = [{ PutRequest: { Item: key("a") } }, { DeleteRequest: { Key: key("c") } }];
    expect(keysOf("BatchWriteItem", { RequestItems: { T: writes } })).toEqual([["a", "c"]]);
    expect(
      keysOf("Query", {
        TableName: "T",
        ...owner,
        ExpressionAttributeNames: { "#o": "owner" },
        ExpressionAttributeValues: { ":o": { S: "ann" }, ":s": { S: "x" } },
      }),
    ).toEqual([["ann"]]);
    expect(keysOf("Scan", { TableName: "T" })).toEqual([undefined]);
    const Parameters = [{ S: "x" }, { S: "ann" }];
    const Statement = 'SELECT * FROM "T" WHERE sk = ? AND "pk" = ?';
    expect(keysOf("ExecuteStatement", { Statement, Parameters })).toEqual([["ann"]]);
    const Statements = [{ Statement: "INSERT INTO T VALUE {'pk': 'it''s', 'sk': '1'}" }];
    expect(keysOf("BatchExecuteStatement", { Statements })).toEqual([["it's"]]);
  });
});

describe("S3, by request line and headers alone", () => {
  const object = "arn:aws:s3:::b/k%20/x".replace("%20", " ");
  test.each<[string, Sent, string[]]>([
    ["GET object", { method: "GET", url: "/b/k%20/x" }, [`s3:GetObject ${object}`]],
    ["GET version", { method: "GET", url: "/b/k%20/x?versionId=1" }, [`s3:GetObjectVersion ${object}`]],
    ["HEAD object", { method: "HEAD", url: "/b/k%20/x" }, [`s3:GetObject ${object}`]],
    ["GET tags", { method: "GET", url: "/b/a?tagging" }, ["s3:GetObjectTagging arn:aws:s3:::b/a"]],
    ["PUT object", { method: "PUT", url: "/b/a" }, ["s3:PutObject arn:aws:s3:::b/a"]],
    [
      "PUT with tags",
      { method: "PUT", url: "/b/a", headers: { "x-amz-tagging": "k=v" } },
      ["s3:PutObject arn:aws:s3:::b/a", "s3:PutObjectTagging arn:aws:s3:::b/a"],
    ],
    [
      "copy",
      { method: "PUT", url: "/b/a", headers: { "x-amz-copy-source": "/c/x%20y?versionId=1" } },
      ["s3:GetObjectVersion arn:aws:s3:::c/x y", "s3:PutObject arn:aws:s3:::b/a"],
    ],
    ["part", { method: "PUT", url: "/b/a?partNumber=1&uploadId=u" }, ["s3:PutObject arn:aws:s3:::b/a"]],
    ["abort", { method: "DELETE", url: "/b/a?uploadId=u" }, ["s3:AbortMultipartUpload arn:aws:s3:::b/a"]],
    ["list", { method: "GET", url: "/b?list-type=2&prefix=p" }, ["s3:ListBucket arn:aws:s3:::b"]],
    ["versions", { method: "GET", url: "/b?versions" }, ["s3:ListBucketVersions arn:aws:s3:::b"]],
    ["buckets", { method: "GET", url: "/" }, ["s3:ListAllMyBuckets *"]],
    ["lifecycle", { method: "DELETE", url: "/b?lifecycle" }, ["s3:PutLifecycleConfiguration arn:aws:s3:::b"]],
    [
      "virtual host",
      { method: "GET", url: "/a", headers: { host: "box.s3.eu-west-1.amazonaws.com" } },
      ["s3:GetObject arn:aws:s3:::box/a"],
    ],
  ])("%s", (_, sent, expected) => {
    expect(needs("s3", sent)).toEqual(expected);
  });

  test("whatever a request line may mean", () => {
    expect([...OPERATIONS].filter((operation) => !Object.hasOwn(s3, operation))).toEqual([]);
  });

  test("tells the prefix that is listed", () => {
    const [access] = accesses("s3", { method: "GET", url: "/b?list-type=2&prefix=p/&delimiter=/" }) ?? [];
    expect(access?.context?.()).toMatchObject({ "s3:prefix": "p/", "s3:delimiter": "/" });
  });
});

describe("other services", () => {
  const raw = Buffer.from("To: x\r\nFrom: Ann\r\n <ann@mail.example.com>\r\n\r\nhello").toString("base64");
  const identity = "arn:aws:ses:eu-west-1:1:identity/example.com";
  test.each<[string, string, Sent, string[] | undefined]>([
    [
      "a batch of messages needs the single permission",
      "sqs",
      json("AmazonSQS.SendMessageBatch", { QueueUrl: "http://127.0.0.1/1/q" }),
      ["sqs:SendMessage arn:aws:sqs:eu-west-1:1:q"],
    ],
    [
      "each event its own bus",
      "events",
      json("AWSEvents.PutEvents", { Entries: [{}, { EventBusName: "b" }] }),
      [
        "events:PutEvents arn:aws:events:eu-west-1:1:event-bus/default",
        "events:PutEvents arn:aws:events:eu-west-1:1:event-bus/b",
      ],
    ],
    [
      "a short message names its number",
      "sns",
      form({ Action: "Publish", PhoneNumber: "+491700000000" }),
      ["sns:Publish +491700000000"],
    ],
    [
      "a mail its identity, configuration set and template",
      "ses",
      {
        url: "/v2/email/outbound-emails",
        body: JSON.stringify({
          FromEmailAddress: "Ann <ann@example.com>",
          ConfigurationSetName: "c",
          Content: { Template: { TemplateName: "t" } },
        }),
      },
      [
        `ses:SendTemplatedEmail ${identity}`,
        "ses:SendTemplatedEmail arn:aws:ses:eu-west-1:1:configuration-set/c",
        "ses:SendTemplatedEmail arn:aws:ses:eu-west-1:1:template/t",
      ],
    ],
    [
      "a raw mail the identity of its From header",
      "ses",
      { url: "/v2/email/outbound-emails", body: JSON.stringify({ Content: { Raw: { Data: raw } } }) },
      [`ses:SendRawEmail ${identity}`],
    ],
    [
      "a mail of v1 the address, where no identity covers it",
      "ses",
      form({ Action: "SendEmail", Source: "bob@elsewhere.org" }),
      ["ses:SendEmail arn:aws:ses:eu-west-1:1:identity/bob@elsewhere.org"],
    ],
    [
      "a secret its whole ARN",
      "secretsmanager",
      json("secretsmanager.GetSecretValue", { SecretId: "db" }),
      ["secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf"],
    ],
    [
      "a parameter its path without the first slash",
      "ssm",
      json("AmazonSSM.GetParameters", { Names: ["/a/b", "c:3"] }),
      [
        "ssm:GetParameters arn:aws:ssm:eu-west-1:1:parameter/a/b",
        "ssm:GetParameters arn:aws:ssm:eu-west-1:1:parameter/c",
      ],
    ],
    [
      "an invocation the function with its qualifier",
      "lambda",
      { url: "/2015-03-31/functions/fn/invocations?Qualifier=live", body: "not json" },
      ["lambda:InvokeFunction arn:aws:lambda:eu-west-1:1:function:fn:live"],
    ],
    [
      "a new schedule its role passed on",
      "scheduler",
      {
        url: "/schedules/s",
        body: JSON.stringify({ GroupName: "g", Target: { RoleArn: "arn:aws:iam::1:role/r" } }),
      },
      [
        "scheduler:CreateSchedule arn:aws:scheduler:eu-west-1:1:schedule/g/s",
        "iam:PassRole arn:aws:iam::1:role/r",
      ],
    ],
    [
      "a log line its stream",
      "logs",
      json("Logs_20140328.PutLogEvents", { logGroupName: "/g", logStreamName: "s" }),
      ["logs:PutLogEvents arn:aws:logs:eu-west-1:1:log-group:/g:log-stream:s"],
    ],
    [
      "a message to a connection its API and stage",
      "execute-api",
      { url: "/_aws/execute-api/ws/dev/%40connections/AbC%3D", body: "x" },
      ["execute-api:ManageConnections arn:aws:execute-api:eu-west-1:1:ws/dev/POST/@connections/AbC="],
    ],
    ["whoever asks who it is needs nothing", "sts", form({ Action: "GetCallerIdentity" }), []],
    [
      "nor does a user signing in",
      "cognito-idp",
      json("AWSCognitoIdentityProviderService.InitiateAuth", {}),
      [],
    ],
    ["an operation that is not written down is unknown", "sqs", json("AmazonSQS.Teleport", {}), undefined],
    ["and so is a service", "kinesis", json("Kinesis_20131202.PutRecord", {}), undefined],
    ["nor is a property of every object an operation", "sqs", json("AmazonSQS.constructor", {}), undefined],
  ])("%s", (_, service, sent, expected) => {
    expect(needs(service, sent)).toEqual(expected);
  });
});
