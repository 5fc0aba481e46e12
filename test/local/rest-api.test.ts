import { APIGatewayProxyEventSchema } from "@aws-lambda-powertools/parser/schemas";
import { afterEach, describe, expect, test } from "vitest";
import { API_ARN, API_ID, type Harness, resource, restApi, startHarness } from "./rest-fixture.ts";

let harness: Harness;
afterEach(() => harness.front.close());

const get = (path: string, init?: RequestInit) => fetch(`${harness.front.url}${path}`, init);
const eventOf = async (path: string, init?: RequestInit) => (await get(path, init)).json();

describe("routing", () => {
  const routes = {
    "GET /": { fn: "root" },
    "GET /links": { fn: "list" },
    "GET /links/new": { fn: "fresh" },
    "GET /links/{hash}": { fn: "one" },
    "GET /files/{path+}": { fn: "files" },
    "ANY /any": { fn: "any" },
  };
  const named = (name: string) => () => ({ statusCode: 200, body: name });
  const handlers = Object.fromEntries(
    ["root", "list", "fresh", "one", "files", "any"].map((n) => [n, named(n)]),
  );

  test("a static part goes before a parameter, a parameter before a greedy one", async () => {
    harness = await startHarness(restApi(routes), handlers);
    const answers = await Promise.all(
      ["/", "/links", "/links/", "/links/new", "/links/x1", "/files/a/b/c", "/any"].map(async (path) =>
        (await get(path)).text(),
      ),
    );
    expect(answers).toEqual(["root", "list", "list", "fresh", "one", "files", "any"]);
  });

  test("a path or method the API does not have is a missing authentication token", async () => {
    harness = await startHarness(restApi(routes), handlers);
    for (const [path, method] of [
      ["/nothing", "GET"],
      ["/links/a/b", "GET"],
      ["/files", "GET"],
      ["/links", "POST"],
    ] as const) {
      const reply = await get(path, { method });
      expect(reply.status, `${method} ${path}`).toBe(403);
      expect(reply.headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
      expect(await reply.json()).toEqual({ message: "Missing Authentication Token" });
    }
    expect(harness.calls).toEqual([]);
  });

  test("the API answers by its own host and by the local path, each with the stage", async () => {
    harness = await startHarness(restApi(routes), handlers);
    expect(await (await get(`/_aws/execute-api/${API_ID}/local/links/new`)).text()).toBe("fresh");
    const unknownStage = await get(`/_aws/execute-api/${API_ID}/prod/links`);
    expect([unknownStage.status, await unknownStage.json()]).toEqual([403, { message: "Forbidden" }]);
    expect((await get("/_aws/execute-api/zzz/local/links")).status).toBe(403);
  });

  test("HEAD on ANY reaches the function and is answered without a body", async () => {
    harness = await startHarness(restApi(routes), handlers);
    const reply = await get("/any", { method: "HEAD" });
    expect([reply.status, reply.headers.get("content-length"), await reply.text()]).toEqual([200, "3", ""]);
  });
});

describe("the proxy event", () => {
  test("has the exact v1 shape", async () => {
    harness = await startHarness(
      restApi({ "POST /links/{hash}": {} }, [], { stage: { variables: { color: "red" } } }),
    );
    const event = await eventOf("/links/a%2Bb?x=1&x=2&sp=a+b&e=%C3%A9&flag", {
      method: "POST",
      headers: {
        "x-one": "1",
        "Content-Type": "application/json",
        authorization: "Bearer t",
        "user-agent": "test/1",
      },
      body: '{"a":1}',
    });
    expect(APIGatewayProxyEventSchema.safeParse(event).error).toBeUndefined();
    expect(event).toMatchObject({
      resource: "/links/{hash}",
      path: "/links/a%2Bb",
      httpMethod: "POST",
      queryStringParameters: { x: "2", sp: "a b", e: "é", flag: "" },
      multiValueQueryStringParameters: { x: ["1", "2"], sp: ["a b"], e: ["é"], flag: [""] },
      pathParameters: { hash: "a%2Bb" },
      stageVariables: { color: "red" },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    expect(event.headers).toMatchObject({
      "x-one": "1",
      Authorization: "Bearer t",
      "User-Agent": "test/1",
      Host: `${API_ID}.execute-api.us-east-1.amazonaws.com`,
      "X-Forwarded-For": "127.0.0.1",
      "X-Forwarded-Port": "443",
      "X-Forwarded-Proto": "https",
    });
    expect(event.headers["X-Amzn-Trace-Id"]).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/,
    );
    expect(Object.keys(event.headers).map((k) => k.toLowerCase())).not.toContain("content-length");
    expect(event.multiValueHeaders["x-one"]).toEqual(["1"]);
    expect(event.requestContext).toMatchObject({
      accountId: "123456789012",
      apiId: API_ID,
      deploymentId: "dep123",
      domainName: `${API_ID}.execute-api.us-east-1.amazonaws.com`,
      domainPrefix: API_ID,
      httpMethod: "POST",
      path: "/local/links/a%2Bb",
      protocol: "HTTP/1.1",
      resourcePath: "/links/{hash}",
      stage: "local",
      identity: { sourceIp: "127.0.0.1", userAgent: "test/1", user: null, userArn: null, accessKey: null },
    });
    expect(event.requestContext.requestTime).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(event.requestContext).not.toHaveProperty("authorizer");
  });

  test("has null where there is nothing", async () => {
    harness = await startHarness(restApi({ "GET /": {} }));
    const event = await eventOf("/");
    expect(event).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      body: null,
    });
  });

  test("is not confused by names that every object has", async () => {
    harness = await startHarness(restApi({ "POST /": {} }));
    const headers = { constructor: "c", tostring: "t", "content-type": "constructor" };
    const event = await eventOf("/?constructor=1&__proto__=2&toString=3&hasOwnProperty", {
      method: "POST",
      headers,
      body: "b",
    });
    expect(Object.entries(event.queryStringParameters)).toEqual([
      ["constructor", "1"],
      ["__proto__", "2"],
      ["toString", "3"],
      ["hasOwnProperty", ""],
    ]);
    expect(event.headers).toMatchObject({ constructor: "c", tostring: "t" });
    expect(event.multiValueHeaders.tostring).toEqual(["t"]);
  });

  test("carries a binary body as base64 when its type is binary, and text otherwise", async () => {
    harness = await startHarness(restApi({ "POST /": {} }, [], { api: { binaryMediaTypes: ["image/*"] } }));
    const bytes = new Uint8Array([0xff, 0xd8, 0, 1]);
    const send = (type: string) =>
      eventOf("/", { method: "POST", headers: { "content-type": type }, body: bytes });
    expect(await send("image/png")).toMatchObject({ body: "/9gAAQ==", isBase64Encoded: true });
    expect((await send("text/plain")).isBase64Encoded).toBe(false);
  });
});

describe("the function's answer", () => {
  test("keeps status, headers, repeated headers and cookies", async () => {
    harness = await startHarness(restApi({ "GET /": { fn: "f" } }), {
      f: () => ({
        statusCode: "302",
        headers: { Location: "https://example.com/", "X-Flag": true, "x-both": "single" },
        multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"], "x-both": ["m"] },
      }),
    });
    const reply = await get("/", { redirect: "manual" });
    expect(reply.status).toBe(302);
    expect(reply.headers.get("location")).toBe("https://example.com/");
    expect(reply.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(reply.headers.get("x-flag")).toBe("true");
    expect(reply.headers.get("x-both")).toBe("m");
    expect(reply.headers.get("content-type")).toBe("application/json");
    expect(reply.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.headers.get("x-amz-apigw-id")).toBeTruthy();
    expect(reply.headers.get("x-amzn-trace-id")).toMatch(/^Root=1-/);
  });

  test("has reserved headers renamed and hop-by-hop headers dropped", async () => {
    harness = await startHarness(restApi({ "GET /": { fn: "f" } }), {
      f: () => ({
        statusCode: 401,
        headers: { "WWW-Authenticate": "Basic", "Transfer-Encoding": "chunked", Date: "x" },
        body: "{}",
      }),
    });
    const reply = await get("/");
    expect(reply.headers.get("x-amzn-remapped-www-authenticate")).toBe("Basic");
    expect(reply.headers.get("www-authenticate")).toBeNull();
    expect(reply.headers.get("x-amzn-remapped-date")).toBe("x");
    expect(reply.headers.get("transfer-encoding")).toBeNull();
  });

  test.each([
    ["nothing", undefined],
    ["text", "hello"],
    ["a list", [1]],
    ["an unknown key", { statusCode: 200, cookies: [] }],
    ["a body that is no text", { statusCode: 200, body: { a: 1 } }],
    ["a status that is no number", { statusCode: "fine" }],
    ["a numeric header", { statusCode: 200, headers: { a: 1 } }],
    ["a header that breaks the line", { statusCode: 200, headers: { a: "b\r\nSet-Cookie: c" } }],
  ])("is a 502 when it is %s", async (_, answer) => {
    harness = await startHarness(restApi({ "GET /": { fn: "f" } }), { f: () => answer });
    const reply = await get("/");
    expect([reply.status, await reply.json()]).toEqual([502, { message: "Internal server error" }]);
    expect(reply.headers.get("x-amzn-errortype")).toBe("InternalServerErrorException");
  });

  test("is a 502 when the function throws", async () => {
    harness = await startHarness(restApi({ "GET /": { fn: "f" } }), {
      f: () => {
        throw new Error("secret detail");
      },
    });
    const reply = await get("/");
    expect([reply.status, await reply.text()]).toEqual([
      502,
      '{"message": "Internal server error"}'.replace(": ", ":"),
    ]);
  });

  test("is sent as bytes only to a client that asks for a binary type first", async () => {
    harness = await startHarness(
      restApi({ "GET /": { fn: "f" } }, [], { api: { binaryMediaTypes: ["image/png"] } }),
      {
        f: () => ({
          statusCode: 200,
          headers: { "content-type": "image/png" },
          body: "/9gAAQ==",
          isBase64Encoded: true,
        }),
      },
    );
    const bytes = await (await get("/", { headers: { accept: "image/png,*/*" } })).bytes();
    expect([...bytes]).toEqual([0xff, 0xd8, 0, 1]);
    expect(await (await get("/", { headers: { accept: "*/*" } })).text()).toBe("/9gAAQ==");
  });

  test("is a 504 after 29 seconds", async () => {
    harness = await startHarness(restApi({ "GET /": { fn: "slow" } }), { slow: () => new Promise(() => {}) });
    const pending = get("/");
    await expect.poll(() => harness.calls.length).toBe(1);
    harness.clock.advance(28_900);
    await new Promise((resolve) => setImmediate(resolve));
    harness.clock.advance(200);
    const reply = await pending;
    expect([reply.status, await reply.json()]).toEqual([504, { message: "Endpoint request timed out" }]);
  });
});

describe("limits", () => {
  test("a body over 10 MB is refused, one of exactly 6 MB of event is too", async () => {
    harness = await startHarness(restApi({ "POST /": { fn: "f" } }), {
      f: () => ({ statusCode: 200, body: "ok" }),
    });
    const post = (bytes: number) => get("/", { method: "POST", body: "a".repeat(bytes) });
    const over = await post(10_485_761);
    expect([over.status, await over.json()]).toEqual([
      413,
      { message: "HTTP content length exceeded 10485760 bytes." },
    ]);
    expect((await post(10_485_760)).status).toBe(413);
    expect((await post(5_000_000)).status).toBe(200);
    expect(harness.calls).toHaveLength(1);
  });

  test("headers over 10,240 bytes are refused", async () => {
    harness = await startHarness(restApi({ "GET /": {} }));
    expect((await get("/", { headers: { "x-big": "a".repeat(10_200) } })).status).toBe(431);
    expect((await get("/", { headers: { "x-big": "a".repeat(9_000) } })).status).toBe(200);
  });
});

describe("what SST adds", () => {
  const at = { restApi: API_ID, resourceId: "res1", httpMethod: "OPTIONS" };
  const cors = [
    resource("aws:apigateway/method:Method", "cors", { ...at, authorization: "NONE" }),
    resource("aws:apigateway/integration:Integration", "corsI", {
      ...at,
      type: "MOCK",
      requestTemplates: { "application/json": "{ statusCode: 200 }" },
    }),
    resource("aws:apigateway/integrationResponse:IntegrationResponse", "corsR", {
      ...at,
      statusCode: "204",
      responseParameters: {
        "method.response.header.Access-Control-Allow-Headers": "'*'",
        "method.response.header.Access-Control-Allow-Methods": "'OPTIONS,GET,PUT,POST,DELETE,PATCH,HEAD'",
        "method.response.header.Access-Control-Allow-Origin": "'*'",
      },
    }),
    ...["4XX", "5XX"].map((kind) =>
      resource("aws:apigateway/response:Response", kind, {
        restApiId: API_ID,
        responseType: `DEFAULT_${kind}`,
        responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'*'" },
        responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
      }),
    ),
  ];

  test("answers a preflight from its mock integration without calling a function", async () => {
    harness = await startHarness(restApi({ "GET /links": {} }, cors));
    const reply = await get("/links", { method: "OPTIONS", headers: { origin: "https://a.example" } });
    expect(reply.status).toBe(204);
    expect(reply.headers.get("access-control-allow-origin")).toBe("*");
    expect(reply.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(harness.calls).toEqual([]);
  });

  test("gives refusals its CORS headers", async () => {
    harness = await startHarness(restApi({ "GET /links": {} }, cors));
    const reply = await get("/nothing");
    expect(reply.headers.get("access-control-allow-origin")).toBe("*");
    expect(await reply.text()).toBe('{"message":"Missing Authentication Token"}');
  });

  test("lets a gateway response choose its status and content type", async () => {
    const missing = resource("aws:apigateway/response:Response", "missing", {
      restApiId: API_ID,
      responseType: "MISSING_AUTHENTICATION_TOKEN",
      statusCode: "404",
      responseParameters: { "gatewayresponse.header.Content-Type": "'application/problem+json'" },
      responseTemplates: { "application/json": '{"status":404,"path":"$context.path"}' },
    });
    harness = await startHarness(restApi({ "GET /links": {} }, [...cors, missing]));
    const reply = await get("/nothing");
    expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(await reply.json()).toEqual({ status: 404, path: "/local/nothing" });
  });

  test("writes the access log of the stage", async () => {
    const format =
      '{"path":"$context.path","status":$context.status,"principal":"$context.authorizer.principalId","ms":$context.responseLatency}';
    const stage = { accessLogSettings: { destinationArn: "arn:aws:logs:x:y:log-group:api", format } };
    harness = await startHarness(restApi({ "GET /links": {} }, [], { stage }));
    await get("/links?secret=1");
    await expect.poll(() => harness.delivered.length).toBe(1);
    const [line] = harness.delivered;
    expect(line?.target).toBe("arn:aws:logs:x:y:log-group:api");
    expect(JSON.parse(line?.delivery.body ?? "")).toMatchObject({
      path: "/local/links",
      status: 200,
      principal: "-",
    });
    expect(line?.delivery.sourceArn).toBe(API_ARN);
  });
});

test("every request is one http span whose id is the parent the function is given", async () => {
  harness = await startHarness(restApi({ "GET /": {} }));
  await get("/");
  await expect.poll(() => harness.cloud.recorder.recent().length).toBe(1);
  const [span] = harness.cloud.recorder.recent();
  expect(span).toMatchObject({ kind: "http", node: API_ARN, name: "GET /", detail: { status: 200 } });
  expect(harness.calls[0]?.options).toMatchObject({
    trace: `Root=${span?.traceId};Parent=${span?.id};Sampled=1`,
    from: API_ARN,
  });
});
