import { type IncomingMessage, request } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docsApi } from "../../core/docs/api.schema.ts";
import { identityApi } from "../../core/identity/api.schema.ts";
import type { Operation } from "../../core/kit/api.schema.ts";
import { limitsApi } from "../../core/limits/api.schema.ts";
import { shortenerApi } from "../../core/shortener/api.schema.ts";
import type { Running } from "../../local/start.ts";
import { startApp } from "../kit/app.ts";

const RUNS = 40;
const operations = Object.values({
  ...shortenerApi,
  ...identityApi,
  ...limitsApi,
  ...docsApi,
}) as Operation[];

// What a client can put on the wire: any bytes in a path once percent-encoded, any visible text in a header.
const segment = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    "%",
    "%00",
    "%2F..%2F",
    "..",
    "%E0%A4%A",
    "a".repeat(600),
    "%F0%9F%98%80",
    "__proto__",
    "*",
  ),
);
const header = fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]/g, "?"));
const payload = fc.oneof(
  fc.json(),
  fc.string({ maxLength: 200 }),
  fc.constantFrom(
    '{"url":',
    "[]",
    "null",
    '"',
    '{"__proto__":{"url":1}}',
    "x=1&password=%",
    "{}".repeat(5_000),
  ),
);
const hostile = fc.record({
  segment,
  payload,
  type: fc.constantFrom(
    "application/json",
    "application/x-www-form-urlencoded",
    "text/html",
    "application/json;charset=utf-16",
    "",
  ),
  authorization: fc.oneof(
    fc.constant(""),
    header,
    header.map((text) => `Bearer ${text}`),
  ),
  query: fc.dictionary(segment, segment, { maxKeys: 3 }),
  cookie: header,
  extra: header,
});

interface Seen {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const send = (url: URL, path: string, method: string, headers: Record<string, string>, body: string) =>
  new Promise<Seen>((resolve, reject) => {
    const outgoing = request(
      { host: url.hostname, port: url.port, path, method, headers },
      async (answer: IncomingMessage) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        const type = answer.headers["content-type"] ?? "";
        resolve({ status: answer.statusCode ?? 0, type, text: Buffer.concat(chunks).toString("utf8") });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });

describe("hostile requests on the wire", () => {
  let app: Running;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  it.each(operations.map((operation) => [operation.method, operation.path] as const))(
    "%s %s answers every one with a problem document or a page, never with a 5xx",
    async (method, path) => {
      const url = new URL(app.url);
      await fc.assert(
        fc.asyncProperty(hostile, async (input) => {
          const query = new URLSearchParams(input.query).toString();
          const target = `${path.replace(/\{\w+\}/, () => input.segment)}${query ? `?${query}` : ""}`;
          const carries = method !== "GET" && method !== "HEAD";
          const headers = {
            ...(input.type && { "content-type": input.type }),
            ...(carries && { "content-length": String(Buffer.byteLength(input.payload)) }),
            ...(input.authorization && { authorization: input.authorization }),
            cookie: input.cookie,
            "accept-language": input.extra,
            "user-agent": input.extra,
            referer: input.extra,
          };
          const seen = await send(url, target, method, headers, carries ? input.payload : "");
          expect(seen.status, `${method} ${target}\n${seen.text.slice(0, 300)}`).toBeLessThan(500);
          expect(seen.text).not.toMatch(/\bat .+\.(ts|js|mjs):\d+/);
          if (seen.status >= 400 && method !== "HEAD") {
            expect(seen.type, `${method} ${target} ${seen.status}`).toMatch(
              /application\/problem\+json|text\/html/,
            );
          }
        }),
        { numRuns: RUNS },
      );
    },
  );

  it("a body over 10 MB is refused by a problem document", async () => {
    // Announced is enough: what was sent of it could break the connection before the answer is read.
    const headers = { "content-type": "application/json", "content-length": "10485761" };
    const seen = await send(new URL(app.url), "/api/v1/shorten", "POST", headers, "");
    expect([seen.status, seen.type]).toEqual([413, "application/problem+json"]);
    expect(JSON.parse(seen.text)).toMatchObject({ type: "/api/v1/problems#payload-too-large", status: 413 });
  });
});
