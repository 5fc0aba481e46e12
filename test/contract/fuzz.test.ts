import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { docsApi } from "../../core/docs/api.schema.ts";
import { identityApi } from "../../core/identity/api.schema.ts";
import type { Operation } from "../../core/kit/api.schema.ts";
import { problemKinds } from "../../core/kit/problem.ts";
import { shortenerApi } from "../../core/shortener/api.schema.ts";
import { shorten } from "../../core/shortener/creation.ts";
import { hostileRequests } from "../kit/hostile.ts";
import { call, type TestReply, type TestRequest } from "../kit/http.ts";
import { newUser, startShortener } from "../kit/shortener.ts";

const RUNS = 120;
const MUST_SUCCEED = new Set(
  ["shorten", "bulk", "list", "edit", "get", "stats", "qr"].map((name) => `shortener/${name}`),
);
const FUNCTIONS = join(import.meta.dirname, "../../functions");
const operations = Object.entries({ ...shortenerApi, ...identityApi, ...docsApi }) as [string, Operation][];

const CODES = { plain: "fuzz-plain", ruled: "fuzz-ruled", locked: "fuzz-locked" };
const requests = hostileRequests(Object.values(CODES));
type Hostile = typeof requests extends fc.Arbitrary<infer T> ? T : never;

// Requests that nothing is wrong with come first, so that each operation is surely reached.
const inOrder = [
  { url: "https://example.com/in-order" },
  { links: [{ url: "https://example.com/in-order" }] },
  { title: "In order" },
];
const request = (body: Hostile["body"]): Hostile => ({
  params: { hash: CODES.plain },
  query: {},
  body,
  headers: { "content-type": "application/json" },
});

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
  const user = newUser();
  let world: Awaited<ReturnType<typeof startShortener>>;
  beforeAll(async () => {
    world = await startShortener();
    // The user pool is not asked in here: what gets as far as that is refused by an address where nobody listens.
    Object.assign(process.env, {
      AUTH_ISSUER: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_test",
      AUTH_CLIENT_ID: "client",
    });
  });
  // Anew for each operation: one of them edits links, another deletes them.
  beforeEach(async () => {
    const rules = [
      { languages: ["de"], url: "https://example.com/de" },
      { devices: ["mobile" as const], countries: ["DE"], url: "https://example.com/phones" },
      { percent: 50, url: "https://example.com/b" },
    ];
    const url = "https://example.com/";
    const links = [
      { url, custom_hash: CODES.plain },
      { url, custom_hash: CODES.ruled, rules },
      { url, custom_hash: CODES.locked, password: "swordfish" },
    ];
    for (const link of links) await shorten(link, user.id, "go.test").catch(() => undefined);
  });
  afterAll(() => world.stop());

  const asksThePool = (operation: Operation) => operation.handler.startsWith("identity/");

  it.each(operations)("%s", async (_name, operation) => {
    const { handler } = await import(/* @vite-ignore */ join(FUNCTIONS, `${operation.handler}.ts`));
    const reached = new Set<number>();
    await fc.assert(
      fc.asyncProperty(requests, async ({ params, query, body, headers }) => {
        const sent: TestRequest = {
          method: operation.method,
          path: operation.path,
          ...(operation.params && { params }),
          query,
          ...(operation.method !== "GET" && operation.method !== "HEAD" && { body }),
          headers: asksThePool(operation) ? { ...headers, cookie: "" } : withoutToken(headers),
          ...(operation.auth !== "none" && { user }),
        };
        const reply = await call(handler, sent);
        reached.add(reply.status);
        check(reply, operation);
      }),
      { numRuns: RUNS, examples: inOrder.map((body): [Hostile] => [request(body)]) },
    );
    // A fuzz that never gets past the door would prove little.
    if (MUST_SUCCEED.has(operation.handler)) expect(Math.min(...reached)).toBeLessThan(400);
  });
});

const withoutToken = ({ authorization: _, ...headers }: Record<string, string>) => headers;
