import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import {
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../local/permissions/report.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";
import { until } from "./gateway-fixture.ts";

let app: Awaited<ReturnType<typeof startFixtureApp>>;
beforeAll(async () => {
  app = await startFixtureApp("guarded");
}, 180_000);
afterAll(() => app.stop());

const spec = (component: string) => {
  const found = app.cloud.graph.functions.find((f) => f.component === component);
  if (!found) throw new Error(`No function ${component}`);
  return found;
};
const resource = (type: string, name: string) => {
  const found = app.cloud.graph.resources.find((r) => r.type === type && r.name.startsWith(name));
  if (!found) throw new Error(`No ${type} ${name}`);
  return found;
};
const table = () => String(resource("aws:dynamodb/table:Table", "Papers").outputs.name);
const bucket = () => String(resource("aws:s3/bucket:Bucket", "Scans").outputs.bucket);
const queue = (name: string) => resource("aws:sqs/queue:Queue", name);
const queueUrl = (name: string) => String(queue(name).outputs.url);

/** What an SDK client needs to call as a function does; without one, as the developer. */
const as = (component?: string) => {
  const { credentials, endpoint } = app.cloud;
  const fn = component === undefined ? undefined : spec(component);
  const keys = fn
    ? credentials.issue({ functionArn: fn.arn, roleArn: fn.roleArn, environmentId: component ?? "" })
    : credentials.developer;
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  return {
    endpoint,
    region: "eu-west-1",
    maxAttempts: 1,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  };
};
const dynamo = (component?: string) => new DynamoDBClient(as(component));
const s3 = (component?: string) => new S3Client(as(component));
const sqs = (component?: string) => new SQSClient(as(component));
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "1" } });

/** The refusal of a call: name, status and message. */
const refusal = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (e: Error & { $metadata: { httpStatusCode: number } }) => e,
  );
  if (!error) throw new Error("The call was let through");
  return { name: error.name, status: error.$metadata?.httpStatusCode, message: error.message };
};
const who = (component: string) => {
  const { name, roleArn } = spec(component);
  return `arn:aws:sts::000000000000:assumed-role/${roleArn.split("/").at(-1)}/${name}`;
};

describe("a function that lacks a permission", () => {
  test("is refused in AWS's words, with the line of the stack that declares it", async () => {
    const tableArn = `arn:aws:dynamodb:eu-west-1:000000000000:table/${table()}`;
    expect(
      await refusal(dynamo("Nobody").send(new PutItemCommand({ TableName: table(), Item: key("ann") }))),
    ).toEqual({
      name: "AccessDeniedException",
      status: 400,
      message: `User: ${who("Nobody")} is not authorized to perform: dynamodb:PutItem on resource: ${tableArn} because no identity-based policy allows the dynamodb:PutItem action (${spec("Nobody").source})`,
    });
    expect(spec("Nobody").source).toMatch(/^stacks\/archive\.ts:\d+$/);
    const told = app.lines.find((line) => line.includes("dynamodb:PutItem on Papers"));
    expect(told).toContain(`✗ Nobody, ${spec("Nobody").source}`);
    expect(told).toContain("functions/idle.handler");
    expect(told).toContain('permissions: [{ actions: ["dynamodb:PutItem"], resources: [table.arn] }]');
  });

  test("has what is missing in its span", async () => {
    await refusal(sqs("Nobody").send(new ReceiveMessageCommand({ QueueUrl: queueUrl("Jobs") })));
    const span = app.cloud.recorder.recent().findLast((s) => s.name === "sqs:ReceiveMessage");
    expect(span).toMatchObject({
      from: spec("Nobody").arn,
      detail: { missing: { function: "Nobody", action: "sqs:ReceiveMessage", resource: "Jobs" } },
    });
  });

  test.each([
    [
      "SQS",
      () => sqs("Nobody").send(new SendMessageCommand({ QueueUrl: queueUrl("Jobs"), MessageBody: "x" })),
      /^AccessDenied/,
      /sqs:sendmessage on resource: arn:aws:sqs:.* because no identity-based policy allows the sqs:sendmessage action/,
    ],
    [
      "SNS",
      () =>
        new SNSClient(as("Nobody")).send(
          new PublishCommand({
            TopicArn: String(resource("aws:sns/topic:Topic", "Alerts").outputs.arn),
            Message: "x",
          }),
        ),
      /^AuthorizationError/,
      /SNS:Publish on resource: arn:aws:sns:.* because no identity-based policy allows the SNS:Publish action/,
    ],
    [
      "S3",
      () => s3("Nobody").send(new GetObjectCommand({ Bucket: bucket(), Key: "public/a" })),
      /^AccessDenied$/,
      /s3:GetObject on resource: "arn:aws:s3:::[^"]+\/public\/a" because no identity-based policy allows/,
    ],
    [
      "EventBridge",
      () =>
        new EventBridgeClient(as("Nobody")).send(
          new PutEventsCommand({ Entries: [{ Source: "a", DetailType: "b", Detail: "{}" }] }),
        ),
      /^AccessDeniedException$/,
      /events:PutEvents on resource: arn:aws:events:eu-west-1:000000000000:event-bus\/default because/,
    ],
  ])("is refused by %s as that service does", async (_, call, name, message) => {
    const refused = await refusal(call());
    expect(refused.name).toMatch(name);
    expect(refused.message).toMatch(message);
    expect(refused.message).not.toContain(process.cwd());
  });
});

describe("a permission", () => {
  test("of a table is none of its index, and the other way round", async () => {
    await dynamo("Reader").send(new GetItemCommand({ TableName: table(), Key: key("ann") }));
    const query = { TableName: table(), ExpressionAttributeValues: { ":a": { S: "ann" } } };
    await dynamo("Reader").send(
      new QueryCommand({ ...query, IndexName: "byAuthor", KeyConditionExpression: "author = :a" }),
    );
    const refused = await refusal(
      dynamo("Reader").send(new QueryCommand({ ...query, KeyConditionExpression: "pk = :a" })),
    );
    expect(refused.message).toMatch(/dynamodb:Query on resource: arn:[^ ]+table\/[^ /]+ because/);
  });

  test("of an item's own partition key lets nobody else's through, alone or within a transaction", async () => {
    const author = dynamo("Author");
    const put = (pk: string) => ({ TableName: table(), Item: key(pk) });
    await author.send(new PutItemCommand(put("ann")));
    expect((await refusal(author.send(new PutItemCommand(put("bob"))))).name).toBe("AccessDeniedException");
    const transaction = (pk: string) =>
      new TransactWriteItemsCommand({ TransactItems: [{ Put: put("ann") }, { Put: put(pk) }] });
    expect((await refusal(author.send(transaction("bob")))).message).toContain("dynamodb:PutItem");
    const query = (pk: string) =>
      new QueryCommand({
        TableName: table(),
        KeyConditionExpression: "#k = :k",
        ExpressionAttributeNames: { "#k": "pk" },
        ExpressionAttributeValues: { ":k": { S: pk } },
      });
    expect((await author.send(query("ann"))).Count).toBe(1);
    await refusal(author.send(query("bob")));
  });

  test("of one action is none of a batch or a statement that does the same", async () => {
    const keys = { RequestItems: { [table()]: { Keys: [key("ann")] } } };
    await dynamo("Reader").send(new BatchGetItemCommand(keys));
    expect((await refusal(dynamo("Author").send(new BatchGetItemCommand(keys)))).message).toContain(
      "dynamodb:BatchGetItem",
    );
    const statement = new ExecuteStatementCommand({
      Statement: `SELECT * FROM "${table()}" WHERE pk = 'ann'`,
    });
    expect((await refusal(dynamo("Reader").send(statement))).message).toContain("dynamodb:PartiQLSelect");
  });

  test("is taken away by an explicit deny, whose line is told", async () => {
    await dynamo("Keeper").send(new GetItemCommand({ TableName: table(), Key: key("ann") }));
    const refused = await refusal(
      dynamo("Keeper").send(new DeleteItemCommand({ TableName: table(), Key: key("ann") })),
    );
    expect(refused.message).toContain(
      "with an explicit deny in an identity-based policy (stacks/archive.ts:",
    );
  });

  test("of a bucket's list holds for the prefix it names, of objects for their keys", async () => {
    await s3("Reader").send(new ListObjectsV2Command({ Bucket: bucket(), Prefix: "public/a" }));
    await refusal(s3("Reader").send(new ListObjectsV2Command({ Bucket: bucket() })));
    const put = (Key: string) => new PutObjectCommand({ Bucket: bucket(), Key, Body: "x" });
    await s3("Author").send(put("drafts/1"));
    expect((await refusal(s3("Author").send(put("public/1")))).message).toContain('/public/1"');
    await s3().send(put("public/1"));
    await s3("Reader").send(new GetObjectCommand({ Bucket: bucket(), Key: "public/1" }));
  });

  test("is asked for each key of a batch of deletions", async () => {
    const Objects = [{ Key: "drafts/1" }, { Key: "public/1" }];
    const done = await s3("Author").send(new DeleteObjectsCommand({ Bucket: bucket(), Delete: { Objects } }));
    expect(done.Deleted?.map((d) => d.Key)).toEqual(["drafts/1"]);
    expect(done.Errors).toMatchObject([{ Key: "public/1", Code: "AccessDenied" }]);
  });
});

describe("a queue's own policy", () => {
  const open = () => queueUrl("Open");

  test("lets in whom it names, though the role may nothing", async () => {
    const send = new SendMessageBatchCommand({ QueueUrl: open(), Entries: [{ Id: "1", MessageBody: "x" }] });
    expect((await sqs("Desk").send(send)).Successful).toHaveLength(1);
    expect((await refusal(sqs("Nobody").send(send))).message).toContain("sqs:sendmessage");
  });

  test("denies what the role's own policies allow", async () => {
    const refused = await refusal(sqs("Keeper").send(new PurgeQueueCommand({ QueueUrl: open() })));
    expect(refused.message).toContain("with an explicit deny in a resource-based policy (stacks/archive.ts:");
  });
});

describe("a secret", () => {
  const vault = (component?: string) => new SecretsManagerClient(as(component));
  const store = (component?: string) => new SSMClient(as(component));
  beforeAll(async () => {
    for (const Name of ["gate", "vault"])
      await vault().send(new CreateSecretCommand({ Name, SecretString: `${Name}-value` }));
    await store().send(new PutParameterCommand({ Name: "/vault", Value: "vault-value", Type: "String" }));
  });

  test("made by API is read by its name under a policy that states the whole ARN", async () => {
    const { SecretString } = await vault("Porter").send(new GetSecretValueCommand({ SecretId: "gate" }));
    expect(SecretString).toBe("gate-value");
    await refusal(vault("Porter").send(new GetSecretValueCommand({ SecretId: "vault" })));
  });

  test.each([
    ["by a filter", { Filters: [{ Key: "name" as const, Values: ["gate", "vault"] }] }],
    ["by name", { SecretIdList: ["gate", "vault"] }],
  ])("found %s among many is refused alone, as an error beside the others", async (_, input) => {
    const found = await vault("Porter").send(new BatchGetSecretValueCommand(input));
    expect(found.SecretValues?.map((one) => one.SecretString)).toEqual(["gate-value"]);
    expect(found.Errors).toMatchObject([{ ErrorCode: "AccessDeniedException" }]);
    expect(found.Errors?.[0]?.Message).toContain("secretsmanager:GetSecretValue");
  });

  test("read through the Parameter Store needs the permission to read it", async () => {
    const by = (name: string) => `/aws/reference/secretsmanager/${name}`;
    const get = (Name: string) =>
      store("Porter").send(new GetParameterCommand({ Name, WithDecryption: true }));
    expect((await get(by("gate"))).Parameter?.Value).toBe("gate-value");
    const refused = await refusal(get(by("vault")));
    expect(refused.name).toBe("AccessDeniedException");
    expect(refused.message).toContain("secretsmanager:GetSecretValue");
    const Names = [by("gate"), by("vault")];
    await refusal(store("Porter").send(new GetParametersCommand({ Names, WithDecryption: true })));
  });

  test("that is a denied parameter stays so, whatever version of its ARN is named", async () => {
    const get = (Name: string) => refusal(store("Porter").send(new GetParameterCommand({ Name })));
    const arn = "arn:aws:ssm:eu-west-1:000000000000:parameter/vault";
    for (const name of ["/vault", "/vault:1", arn, `${arn}:1`])
      expect((await get(name)).name).toBe("AccessDeniedException");
  });
});

describe("what AWS would do of itself", () => {
  test("is asked for at the start, and what is missing is told with its line", () => {
    const told = app.lines.filter((line) => line.startsWith("✗")).join("\n");
    expect(told).toMatch(
      /✗ Printed → Jobs \(stacks\/mistakes\.ts:\d+\): User: events\.amazonaws\.com is not authorized to perform: sqs:sendmessage/,
    );
    expect(told).toMatch(/✗ Daily → Woken \(stacks\/mistakes\.ts:\d+\): .*lambda:InvokeFunction/);
    expect(told).toMatch(/✗ Alerts → Quiet \(stacks\/mistakes\.ts:\d+\): User: sns\.amazonaws\.com/);
    expect(told).toMatch(
      /✗ DeafMapping \(stacks\/mistakes\.ts:\d+\) polls nothing, and could not be deployed/,
    );
    expect(told).toContain("does not have permissions to call sqs:ReceiveMessage");
  });

  test("is not done: a rule's event goes to its dead-letter queue, as without permission on AWS", async () => {
    const EventBusName = String(resource("aws:cloudwatch/eventBus:EventBus", "News").outputs.name);
    const Entries = [{ EventBusName, Source: "archive", DetailType: "printed", Detail: '{"paper":1}' }];
    expect(
      (await new EventBridgeClient(as("Author")).send(new PutEventsCommand({ Entries }))).FailedEntryCount,
    ).toBe(0);
    const letter = await until(async () => {
      const found = await sqs().send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl("Lost"), MessageAttributeNames: ["All"] }),
      );
      return found.Messages?.[0];
    });
    expect(letter.MessageAttributes?.ERROR_CODE?.StringValue).toBe("NO_PERMISSIONS");
    const waiting = await sqs().send(new ReceiveMessageCommand({ QueueUrl: queueUrl("Jobs") }));
    expect(waiting.Messages ?? []).toEqual([]);
  });

  test("invokes no function whose policy does not let it in", async () => {
    const { lambda } = app.cloud;
    const from = "arn:aws:s3:::some-bucket";
    await expect(lambda.invoke(spec("Woken").arn, {}, { from })).rejects.toThrow(
      /s3\.amazonaws\.com is not authorized to perform: lambda:InvokeFunction/,
    );
    expect((await lambda.invoke(spec("Woken").arn, { a: 1 })).payload).toEqual({ a: 1 });
  });
});

test("the report tells what was used, what was not, and what was refused", async () => {
  const report = (await (await fetch(`${app.url}/_local/permissions`)).json()) as Report;
  const grants = report.holders.find((holder) => holder.name === "Reader")?.grants ?? [];
  const uses = (action: string) => grants.find((grant) => grant.action === action);
  expect(uses("dynamodb:GetItem")).toMatchObject({ resource: "Papers", source: spec("Reader").source });
  expect(uses("dynamodb:GetItem")?.uses).toBeGreaterThan(0);
  expect(uses("dynamodb:Query")).toMatchObject({ resource: "Papers/index/byAuthor", uses: 1 });
  const author = report.holders.find((holder) => holder.name === "Author");
  expect(author?.grants.find((grant) => grant.action === "dynamodb:UpdateItem")?.uses).toBe(0);
  expect(report.denials).toContainEqual(
    expect.objectContaining({ who: "Nobody", action: "dynamodb:PutItem", resource: "Papers" }),
  );
});
