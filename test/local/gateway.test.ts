import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import { DynamoDBClient, GetItemCommand, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localAddresses } from "../../local/gateway/addresses.ts";
import type { AwsRequest, AwsService } from "../../local/kit/cloud.ts";
import { sts } from "../../local/services/sts/sts.ts";
import { clientConfig, REGION, type Running, startCloud } from "./gateway-fixture.ts";

const received: AwsRequest[] = [];
const echo = (name: string): AwsService => ({
  name,
  async handle(request) {
    received.push(request);
    return {
      status: 200,
      headers: { "content-type": "application/x-amz-json-1.0" },
      body: "{}",
      node: `arn:${name}`,
    };
  },
});

describe("The AWS endpoint", () => {
  let running: Running;
  let refuse = false;
  beforeAll(async () => {
    running = await startCloud({
      services: [
        sts,
        () => echo("dynamodb"),
        () => echo("lambda"),
        () => echo("execute"),
        () => ({
          ...echo("broken"),
          handle: async () => {
            throw new Error("bug");
          },
        }),
      ],
      before: [
        () => (refuse ? { status: 400, code: "AccessDeniedException", message: "Not allowed" } : undefined),
      ],
    });
  });
  afterAll(() => running.stop());

  const list = (config: object = {}) => {
    const client = new DynamoDBClient({ ...clientConfig(running), ...config });
    return client.send(new ListTablesCommand({})).finally(() => client.destroy());
  };
  const signer = (service = "dynamodb", keys = running.cloud.credentials.developer) =>
    new SignatureV4({ service, region: REGION, credentials: keys, sha256: Sha256 });
  const hostname = "127.0.0.1";
  const unsigned = (more: object = {}) => ({
    method: "POST",
    protocol: "http:",
    hostname,
    port: running.gateway.port,
    path: "/",
    query: {},
    headers: {
      host: `${hostname}:${running.gateway.port}`,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.ListTables",
    },
    body: "{}",
    ...more,
  });
  type Signed = Awaited<ReturnType<SignatureV4["sign"]>>;
  const fetchSigned = async (r: Signed, body: string | undefined = r.body) => {
    const query = new URLSearchParams(r.query as Record<string, string>).toString().replaceAll("+", "%20");
    const { host: _, ...headers } = r.headers;
    return fetch(`${running.gateway.endpoint}${r.path}${query ? `?${query}` : ""}`, {
      method: r.method,
      headers,
      ...(r.method === "GET" ? {} : { body }),
    });
  };

  it("takes what the SDK signed and tells the service who called", async () => {
    await list();
    expect(received.at(-1)).toMatchObject({
      region: REGION,
      path: "/",
      caller: { accessKeyId: running.cloud.credentials.developer.accessKeyId },
    });
  });

  it("refuses a secret that is not the key's", async () => {
    const credentials = { ...running.cloud.credentials.developer, secretAccessKey: "guess" };
    await expect(list({ credentials })).rejects.toMatchObject({
      name: "InvalidSignatureException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  it("refuses a key it has never handed out", async () => {
    const credentials = { accessKeyId: "AKIANOBODY", secretAccessKey: "x" };
    await expect(list({ credentials })).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });

  it("calls the keys of an environment that has ended expired, and a foreign token invalid", async () => {
    const keys = running.cloud.credentials.issue({
      functionArn: "arn:f",
      roleArn: "arn:r",
      environmentId: "e1",
    });
    await list({ credentials: keys });
    const stolen = { ...keys, sessionToken: "other" };
    await expect(list({ credentials: stolen })).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    running.cloud.credentials.revoke(keys.accessKeyId);
    await expect(list({ credentials: keys })).rejects.toMatchObject({ name: "ExpiredTokenException" });
  });

  it.each([
    ["body", (r: Signed) => fetchSigned(r, '{"Limit":1}')],
    [
      "operation",
      (r: Signed) =>
        fetchSigned({ ...r, headers: { ...r.headers, "x-amz-target": "DynamoDB_20120810.DeleteTable" } }),
    ],
    ["path", (r: Signed) => fetchSigned({ ...r, path: "/other" })],
    ["query", (r: Signed) => fetchSigned({ ...r, query: { a: "1" } })],
  ])("refuses a request whose %s was altered after signing", async (_, send) => {
    const signed = await signer().sign(unsigned());
    expect((await fetchSigned(signed)).status).toBe(200);
    const answer = await send(signed);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: "InvalidSignatureException" });
  });

  it.each(["/a%20b/c/", "/%C3%A9/a%2Fb", "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations"])(
    "verifies the path %s as it was signed: encoded once more",
    async (path) => {
      const query = { b: "2", a: "x y~*'", "a-": "", B: "/" };
      const signed = await signer("lambda").sign({ ...unsigned(), path, query });
      expect((await fetchSigned(signed)).status).toBe(200);
    },
  );

  it("allows five minutes of skew and no more", async () => {
    const at = (minutes: number) => new Date(running.clock.now() + minutes * 60_000);
    const send = async (minutes: number) =>
      fetchSigned(await signer().sign(unsigned(), { signingDate: at(minutes) }));
    expect((await send(-4.9)).status).toBe(200);
    expect((await send(4.9)).status).toBe(200);
    for (const minutes of [-5.1, 5.1]) {
      const answer = await send(minutes);
      expect(answer.status).toBe(400);
      const { __type, message } = (await answer.json()) as { __type: string; message: string };
      expect(__type).toBe("InvalidSignatureException");
      expect(message).toMatch(minutes < 0 ? /^Signature expired/ : /^Signature not yet current/);
    }
  });

  it("tells the cloud's time in its answers, so that the SDK corrects its own after the clock was moved", async () => {
    const moved = await startCloud({ services: [() => echo("dynamodb")] });
    moved.clock.advance(3_600_000);
    const client = new DynamoDBClient({ ...clientConfig(moved), maxAttempts: 2 });
    await expect(client.send(new ListTablesCommand({}))).resolves.toBeDefined();
    await client.send(new ListTablesCommand({}));
    expect(moved.printed.filter((line) => line.includes("Signature expired"))).toHaveLength(1);
    client.destroy();
    await moved.stop();
  });

  it("takes a presigned request until it expires", async () => {
    const sign = (signingDate: Date) =>
      signer("execute").presign(
        { ...unsigned(), method: "GET", headers: { host: unsigned().headers.host }, body: undefined },
        { expiresIn: 60, signingDate },
      );
    const fresh = await sign(new Date(running.clock.now() - 50_000));
    expect((await fetchSigned(fresh as Signed)).status).toBe(200);
    const late = await fetchSigned((await sign(new Date(running.clock.now() - 61_000))) as Signed);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain("Request has expired");
    const longer = { ...fresh, query: { ...fresh.query, "X-Amz-Expires": "600" } };
    expect((await fetchSigned(longer as Signed)).status).toBe(403);
  });

  it("wants a signature, and one it can read", async () => {
    const plain = await fetchSigned(unsigned() as Signed);
    expect(await plain.json()).toMatchObject({ __type: "MissingAuthenticationTokenException" });
    const odd = unsigned();
    const basic = await fetchSigned({
      ...odd,
      headers: { ...odd.headers, authorization: "Basic eDp5" },
    } as unknown as Signed);
    expect(await basic.json()).toMatchObject({ __type: "IncompleteSignatureException" });
  });

  it("fails loudly, by name and without leaving the machine, when nothing local serves the call", async () => {
    const events = new EventBridgeClient(clientConfig(running));
    const sqs = new SQSClient(clientConfig(running));
    await expect(events.send(new PutEventsCommand({ Entries: [] }))).rejects.toMatchObject({
      message: expect.stringContaining('No local service answers "events" (PutEvents)'),
      $metadata: { httpStatusCode: 501 },
    });
    const QueueUrl = `${running.gateway.endpoint}/123456789012/orders`;
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }))).rejects.toMatchObject({
      message: expect.stringContaining('"sqs" (SendMessage)'),
    });
    expect(running.printed.join("\n")).toContain('"sqs" (SendMessage)');
    events.destroy();
    sqs.destroy();
  });

  it("is where an SQS client goes that knows the endpoint from its environment, once its queue's address is local", async () => {
    process.env.AWS_ENDPOINT_URL = running.gateway.endpoint;
    const { endpoint: _, ...config } = clientConfig(running);
    const sqs = new SQSClient(config);
    const QueueUrl = localAddresses(
      "https://sqs.eu-central-1.amazonaws.com/123456789012/orders",
      running.gateway.endpoint,
    );
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }))).rejects.toMatchObject({
      message: expect.stringContaining('"sqs" (SendMessage)'),
    });
    sqs.destroy();
    delete process.env.AWS_ENDPOINT_URL;
  });

  it("answers a service's own failure as AWS would, and prints where it came from", async () => {
    const answer = await fetchSigned(await signer("broken").sign(unsigned()));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ __type: "InternalFailure" });
    expect(running.printed.at(-1)).toContain("Error: bug");
  });

  it("lets a hook refuse a call before its service sees it", async () => {
    refuse = true;
    const before = received.length;
    await expect(list()).rejects.toMatchObject({ name: "AccessDeniedException" });
    refuse = false;
    expect(received).toHaveLength(before);
  });

  it("says who is calling, in the query protocol", async () => {
    const keys = running.cloud.credentials.issue({
      functionArn: "arn:aws:lambda:eu-central-1:123456789012:function:f",
      roleArn: "arn:aws:iam::123456789012:role/f-role",
      environmentId: "e2",
    });
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    const headers = { host: unsigned().headers.host, "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetchSigned(await signer("sts", keys).sign({ ...unsigned(), headers, body }));
    const text = await answer.text();
    expect(text).toContain("<Account>123456789012</Account>");
    expect(text).toContain("<Arn>arn:aws:sts::123456789012:assumed-role/f-role/f</Arn>");
  });

  it("records each call, with its parent and the environment that made it", async () => {
    const keys = running.cloud.credentials.issue({
      functionArn: "arn:f",
      roleArn: "arn:r",
      environmentId: "e3",
    });
    const trace = "Root=1-65000000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";
    const signed = await signer("dynamodb", keys).sign(unsigned());
    await fetchSigned({ ...signed, headers: { ...signed.headers, "x-amzn-trace-id": trace } });
    expect(running.cloud.recorder.recent().at(-1)).toMatchObject({
      traceId: "1-65000000-0123456789abcdef01234567",
      parentId: "0123456789abcdef",
      kind: "aws",
      node: "arn:dynamodb",
      from: "arn:f",
      name: "dynamodb:ListTables",
      detail: { status: 200, environmentId: "e3" },
    });
    expect(running.calls.at(-1)).toEqual({ environmentId: "e3", readUnits: 0, writeUnits: 0 });
  });

  it("takes streamed bodies and bodies that wait for leave to be sent", async () => {
    const client = new LambdaClient(clientConfig(running));
    const Payload = new Uint8Array(3_000_000).fill(32);
    await client.send(new InvokeCommand({ FunctionName: "f", Payload }));
    expect(received.at(-1)?.body.length).toBe(3_000_000);
    client.destroy();
    const signed = await signer().sign(unsigned());
    const lines = Object.entries({
      ...signed.headers,
      expect: "100-continue",
      "content-length": "2",
      connection: "close",
    });
    const socket = connect(running.gateway.port, hostname);
    socket.write(`POST / HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}`).join("\r\n")}\r\n\r\n`);
    let text = "";
    for await (const chunk of socket) {
      if (text === "") socket.write("{}");
      text += chunk;
    }
    expect(text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  });

  it("hands deliveries to whoever takes their ARN, functions by invocation, and none to nobody", async () => {
    const delivery = { body: '{"n":1}', sourceArn: "arn:aws:events:rule" };
    await running.cloud.deliver("arn:aws:lambda:eu-central-1:123456789012:function:f", delivery);
    expect(running.seen.at(-1)).toMatchObject({ event: { n: 1 }, options: { from: "arn:aws:events:rule" } });
    const queue = "arn:aws:sqs:eu-central-1:123456789012:q";
    await running.cloud.deliver(queue, delivery);
    expect(running.delivered.at(-1)).toMatchObject({ targetArn: queue, delivery });
    expect(running.cloud.recorder.recent().at(-1)).toMatchObject({
      kind: "deliver",
      node: queue,
      from: "arn:aws:events:rule",
    });
    await expect(running.cloud.deliver("arn:aws:kinesis:x", delivery)).rejects.toThrow("arn:aws:kinesis:x");
  });

  it("listens on the loopback alone", () => {
    expect(running.gateway.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("keeps an idle connection for ten minutes, and tells its client so", async () => {
    const headers = { connection: "keep-alive" };
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      get(running.gateway.endpoint, { headers }, resolve).on("error", reject);
    });
    reply.destroy();
    expect(reply.headers["keep-alive"]).toBe("timeout=600");
  });

  it("keeps a call's overhead small", async () => {
    const client = new DynamoDBClient(clientConfig(running));
    const times: number[] = [];
    for (let i = 0; i < 300; i++) {
      const start = performance.now();
      await client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: "a" } } }));
      times.push(performance.now() - start);
    }
    client.destroy();
    // the client's own signing and parsing are within it
    expect(times.sort((a, b) => a - b)[150]).toBeLessThan(10);
  });
});
