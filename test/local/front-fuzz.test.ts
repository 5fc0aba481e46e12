import { request } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Harness, resource, restApi, startHarness } from "./rest-fixture.ts";

let harness: Harness;
const PASS =
  'async function handler(event) { event.request.headers["x-forwarded-host"] = event.request.headers.host; return event.request; }';

beforeAll(async () => {
  const api = restApi({ "ANY /{path+}": {}, "ANY /": {} });
  const host = `${api[0]?.id}.execute-api.us-east-1.amazonaws.com`;
  harness = await startHarness([
    ...api,
    resource("aws:cloudfront/function:Function", "fn", { code: PASS }, { arn: "arn:fn" }),
    resource("aws:cloudfront/distribution:Distribution", "EDIST", {
      enabled: true,
      origins: [{ originId: "api", domainName: host, originPath: "/local" }],
      defaultCacheBehavior: {
        targetOriginId: "api",
        allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
        cachedMethods: ["GET", "HEAD"],
        compress: true,
        cachePolicyId: "4135ea2d-6d44-44a3-9df3-4b5a84be39ad",
        originRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        functionAssociations: [{ eventType: "viewer-request", functionArn: "arn:fn" }],
      },
    }),
  ]);
});
afterAll(() => harness.front.close());

const send = (method: string, path: string, headers: Record<string, string>, body: string) =>
  new Promise<number>((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: harness.front.port, method, path, headers }, (reply) => {
      reply.resume();
      reply.on("end", () => resolve(reply.statusCode ?? 0));
    });
    call.on("error", reject);
    call.end(method === "GET" || method === "HEAD" ? undefined : body);
  });

// What a client may put on a request line and into a header; the harness's function always answers 200.
const target = fc.string({
  unit: fc.constantFrom(
    ..."ab/%?&=+;:@~.[]{}|\\^`'\"<>#%2F%00%zz".split(""),
    "__proto__",
    "..",
    "//",
    "%C3%A9",
  ),
});
const name = fc.constantFrom(
  "x-a",
  "cookie",
  "accept",
  "accept-encoding",
  "range",
  "if-none-match",
  "content-type",
  "x-forwarded-for",
  "x-amzn-trace-id",
  "cache-control",
  "constructor",
  "__proto__",
  "cloudfront-viewer-country",
  "authorization",
);
const value = fc.string({
  unit: fc.constantFrom(..."abc=;,*/-_\"' %\u00e9\u00ff0129".split("")),
  maxLength: 60,
});

test("whatever a client sends, the edge and the API answer, and never with an error of their own", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
      target,
      fc.dictionary(name, value, { maxKeys: 5 }),
      fc.string({ unit: "binary", maxLength: 200 }),
      async (method, path, headers, body) => {
        const status = await send(method, `/${path}`, headers, body);
        expect([status, harness.printed]).toEqual([expect.toSatisfy((s: number) => s < 500), []]);
      },
    ),
    { numRuns: 400 },
  );
  expect(harness.calls.length).toBeGreaterThan(200);
});
