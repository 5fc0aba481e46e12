import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docsApi } from "../../core/docs/api.schema.ts";
import { identityApi } from "../../core/identity/api.schema.ts";
import type { Operation } from "../../core/kit/api.schema.ts";
import { problemKinds } from "../../core/kit/problem.ts";
import { shortenerApi } from "../../core/shortener/api.schema.ts";
import { call, type TestReply, type TestRequest } from "../kit/http.ts";
import { newUser, startShortener } from "../kit/shortener.ts";

const RUNS = 60;
const FUNCTIONS = join(import.meta.dirname, "../../functions");
const operations = Object.entries({ ...shortenerApi, ...identityApi, ...docsApi }) as [string, Operation][];

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ maxLength: 80 }),
  fc.constantFrom(
    ...[
      "__proto__",
      "constructor",
      "../../etc/passwd",
      "%00",
      "%",
      "%E0%A4%A",
      "a\u0000b",
      "\uD800",
      "\u202E",
      "'",
      '"',
    ],
    ...["<script>", "{{7*7}}", "=1+1", "null", "true", "-1", "1e999", "NaN", "", " ", "x".repeat(9_000)],
    ...[
      "http://[::1]/",
      "https://a@b",
      "javascript:1",
      "data:,",
      "//",
      "https://",
      "http://\u0000/",
      "https://例え.テスト/",
    ],
  ),
);
const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }), nasty);
/** An object whose keys are mostly those that the operation knows, so that some of it gets past the door. */
const known = (keys: readonly string[]) =>
  fc.dictionary(fc.oneof(fc.constantFrom(...keys), nasty), json, { maxKeys: 6 });
const KEYS = [
  "url",
  "custom_hash",
  "domain",
  "redirect",
  "expires_in",
  "max_clicks",
  "password",
  "title",
  "tags",
];
const MORE = ["rules", "links", "revision", "disabled", "blocked", "email", "code", "__proto__"];

const request = fc.record({
  params: fc.record({ hash: nasty.map((text) => safeEncode(text)) }),
  query: fc.dictionary(
    fc.constantFrom("limit", "cursor", "url", "days", "format", "size", "domain", "x"),
    nasty,
    {
      maxKeys: 4,
    },
  ),
  body: fc.oneof(
    known([...KEYS, ...MORE]),
    json,
    fc.constantFrom("{", '{"url":', "\uFEFF{}", "[]", "null", "x".repeat(2_000_000)),
  ),
  headers: fc.dictionary(
    fc.constantFrom(
      "content-type",
      "accept",
      "accept-language",
      "user-agent",
      "referer",
      "cookie",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-proto",
      "cloudfront-viewer-country",
      "host",
      "authorization",
    ),
    fc.oneof(
      nasty,
      fc.constantFrom(
        "application/json",
        "text/html",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
      ),
    ),
    { maxKeys: 5 },
  ),
});

/** As it would stand on a request line: encoded, or left broken where it cannot be. */
const safeEncode = (text: string) => {
  try {
    return encodeURIComponent(text);
  } catch {
    return "%ED%A0%80";
  }
};

const check = (reply: TestReply, operation: Operation) => {
  expect(reply.status, reply.text.slice(0, 300)).toBeLessThan(500);
  for (const [name, value] of Object.entries(reply.headers))
    expect(`${name}: ${value}`).not.toMatch(/[\r\n]/);
  if (reply.status < 400) {
    expect(Object.keys(operation.replies)).toContain(String(reply.status));
    return;
  }
  if (reply.headers["content-type"]?.startsWith("text/html")) {
    expect(operation.pages).toBe(true);
    return;
  }
  if (operation.method === "HEAD") return;
  expect(reply.headers["content-type"]).toBe("application/problem+json");
  const kind = String(reply.json.type).replace("/api/v1/problems#", "");
  expect(problemKinds).toHaveProperty(kind);
  expect(reply.json.status).toBe(reply.status);
};

describe("hostile requests are answered with a problem document, never with a 5xx", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  let write: typeof process.stdout.write;
  beforeAll(async () => {
    world = await startShortener();
    // The user pool is not asked in here: what gets as far as that is refused by an address where nobody listens.
    Object.assign(process.env, {
      AUTH_ISSUER: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_test",
      AUTH_CLIENT_ID: "client",
    });
    write = process.stdout.write;
  });
  afterAll(async () => {
    process.stdout.write = write;
    await world.stop();
  });

  const asksThePool = (operation: Operation) => operation.handler.startsWith("identity/");

  it.each(operations)("%s", async (_name, operation) => {
    const { handler } = await import(/* @vite-ignore */ join(FUNCTIONS, `${operation.handler}.ts`));
    const user = newUser();
    await fc.assert(
      fc.asyncProperty(request, async ({ params, query, body, headers }) => {
        const sent: TestRequest = {
          method: operation.method,
          path: operation.path,
          ...(operation.params && { params }),
          query,
          ...(operation.method !== "GET" && operation.method !== "HEAD" && { body }),
          headers: asksThePool(operation) ? { ...headers, cookie: "" } : withoutToken(headers),
          ...(operation.auth !== "none" && { user }),
        };
        check(await call(handler, sent), operation);
      }),
      { numRuns: RUNS },
    );
  });
});

const withoutToken = ({ authorization: _, ...headers }: Record<string, string>) => headers;
