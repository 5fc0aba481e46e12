import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterEach, describe, expect, it } from "vitest";
import { newTraceId } from "../../local/kit/recorder.ts";
import { resource } from "./gateway-fixture.ts";
import { connect, refused } from "./websocket-client.ts";
import {
  API,
  type Functions,
  type Routes,
  type Sockets,
  socketApi,
  startSockets,
} from "./websocket-harness.ts";

let desk: Sockets;
const start = async (routes: Routes, functions: Functions = {}, stage = {}, extra = [] as never[]) => {
  desk = await startSockets(socketApi(routes, stage, extra), functions);
};
afterEach(() => desk?.stop());

const ALLOW = { Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: "*" }] };
const ID = /^[\w-]{15}=$/;
const all: Routes = {
  $connect: {},
  $disconnect: { fn: "leave" },
  $default: { two: true },
  say: { two: true, fn: "say" },
};

describe("events", () => {
  it("have the shape of API Gateway's, for each of the three kinds", async () => {
    await start(
      { $connect: { fn: "greet" }, $disconnect: { fn: "leave" }, say: { fn: "say" } },
      { greet: () => ({ statusCode: 200 }) },
      { stageVariables: { tier: "x" } },
    );
    const headers = {
      "User-Agent": "t/1",
      Origin: "https://a.example",
      "X-Amzn-Trace-Id": `Root=${newTraceId(1e12)}`,
    };
    const client = await connect(`${desk.url}?a=1&a=2`, { headers });
    client.say({ action: "say", text: "ü" });
    await expect.poll(() => desk.events("say").length).toBe(1);
    client.socket.close(3_001, "done");
    await expect.poll(() => desk.events("leave").length).toBe(1);
    const [[greet], [say], [leave]] = [desk.events("greet"), desk.events("say"), desk.events("leave")];
    const common = {
      apiId: API,
      stage: "live",
      messageDirection: "IN",
      domainName: `${API}.execute-api.eu-central-1.amazonaws.com`,
      connectionId: expect.stringMatching(ID),
      requestId: expect.stringMatching(ID),
      extendedRequestId: expect.stringMatching(ID),
      connectedAt: expect.any(Number),
      requestTimeEpoch: expect.any(Number),
      requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      identity: { sourceIp: "127.0.0.1", userAgent: "t/1" },
    };
    expect(greet).toEqual({
      headers: expect.objectContaining({
        Host: common.domainName,
        Origin: "https://a.example",
        "Sec-WebSocket-Version": "13",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "X-Amzn-Trace-Id": headers["X-Amzn-Trace-Id"],
      }),
      multiValueHeaders: expect.objectContaining({ Origin: ["https://a.example"] }),
      queryStringParameters: { a: "2" },
      multiValueQueryStringParameters: { a: ["1", "2"] },
      stageVariables: { tier: "x" },
      requestContext: { ...common, routeKey: "$connect", eventType: "CONNECT" },
      isBase64Encoded: false,
    });
    expect(greet?.headers).not.toHaveProperty("Upgrade");
    expect(say).toEqual({
      stageVariables: { tier: "x" },
      requestContext: {
        ...common,
        routeKey: "say",
        eventType: "MESSAGE",
        messageId: expect.stringMatching(ID),
      },
      body: '{"action":"say","text":"ü"}',
      isBase64Encoded: false,
    });
    expect(leave).toEqual({
      headers: { Host: common.domainName, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" },
      multiValueHeaders: expect.any(Object),
      stageVariables: { tier: "x" },
      requestContext: {
        ...common,
        routeKey: "$disconnect",
        eventType: "DISCONNECT",
        disconnectStatusCode: 3_001,
        disconnectReason: "done",
      },
      isBase64Encoded: false,
    });
    expect(new Set([greet, say, leave].map((event) => event?.requestContext.connectionId)).size).toBe(1);
  });

  it.each([
    [
      "closes without a code",
      (socket: { close(): void }) => socket.close(),
      1005,
      "Client-side close frame status code not set",
    ],
    [
      "goes without a word",
      (socket: { terminate(): void }) => socket.terminate(),
      1006,
      "Connection closed abnormally",
    ],
  ])("$disconnect is told of a client that %s", async (_, leave, code, reason) => {
    await start(all);
    const client = await connect(desk.url);
    leave(client.socket);
    await expect
      .poll(() => desk.events("leave")[0]?.requestContext)
      .toMatchObject({ disconnectStatusCode: code, disconnectReason: reason });
  });
});

describe("routes", () => {
  it("go by the selection expression, and everything else to $default", async () => {
    await start(all, { say: ({ body }) => ({ statusCode: 200, body: `say ${body}` }) });
    const client = await connect(desk.url);
    for (const message of [
      '{"action":"say"}',
      '{"action":"other"}',
      "no JSON",
      '{"action":"$connect"}',
      '{"action":"$disconnect"}',
    ]) {
      client.say(message);
      expect(await client.next()).toBe(message === '{"action":"say"}' ? `say ${message}` : message);
    }
  });

  it("without $default a message is refused to its sender, who stays connected", async () => {
    await start({ say: { two: true } });
    const client = await connect(desk.url);
    client.say("lost");
    expect(await client.nextJson()).toEqual({
      message: "Forbidden",
      connectionId: expect.stringMatching(ID),
      requestId: expect.stringMatching(ID),
    });
    client.say({ action: "say" });
    expect(await client.next()).toBe('{"action":"say"}');
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["answers with no object", () => "text"],
    ["answers nothing", () => undefined],
    ["answers a status that is none", () => ({ statusCode: "many" })],
  ])(
    "a function that %s gives an internal server error, whether or not the route answers",
    async (_, say) => {
      await start({ say: { fn: "say" } }, { say });
      const client = await connect(desk.url);
      client.say({ action: "say" });
      expect(await client.nextJson()).toMatchObject({ message: "Internal server error" });
    },
  );

  it("one-way routes send nothing back, and an empty body is no message either", async () => {
    await start(
      { one: { fn: "echo" }, two: { two: true, fn: "silent" }, end: { two: true } },
      { silent: () => ({ statusCode: 200 }) },
    );
    const client = await connect(desk.url);
    client.say({ action: "one" });
    client.say({ action: "two" });
    client.say({ action: "end" });
    expect(await client.next()).toBe('{"action":"end"}');
  });

  it("MOCK answers by its templates, and a slow function is given 29 seconds", async () => {
    const { promise: never } = Promise.withResolvers();
    const extra = [
      resource("aws:apigatewayv2/integrationResponse:IntegrationResponse", "pong", {
        apiId: API,
        integrationId: "to ping",
        integrationResponseKey: "$default",
        responseTemplates: { $default: '{"pong":"$context.routeKey"}' },
      }),
    ];
    const routes = {
      ping: {
        two: true,
        integration: { integrationType: "MOCK", requestTemplates: { "200": '{"statusCode":200}' } },
      },
      slow: { fn: "slow" },
    };
    desk = await startSockets(socketApi(routes, {}, extra), { slow: () => never });
    const client = await connect(desk.url);
    client.say({ action: "ping" });
    expect(await client.nextJson()).toEqual({ pong: "ping" });
    client.say({ action: "slow" });
    await expect.poll(() => desk.events("slow").length).toBe(1);
    desk.clock.advance(29_000);
    expect(await client.nextJson()).toMatchObject({ message: "Endpoint request timed out" });
  });

  it("HTTP_PROXY hands a message to a server, with what the integration maps", async () => {
    const asked: unknown[] = [];
    const server = createServer(async (request, reply) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      asked.push({ method: request.method, url: request.url, id: request.headers["x-connection"], body });
      reply.writeHead(request.url?.startsWith("/down") ? 503 : 200).end(`got ${body}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const proxy = (integrationUri: string) => ({
      two: true,
      integration: {
        integrationType: "HTTP_PROXY",
        integrationUri,
        integrationMethod: "PUT",
        requestParameters: {
          "integration.request.header.X-Connection": "context.connectionId",
          "integration.request.querystring.room": "route.request.body.room",
        },
      },
    });
    await start({ up: proxy(`${base}/up`), gone: proxy("http://127.0.0.1:1/") });
    const client = await connect(desk.url);
    client.say('{"action":"up","room":"7"}');
    expect(await client.next()).toBe('got {"action":"up","room":"7"}');
    expect(asked).toEqual([
      { method: "PUT", url: "/up?room=7", id: expect.stringMatching(ID), body: '{"action":"up","room":"7"}' },
    ]);
    client.say({ action: "gone" });
    expect(await client.nextJson()).toMatchObject({ message: "Internal server error" });
    server.close();
  });

  it("that require an API key take it from the handshake", async () => {
    const plan = { quotaSettings: { limit: 3, period: "DAY" }, apiStages: [{ apiId: API, stage: "live" }] };
    const extra = [
      resource("aws:apigateway/apiKey:ApiKey", "key", { value: "k".repeat(20) }),
      resource("aws:apigateway/usagePlan:UsagePlan", "plan", plan),
      resource("aws:apigateway/usagePlanKey:UsagePlanKey", "link", { keyId: "key", usagePlanId: "plan" }),
    ];
    const routes = { ...all, $connect: { apiKeyRequired: true }, say: { two: true, apiKeyRequired: true } };
    desk = await startSockets(socketApi(routes, {}, extra));
    expect((await refused(desk.url)).status).toBe(403);
    const client = await connect(desk.url, { headers: { "x-api-key": "k".repeat(20) } });
    for (let i = 0; i < 3; i++) client.say({ action: "say" });
    expect(await client.next()).toBe('{"action":"say"}');
    expect(await client.next()).toBe('{"action":"say"}');
    expect(await client.nextJson()).toMatchObject({ message: "Limit Exceeded" });
  });

  it("throttles by route and by stage", async () => {
    const limits = { throttlingRateLimit: 1, throttlingBurstLimit: 1 };
    await start(
      all,
      { say: () => ({ statusCode: 200, body: "said" }) },
      { routeSettings: [{ routeKey: "say", ...limits }] },
    );
    const client = await connect(desk.url);
    client.say({ action: "say" });
    client.say({ action: "say" });
    client.say("free");
    expect(await client.next()).toBe("said");
    expect(await client.nextJson()).toMatchObject({ message: "Too Many Requests" });
    expect(await client.next()).toBe("free");
    desk.clock.advance(1_000);
    client.say({ action: "say" });
    expect(await client.next()).toBe("said");
  });
});

describe("the handshake", () => {
  const guarded: Routes = {
    ...all,
    $connect: { authorizationType: "CUSTOM", authorizerId: "auth", fn: "greet" },
  };
  const admit = () => ({
    principalId: "u1",
    policyDocument: ALLOW,
    context: { plan: "gold", seats: 2, ok: true },
  });
  const greet = () => ({ statusCode: 200 });
  const tenant = { headers: { "X-Tenant": "t" } };

  it("asks the authorizer once, and carries its context to every event of the connection", async () => {
    await start(guarded, { admit, greet });
    const client = await connect(`${desk.url}?token=x`, tenant);
    client.say("hello");
    await client.next();
    client.socket.close();
    await expect.poll(() => desk.events("leave").length).toBe(1);
    const context = { principalId: "u1", plan: "gold", seats: "2", ok: "true" };
    for (const fn of ["greet", "echo", "leave"]) {
      expect(desk.events(fn)[0]?.requestContext.authorizer, fn).toMatchObject(context);
    }
    expect(desk.events("admit")).toHaveLength(1);
    expect(desk.events("admit")[0]).toMatchObject({
      type: "REQUEST",
      methodArn: expect.stringMatching(
        new RegExp(`^arn:aws:execute-api:eu-central-1:\\d{12}:${API}/live/\\$connect$`),
      ),
      headers: { Connection: "upgrade", Upgrade: "websocket", "content-length": "0", "X-Tenant": "t" },
      queryStringParameters: { token: "x" },
      stageVariables: {},
      requestContext: {
        eventType: "CONNECT",
        connectionId: desk.events("greet")[0]?.requestContext.connectionId,
      },
    });
  });

  it("asks anew for every connection: a WebSocket API keeps no results", async () => {
    await start(guarded, { admit, greet });
    for (let i = 0; i < 3; i++) (await connect(`${desk.url}?token=x`, tenant)).socket.terminate();
    expect(desk.events("admit")).toHaveLength(3);
  });

  it.each([
    ["without one of its identities", "", tenant],
    ["with an empty one", "?token=", tenant],
    ["without the header", "?token=x", {}],
  ])("is 401 %s, and the authorizer is not asked", async (_, query, options) => {
    await start(guarded, { admit, greet });
    expect((await refused(desk.url + query, options)).status).toBe(401);
    expect(desk.seen).toEqual([]);
  });

  it.each([
    [
      "denies",
      () => ({
        principalId: "u",
        policyDocument: { Statement: [{ Action: "*", Effect: "Deny", Resource: "*" }] },
      }),
      403,
    ],
    [
      "allows another route",
      () => ({
        principalId: "u",
        policyDocument: {
          Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: "*/other" }],
        },
      }),
      403,
    ],
    [
      "says Unauthorized",
      () => {
        throw new Error("Unauthorized");
      },
      401,
    ],
    [
      "fails",
      () => {
        throw new Error("?");
      },
      500,
    ],
    ["answers nothing", () => undefined, 500],
    ["hands on a map", () => ({ ...admit(), context: { a: {} } }), 500],
    ["hands on more than 8 KB", () => ({ ...admit(), context: { a: "x".repeat(9_000) } }), 500],
  ])("when the authorizer %s, nobody connects or disconnects", async (_, verdict, status) => {
    await start(guarded, { admit: verdict, greet });
    const refusal = await refused(`${desk.url}?token=x`, tenant);
    expect(refusal.status).toBe(status);
    expect(desk.seen).toHaveLength(1);
  });

  it.each([
    ["answers 404", () => ({ statusCode: 404, body: "no such room" }), 404],
    [
      "throws",
      () => {
        throw new Error("?");
      },
      502,
    ],
    ["answers nothing", () => undefined, 502],
  ])("when $connect %s, the client is told, and $disconnect is not", async (_, handler, status) => {
    await start({ ...all, $connect: { fn: "greet" } }, { greet: handler });
    expect((await refused(desk.url)).status).toBe(status);
    expect(desk.events("leave")).toEqual([]);
  });

  it("by IAM takes a signed query or signed headers, and nothing altered", async () => {
    await start({ ...all, $connect: { authorizationType: "AWS_IAM", fn: "greet" } }, { greet });
    const { accessKeyId, secretAccessKey } = desk.cloud.credentials.developer;
    const signer = new SignatureV4({
      credentials: { accessKeyId, secretAccessKey },
      region: "eu-central-1",
      service: "execute-api",
      sha256: Sha256,
    });
    const { host, hostname, port, pathname: path } = new URL(desk.url);
    const request = { method: "GET", protocol: "ws:", hostname, port: Number(port), path, headers: { host } };
    const { query = {} } = await signer.presign({ ...request, query: { room: "7" } });
    const signed = `${desk.url}?${new URLSearchParams(query as Record<string, string>)}`;
    const client = await connect(signed);
    client.say("x");
    await client.next();
    expect(desk.events("echo")[0]?.requestContext.identity).toMatchObject({
      sourceIp: "127.0.0.1",
      caller: accessKeyId,
      accountId: expect.stringMatching(/^\d{12}$/),
    });
    const { headers } = await signer.sign(request);
    expect((await connect(desk.url, { headers })).socket.readyState).toBe(1);
    expect((await refused(signed.replace("room=7", "room=8"))).status).toBe(403);
    expect((await refused(desk.url)).status).toBe(403);
    desk.clock.advance(3_600_000);
    expect((await refused(signed)).status).toBe(403);
  });

  it("speaks the subprotocol that $connect names, and none otherwise", async () => {
    const named = ({ headers }: { headers?: Record<string, string> }) => ({
      statusCode: 200,
      ...(headers?.["Sec-WebSocket-Protocol"]?.includes("v2")
        ? { headers: { "sec-websocket-protocol": "v2" } }
        : {}),
    });
    await start({ ...all, $connect: { fn: "greet" } }, { greet: named });
    expect((await connect(desk.url, {}, ["v1", "v2"])).socket.protocol).toBe("v2");
    await expect(connect(desk.url, {}, ["v1"])).rejects.toThrow("Server sent no subprotocol");
  });

  it.each([
    ["another stage", "/_aws/execute-api/sock3t/other", 403],
    ["a path below the stage", "/_aws/execute-api/sock3t/live/x", 403],
    ["an API that is none", "/_aws/execute-api/none/live", 426],
    ["an address too long", `/_aws/execute-api/sock3t/live?${"x".repeat(4_096)}`, 414],
  ])("at %s is refused", async (_, path, status) => {
    await start(all);
    expect((await refused(`ws://127.0.0.1:${desk.port}${path}`)).status).toBe(status);
  });

  it("answers to the API's own host name and custom domain, and to no other name", async () => {
    const extra = [
      resource("aws:apigatewayv2/apiMapping:ApiMapping", "map", {
        apiId: API,
        domainName: "ws.example.com",
        stage: "live",
        apiMappingKey: "v1",
      }),
    ];
    desk = await startSockets(socketApi(all, {}, extra));
    const at = (path: string, host: string) =>
      connect(`ws://127.0.0.1:${desk.port}${path}`, { headers: { Host: host } });
    for (const [path, host] of [
      ["/live", `${API}.execute-api.eu-central-1.amazonaws.com`],
      ["/v1", "ws.example.com"],
    ] as const) {
      const client = await at(path, host);
      client.say("x");
      expect(await client.next()).toBe("x");
      expect(desk.events("echo").at(-1)?.requestContext.domainName).toBe(host);
    }
    await expect(at(`/_aws/execute-api/${API}/live`, "evil.example")).rejects.toThrow("426");
  });
});
