import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import {
  API_ID,
  type Handlers,
  type Harness,
  invokeUri,
  resource,
  restApi,
  startHarness,
} from "./rest-fixture.ts";

let harness: Harness;
afterEach(() => harness.front.close());

const get = (path: string, init?: RequestInit) => fetch(`${harness.front.url}${path}`, init);
const arn = (path: string) => `arn:aws:execute-api:us-east-1:123456789012:${API_ID}/local/${path}`;
const authorizer = (inputs: Record<string, unknown>): Resource =>
  resource("aws:apigateway/authorizer:Authorizer", "auth1", {
    restApi: API_ID,
    authorizerUri: invokeUri("authorize"),
    ...inputs,
  });
const allow = (Resource: string | string[], extra: Record<string, unknown> = {}) => ({
  principalId: "user-1",
  policyDocument: {
    Version: "2012-10-17",
    Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource }],
  },
  ...extra,
});
const guarded = { authorization: "CUSTOM", authorizerId: "auth1" };
const bearer = (token: string) => ({ headers: { authorization: token } });

describe("a TOKEN authorizer", () => {
  const routes = { "GET /mine": guarded, "GET /mine/{id}": guarded, "DELETE /mine/{id}": guarded };
  const start = (authorize: Handlers[string], inputs: Record<string, unknown> = {}) =>
    startHarness(restApi(routes, [authorizer({ type: "TOKEN", ...inputs })]), { authorize });
  const asked = () => harness.calls.filter((call) => call.fn === "authorize");

  test("is given the token and the method's ARN, and its context reaches the function as text", async () => {
    harness = await start(() => allow("*", { context: { tenant: "t1", level: 3, admin: true } }));
    const event = await (await get("/mine/a%20b", bearer("Bearer x"))).json();
    expect(asked()[0]?.event).toEqual({
      type: "TOKEN",
      methodArn: arn("GET/mine/a%20b"),
      authorizationToken: "Bearer x",
    });
    expect(event.requestContext.authorizer).toMatchObject({
      principalId: "user-1",
      tenant: "t1",
      level: "3",
      admin: "true",
      integrationLatency: expect.any(Number),
    });
  });

  test("is not called without a token, or with one that does not look right", async () => {
    harness = await start(() => allow("*"), { identityValidationExpression: "Bearer [a-z]+" });
    for (const init of [undefined, bearer("Basic x"), bearer("Bearer 123")]) {
      const reply = await get("/mine", init);
      expect([reply.status, await reply.json()]).toEqual([401, { message: "Unauthorized" }]);
    }
    expect(asked()).toEqual([]);
  });

  test("answers once per token within its TTL, then is asked again", async () => {
    harness = await start(() => allow("*"), { authorizerResultTtlInSeconds: 60 });
    await get("/mine", bearer("a"));
    await get("/mine/1", bearer("a"));
    await get("/mine", bearer("b"));
    expect(asked()).toHaveLength(2);
    harness.clock.advance(60_001);
    await get("/mine", bearer("a"));
    expect(asked()).toHaveLength(3);
  });

  test("is asked every time when its TTL is 0", async () => {
    harness = await start(() => allow("*"), { authorizerResultTtlInSeconds: 0 });
    await get("/mine", bearer("a"));
    await get("/mine", bearer("a"));
    expect(asked()).toHaveLength(2);
  });

  test("has its cached policy applied to each method anew", async () => {
    harness = await start(() => allow([arn("GET/mine/*"), arn("GET/mine")]));
    expect((await get("/mine/1", bearer("a"))).status).toBe(200);
    const denied = await get("/mine/1", { method: "DELETE", ...bearer("a") });
    expect([denied.status, await denied.json()]).toEqual([
      403,
      { Message: "User is not authorized to access this resource" },
    ]);
    expect(denied.headers.get("x-amzn-errortype")).toBe("AccessDeniedException");
    expect(asked()).toHaveLength(1);
  });

  test("may deny in so many words", async () => {
    const Statement = [
      { Action: "*", Effect: "Allow", Resource: "*" },
      { Action: "execute-api:Invoke", Effect: "Deny", Resource: arn("*/mine") },
    ];
    harness = await start(() => ({ principalId: "u", policyDocument: { Statement } }));
    const reply = await get("/mine", bearer("a"));
    expect([reply.status, await reply.json()]).toEqual([
      403,
      { Message: "User is not authorized to access this resource with an explicit deny" },
    ]);
  });

  test.each([
    [
      "throws Unauthorized",
      () => Promise.reject(new Error("Unauthorized")),
      401,
      { message: "Unauthorized" },
    ],
    ["throws anything else", () => Promise.reject(new Error("db down")), 500, { message: null }],
    ["answers without a policy", () => ({ principalId: "u" }), 500, { message: null }],
    ["puts a map into its context", () => allow("*", { context: { a: {} } }), 500, { message: null }],
  ])("that %s refuses the call", async (_, authorize, status, body) => {
    harness = await start(authorize);
    const reply = await get("/mine", bearer("a"));
    expect([reply.status, await reply.json()]).toEqual([status, body]);
  });
});

describe("a REQUEST authorizer", () => {
  const start = (authorize: Handlers[string]) =>
    startHarness(
      restApi({ "GET /mine": guarded }, [
        authorizer({
          type: "REQUEST",
          identitySource: "method.request.header.X-Tenant, method.request.querystring.key",
        }),
      ]),
      { authorize },
    );

  test("is given the whole request, and caches by all its sources together", async () => {
    harness = await start(() => allow("*"));
    const ask = (tenant: string, key: string) => get(`/mine?key=${key}`, { headers: { "x-tenant": tenant } });
    expect((await ask("t1", "k1")).status).toBe(200);
    expect((await ask("t1", "k2")).status).toBe(200);
    expect((await ask("t1", "k1")).status).toBe(200);
    const asked = harness.calls.filter((call) => call.fn === "authorize");
    expect(asked).toHaveLength(2);
    expect(asked[0]?.event).toMatchObject({
      type: "REQUEST",
      methodArn: arn("GET/mine"),
      resource: "/mine",
      path: "/mine",
      httpMethod: "GET",
      headers: { "x-tenant": "t1" },
      queryStringParameters: { key: "k1" },
      pathParameters: {},
      stageVariables: {},
      requestContext: { stage: "local", apiId: API_ID },
    });
  });

  test("is not called when one of its sources is missing", async () => {
    harness = await start(() => allow("*"));
    expect((await get("/mine?key=k", {})).status).toBe(401);
    expect((await get("/mine", { headers: { "x-tenant": "t" } })).status).toBe(401);
    expect(harness.calls).toEqual([]);
  });
});

test("a Cognito authorizer takes ID tokens of its pool, access tokens for scopes, and hands on the claims", async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256" };
  const server = createServer((_, reply) => reply.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const pool = "us-east-1_pool";
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = (
    claims: Record<string, unknown>,
    issuer = `https://cognito-idp.us-east-1.amazonaws.com/${pool}`,
  ) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .setIssuer(issuer)
      .setExpirationTime("1h")
      .sign(privateKey);
  const cognito = { authorization: "COGNITO_USER_POOLS", authorizerId: "auth1" };
  harness = await startHarness(
    restApi({ "GET /id": cognito, "GET /scoped": { ...cognito, authorizationScopes: ["links/read"] } }, [
      authorizer({
        type: "COGNITO_USER_POOLS",
        providerArns: [`arn:aws:cognito-idp:us-east-1:1:userpool/${pool}`],
      }),
    ]),
    {},
    {},
    endpoint,
  );
  const id = await token({ sub: "u1", token_use: "id", email_verified: true });
  const access = await token({ sub: "u1", token_use: "access", scope: "openid links/read" });
  const event = await (await get("/id", bearer(`Bearer ${id}`))).json();
  expect(event.requestContext.authorizer.claims).toMatchObject({ sub: "u1", email_verified: "true" });
  expect((await get("/id", bearer(access))).status).toBe(401);
  expect((await get("/scoped", bearer(access))).status).toBe(200);
  expect((await get("/scoped", bearer(await token({ token_use: "access", scope: "openid" })))).status).toBe(
    401,
  );
  expect((await get("/id", bearer(await token({ token_use: "id" }, "https://evil.example")))).status).toBe(
    401,
  );
  harness.clock.advance(3_700_000);
  expect((await get("/id", bearer(id))).status).toBe(401);
  server.close();
});

describe("IAM", () => {
  const iam = { "GET /iam": { authorization: "AWS_IAM" }, "GET /other": { authorization: "AWS_IAM" } };
  const Statement = [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: arn("GET/iam") }];
  const role = {
    name: "good",
    assumeRolePolicy: {},
    inlinePolicies: [{ name: "inline", policy: { Statement } }],
  };

  test("refuses the unsigned, the wrongly signed and the not allowed, and tells the function who called", async () => {
    harness = await startHarness(
      [...restApi(iam), resource("aws:iam/role:Role", "good", role, { arn: "arn:aws:iam::1:role/good" })],
      {},
      {
        rest: {
          verifySigV4: async (request) => {
            const signed = request.headers.find(([name]) => name.toLowerCase() === "authorization")?.[1];
            if (signed === "bad") return { error: "The request signature we calculated does not match." };
            return {
              caller: {
                accessKeyId: signed ?? "",
                secretAccessKey: "s",
                roleArn: "arn:aws:iam::1:role/good",
                functionArn: `arn:aws:lambda:us-east-1:1:function:${signed}`,
              },
            };
          },
        },
      },
      undefined,
      true,
    );
    expect((await get("/iam")).status).toBe(403);
    expect((await get("/iam", bearer("bad"))).headers.get("x-amzn-errortype")).toBe(
      "InvalidSignatureException",
    );
    expect((await (await get("/other", bearer("good"))).json()).Message).toContain(
      "not authorized to perform: execute-api:Invoke",
    );
    const event = await (await get("/iam", bearer("good"))).json();
    expect(event.requestContext.identity).toMatchObject({
      accessKey: "good",
      userArn: "arn:aws:iam::1:role/good",
    });
  });
});

describe("an IAM method called with a real signature", () => {
  const path = `/_aws/execute-api/${API_ID}/local/iam`;
  const signed = async (service: string, tamper: (url: string) => string = (url) => url) => {
    const { accessKeyId, secretAccessKey } = harness.cloud.credentials.developer;
    const credentials = { accessKeyId, secretAccessKey };
    const signer = new SignatureV4({ service, region: "us-east-1", credentials, sha256: Sha256 });
    const host = `127.0.0.1:${harness.front.port}`;
    const { headers } = await signer.sign({
      method: "GET",
      protocol: "http:",
      hostname: "127.0.0.1",
      path,
      query: { a: "1 2" },
      headers: { host },
    });
    const { host: _, ...rest } = headers;
    return fetch(tamper(`http://${host}${path}?a=1%202`), { headers: rest });
  };

  test("takes it, and refuses one altered on the way or made for another service", async () => {
    harness = await startHarness(restApi({ "GET /iam": { authorization: "AWS_IAM" } }));
    const event = await (await signed("execute-api")).json();
    expect(event.requestContext.identity.accessKey).toBe(harness.cloud.credentials.developer.accessKeyId);
    expect((await signed("execute-api", (url) => `${url}&b=2`)).status).toBe(403);
    expect((await signed("sqs")).status).toBe(403);
    expect((await get("/iam")).headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
  });
});

describe("API keys and usage plans", () => {
  const plan = (inputs: Record<string, unknown>) => [
    resource("aws:apigateway/usagePlan:UsagePlan", "plan1", {
      apiStages: [{ apiId: API_ID, stage: "local" }],
      ...inputs,
    }),
    resource(
      "aws:apigateway/apiKey:ApiKey",
      "key1",
      { name: "client" },
      { value: "secret-value-of-20-chars" },
    ),
    resource("aws:apigateway/usagePlanKey:UsagePlanKey", "link1", {
      keyId: "key1",
      keyType: "API_KEY",
      usagePlanId: "plan1",
    }),
    resource("aws:apigateway/apiKey:ApiKey", "key2", { name: "loose", value: "in-no-plan-at-all-000" }),
  ];
  const keyed = restApi({ "GET /keyed": { apiKeyRequired: true } });
  const call = (key?: string) => get("/keyed", key ? { headers: { "x-api-key": key } } : {});

  test("a method that wants a key takes only keys of a plan for this stage", async () => {
    harness = await startHarness([...keyed, ...plan({})]);
    for (const key of [undefined, "wrong", "in-no-plan-at-all-000"]) {
      const reply = await call(key);
      expect([reply.status, await reply.json()]).toEqual([403, { message: "Forbidden" }]);
    }
    const event = await (await call("secret-value-of-20-chars")).json();
    expect(event.requestContext.identity).toMatchObject({
      apiKey: "secret-value-of-20-chars",
      apiKeyId: "key1",
    });
  });

  test("the plan throttles by rate and burst", async () => {
    harness = await startHarness([...keyed, ...plan({ throttleSettings: { rateLimit: 1, burstLimit: 2 } })]);
    const statuses = async (n: number) => {
      const all: number[] = [];
      for (let i = 0; i < n; i++) all.push((await call("secret-value-of-20-chars")).status);
      return all;
    };
    expect(await statuses(3)).toEqual([200, 200, 429]);
    harness.clock.advance(1_000);
    expect(await statuses(2)).toEqual([200, 429]);
  });

  test("the plan's quota ends with its period", async () => {
    harness = await startHarness([...keyed, ...plan({ quotaSettings: { limit: 1, period: "DAY" } })]);
    expect((await call("secret-value-of-20-chars")).status).toBe(200);
    const over = await call("secret-value-of-20-chars");
    expect([over.status, await over.json()]).toEqual([429, { message: "Limit Exceeded" }]);
    harness.clock.advance(86_400_000);
    expect((await call("secret-value-of-20-chars")).status).toBe(200);
  });
});

test("method settings throttle one method and leave the others to the stage's default", async () => {
  const settings = (methodPath: string, rate: number, burst: number) =>
    resource("aws:apigateway/methodSettings:MethodSettings", methodPath, {
      restApi: API_ID,
      stageName: "local",
      methodPath,
      settings: { throttlingRateLimit: rate, throttlingBurstLimit: burst },
    });
  harness = await startHarness(
    restApi({ "GET /a/{id}": {}, "GET /b": {} }, [settings("*/*", 100, 2), settings("a/{id}/GET", 1, 1)]),
  );
  const statuses: number[] = [];
  for (const path of ["/a/1", "/a/2", "/b", "/b", "/b"]) statuses.push((await get(path)).status);
  expect(statuses).toEqual([200, 429, 200, 200, 429]);
  const refused = await get("/a/3");
  expect(await refused.json()).toEqual({ message: "Too Many Requests" });
  expect(refused.headers.get("x-amzn-errortype")).toBe("TooManyRequestsException");
});

describe("request validation", () => {
  const validated = (method: Record<string, unknown>) =>
    restApi({ "POST /links": { requestValidatorId: "v1", ...method } }, [
      resource("aws:apigateway/requestValidator:RequestValidator", "v1", {
        restApi: API_ID,
        validateRequestBody: true,
        validateRequestParameters: true,
      }),
      resource("aws:apigateway/model:Model", "m1", {
        restApi: API_ID,
        name: "NewLink",
        contentType: "application/json",
        schema: JSON.stringify({
          $schema: "http://json-schema.org/draft-04/schema#",
          type: "object",
          required: ["url"],
          properties: { url: { type: "string" }, n: { type: "number", minimum: 0, exclusiveMinimum: true } },
        }),
      }),
    ]);
  const post = (
    body: string,
    headers: Record<string, string> = { "content-type": "application/json" },
    query = "",
  ) => get(`/links${query}`, { method: "POST", body, headers });

  test("refuses a body its draft-04 model does not allow, and lets other content types pass", async () => {
    harness = await startHarness(validated({ requestModels: { "application/json": "NewLink" } }));
    expect((await post('{"url":"x","n":1}')).status).toBe(200);
    for (const body of ['{"n":1}', '{"url":1}', '{"url":"x","n":0}', "not json", ""]) {
      const reply = await post(body);
      expect([reply.status, await reply.json()], body).toEqual([400, { message: "Invalid request body" }]);
    }
    expect((await post("a=b", { "content-type": "text/plain" })).status).toBe(200);
  });

  test("names the parameters that are missing", async () => {
    harness = await startHarness(
      validated({
        requestParameters: {
          "method.request.querystring.q": true,
          "method.request.header.X-One": true,
          "method.request.header.X-Two": false,
        },
      }),
    );
    const reply = await post("{}");
    expect([reply.status, await reply.json()]).toEqual([
      400,
      { message: "Missing required request parameters: [X-One, q]" },
    ]);
    expect((await post("{}", { "x-one": "1" }, "?q=1")).status).toBe(200);
  });
});

test("a mapped Lambda integration renders its templates and picks its answer by pattern", async () => {
  const at = { restApi: API_ID, resourceId: "res1", httpMethod: "POST" };
  const response = (name: string, inputs: Record<string, unknown>) =>
    resource("aws:apigateway/integrationResponse:IntegrationResponse", name, { ...at, ...inputs });
  harness = await startHarness(
    restApi(
      {
        "POST /mapped": {
          fn: "f",
          integration: {
            type: "AWS",
            requestTemplates: {
              "application/json":
                '{"name": $input.json(\'$.a.b\'), "who": "$context.identity.sourceIp", "q": "$input.params(\'q\')"}',
            },
          },
        },
      },
      [
        response("ok", {
          statusCode: "201",
          responseTemplates: { "application/json": '#set($r = $input.path(\'$\'))\n{"hello":"$r.name"}' },
        }),
        response("bad", {
          statusCode: "422",
          selectionPattern: "Bad.*",
          responseParameters: { "method.response.header.X-Kind": "'bad'" },
        }),
      ],
    ),
    {
      f: (event) => {
        if (event.name === "bad") throw new Error("Bad name");
        return event;
      },
    },
  );
  const post = (name: string) =>
    get("/mapped?q=1", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ a: { b: name } }),
    });
  const ok = await post("ann");
  expect([ok.status, (await ok.text()).trim()]).toEqual([201, '{"hello":"ann"}']);
  expect(harness.calls[0]?.event).toEqual({ name: "ann", who: "127.0.0.1", q: "1" });
  const bad = await post("bad");
  expect([bad.status, bad.headers.get("x-kind")]).toEqual([422, "bad"]);
});
