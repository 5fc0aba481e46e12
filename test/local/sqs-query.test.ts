import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readProtocol } from "../../local/gateway/protocol.ts";
import { requirements } from "../../local/permissions/access/requirements.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import { type Harness, queue, queueArn, redriveTo, startHarness } from "./sqs-harness.ts";

// Debian's AWS CLI 2.9 speaks SQS's protocol of before November 2023, as SDKs of its age do.

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({
    resources: [queue("loans", redriveTo("dead", 1)), queue("dead"), queue("lane.fifo")],
    services: [sqs],
  });
});
afterAll(() => harness.stop());

const cli = async (...args: string[]): Promise<string> => {
  const { accessKeyId, secretAccessKey } = harness.cloud.credentials.developer;
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: "eu-central-1",
    AWS_EC2_METADATA_DISABLED: "true",
    HOME: "/nonexistent",
  };
  const all = ["--endpoint-url", harness.cloud.endpoint, "--output", "json", "sqs", ...args];
  return (await promisify(execFile)("/usr/bin/aws", all, { env })).stdout;
};
const json = async (...args: string[]) => JSON.parse((await cli(...args)) || "{}");

/** A form, signed as the developer. */
const post = async (path: string, form: Record<string, string>) => {
  const { host, hostname, port } = new URL(harness.cloud.endpoint);
  const body = new URLSearchParams(form).toString();
  const headers = { host, "content-type": "application/x-www-form-urlencoded" };
  const signer = new SignatureV4({
    service: "sqs",
    region: "eu-central-1",
    credentials: harness.cloud.credentials.developer,
    sha256: Sha256,
  });
  const request = { method: "POST", protocol: "http:", hostname, port: Number(port), path, headers, body };
  const signed = await signer.sign(request);
  const answer = await fetch(harness.cloud.endpoint + path, {
    method: "POST",
    headers: signed.headers,
    body,
  });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
};

it("a message goes through the old CLI with its attributes of every type, and is deleted", async () => {
  const url = harness.url("loans");
  const given = {
    Kind: { DataType: "String", StringValue: 'a <b> & "c"' },
    Count: { DataType: "Number", StringValue: "7" },
    Raw: { DataType: "Binary", BinaryValue: Buffer.from([0, 1, 254]).toString("base64") },
  };
  const sent = await json(
    ...["send-message", "--queue-url", url, "--message-body", "<ä>\r\n&", "--delay-seconds", "0"],
    ...["--message-attributes", JSON.stringify(given)],
  );
  const { Messages } = await json(
    ...[
      "receive-message",
      "--queue-url",
      url,
      "--attribute-names",
      "SentTimestamp",
      "ApproximateReceiveCount",
    ],
    ...["--message-attribute-names", "All", "--max-number-of-messages", "10", "--visibility-timeout", "60"],
  );
  expect(Messages).toEqual([
    {
      MessageId: sent.MessageId,
      ReceiptHandle: expect.any(String),
      MD5OfBody: sent.MD5OfMessageBody,
      Body: "<ä>\r\n&",
      Attributes: { SentTimestamp: expect.stringMatching(/^\d{13}$/), ApproximateReceiveCount: "1" },
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes: given,
    },
  ]);
  const handle = ["--queue-url", url, "--receipt-handle", Messages[0].ReceiptHandle];
  await cli("change-message-visibility", ...handle, "--visibility-timeout", "120");
  await cli("delete-message", ...handle);
  const { Attributes } = await json("get-queue-attributes", "--queue-url", url, "--attribute-names", "All");
  expect(Attributes).toMatchObject({
    QueueArn: queueArn("loans"),
    ApproximateNumberOfMessages: "0",
    ApproximateNumberOfMessagesNotVisible: "0",
  });
});

it("a batch is answered entry by entry, and each fails for itself", async () => {
  const url = harness.url("lane.fifo");
  const answer = await json(
    ...["send-message-batch", "--queue-url", url, "--entries"],
    JSON.stringify([
      { Id: "a", MessageBody: "1", MessageGroupId: "g", MessageDeduplicationId: "1" },
      { Id: "b", MessageBody: "2", MessageGroupId: "g" },
      { Id: "c", MessageBody: "3", MessageGroupId: "g", MessageDeduplicationId: "3", DelaySeconds: 5 },
    ]),
  );
  expect(answer.Successful).toEqual([
    {
      Id: "a",
      MessageId: expect.any(String),
      MD5OfMessageBody: expect.any(String),
      SequenceNumber: expect.any(String),
    },
  ]);
  expect(answer.Failed).toMatchObject([
    { Id: "b", SenderFault: true, Code: "InvalidParameterValue" },
    { Id: "c", SenderFault: true, Code: "InvalidParameterValue" },
  ]);
  const { Messages } = await json("receive-message", "--queue-url", url, "--attribute-names", "All");
  const handles = [
    { Id: "x", ReceiptHandle: Messages[0].ReceiptHandle },
    { Id: "y", ReceiptHandle: "no handle" },
  ];
  expect(Messages[0].Attributes).toMatchObject({ MessageGroupId: "g", MessageDeduplicationId: "1" });
  const entries = ["--queue-url", url, "--entries"];
  const changed = handles.map((entry) => ({ ...entry, VisibilityTimeout: 90 }));
  expect(await json("change-message-visibility-batch", ...entries, JSON.stringify(changed))).toMatchObject({
    Successful: [{ Id: "x" }],
    Failed: [{ Id: "y" }],
  });
  expect(await json("delete-message-batch", ...entries, JSON.stringify(handles))).toMatchObject({
    Successful: [{ Id: "x" }],
    Failed: [{ Id: "y", SenderFault: true, Code: "ReceiptHandleIsInvalid" }],
  });
});

it("queues are made, changed, tagged, listed, purged and deleted", async () => {
  const made = await json(
    ...["create-queue", "--queue-name", "made", "--attributes", "VisibilityTimeout=45,DelaySeconds=0"],
    ...["--tags", "team=books,stage=x"],
  );
  const url = ["--queue-url", made.QueueUrl];
  expect(made.QueueUrl).toBe(harness.url("made"));
  expect(await json("get-queue-url", "--queue-name", "made")).toEqual(made);
  expect(await json("list-queues", "--queue-name-prefix", "ma")).toEqual({ QueueUrls: [made.QueueUrl] });
  expect(await cli("list-queues", "--queue-name-prefix", "nothing")).toBe("");
  const first = await json("list-queues", "--no-paginate", "--max-results", "1");
  expect(first).toEqual({ QueueUrls: [harness.url("dead")], NextToken: expect.any(String) });
  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 3 });
  await cli("set-queue-attributes", ...url, "--attributes", JSON.stringify({ RedrivePolicy: redrivePolicy }));
  expect(
    await json("get-queue-attributes", ...url, "--attribute-names", "RedrivePolicy", "VisibilityTimeout"),
  ).toEqual({ Attributes: { RedrivePolicy: redrivePolicy, VisibilityTimeout: "45" } });
  const sources = await json("list-dead-letter-source-queues", "--queue-url", harness.url("dead"));
  expect(sources).toEqual({ queueUrls: [harness.url("loans"), made.QueueUrl] });
  await cli("tag-queue", ...url, "--tags", "more=1");
  await cli("untag-queue", ...url, "--tag-keys", "stage");
  expect(await json("list-queue-tags", ...url)).toEqual({ Tags: { team: "books", more: "1" } });
  await cli("send-message", ...url, "--message-body", "to be purged");
  await cli("purge-queue", ...url);
  expect(await cli("receive-message", ...url)).toBe("");
  await cli("delete-queue", ...url);
  await expect(cli("get-queue-url", "--queue-name", "made")).rejects.toThrow(
    "(AWS.SimpleQueueService.NonExistentQueue)",
  );
});

it("a message that is received too often is a dead letter, and can be moved back", async () => {
  const url = ["--queue-url", harness.url("loans")];
  await cli("send-message", ...url, "--message-body", "poison");
  await json("receive-message", ...url, "--visibility-timeout", "0");
  expect(await cli("receive-message", ...url)).toBe("");
  const dead = await json(
    "receive-message",
    "--queue-url",
    harness.url("dead"),
    "--attribute-names",
    "All",
    "--visibility-timeout",
    "0",
  );
  expect(dead.Messages[0].Attributes.DeadLetterQueueSourceArn).toBe(queueArn("loans"));
  // this CLI is older than the operation
  const started = await post("/", { Action: "StartMessageMoveTask", SourceArn: queueArn("dead") });
  expect(started.text).toMatch(/<StartMessageMoveTaskResult><TaskHandle>\w+=*<\/TaskHandle>/);
  await expect
    .poll(() => post("/", { Action: "ListMessageMoveTasks", SourceArn: queueArn("dead"), MaxResults: "5" }))
    .toMatchObject({ text: expect.stringContaining("<ListMessageMoveTasksResultEntry><Status>COMPLETED<") });
  expect((await json("receive-message", ...url)).Messages[0].Body).toBe("poison");
});

it("a queue is named by the path of a form as well", async () => {
  const sent = await post("/000000000000/dead", { Action: "SendMessage", MessageBody: "by path" });
  expect(sent).toMatchObject({ status: 200, type: "text/xml" });
  expect(sent.text).toContain('<SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">');
  const form = "Action=SendMessage&MessageBody=x";
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const request = {
    method: "POST",
    path: "/000000000000/dead",
    query: new URLSearchParams(),
    headers,
    body: Buffer.from(form),
    region: "eu-central-1",
    requestId: "r",
  };
  const call = { ...readProtocol(request, "sqs"), service: "sqs", request, gone: () => Promise.resolve() };
  expect(requirements(call, harness.cloud.graph)).toEqual([
    { action: "sqs:SendMessage", resource: queueArn("dead") },
  ]);
});

it.each([
  [
    "no queue of that name",
    { Action: "ReceiveMessage", QueueUrl: "http://x/1/none" },
    400,
    "AWS.SimpleQueueService.NonExistentQueue",
  ],
  ["no queue at all", { Action: "ReceiveMessage" }, 400, "MissingParameter"],
  [
    "a number that is none",
    { Action: "ReceiveMessage", QueueUrl: "dead", WaitTimeSeconds: "soon" },
    400,
    "InvalidParameterValue",
  ],
  [
    "a text that is a structure",
    { Action: "SendMessage", "QueueUrl.a": "x", "MessageBody.b": "y" },
    400,
    "MissingParameter",
  ],
  [
    "an attribute without a type",
    {
      Action: "SendMessage",
      QueueUrl: "dead",
      MessageBody: "x",
      "MessageAttribute.1.Name": "a",
      "MessageAttribute.1.Value.DataType.x": "y",
    },
    400,
    "InvalidParameterValue",
  ],
  [
    "an empty batch",
    { Action: "SendMessageBatch", QueueUrl: "dead" },
    400,
    "AWS.SimpleQueueService.EmptyBatchRequest",
  ],
  [
    "JavaScript's own names",
    { Action: "constructor", "__proto__.1.Name": "x" },
    400,
    "AWS.SimpleQueueService.UnsupportedOperation",
  ],
  [
    "a form that nests too deeply",
    { Action: "ListQueues", [`${"a.".repeat(20)}b`]: "1" },
    400,
    "InvalidParameterValue",
  ],
])("%s is refused in the words of the old protocol", async (_, form, status, code) => {
  const answer = await post("/", form as Record<string, string>);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(`<Error><Type>Sender</Type><Code>${code}</Code><Message>`);
});

it("the second purge within a minute is refused with the old status", async () => {
  const form = { Action: "PurgeQueue", QueueUrl: "lane.fifo" };
  const first = await post("/", form);
  expect(first.text).not.toContain("PurgeQueueResult");
  expect(await post("/", form)).toMatchObject({
    status: 403,
    text: expect.stringContaining("<Code>AWS.SimpleQueueService.PurgeQueueInProgress</Code>"),
  });
});
