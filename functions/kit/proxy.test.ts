import { createHash } from "node:crypto";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import type { Problem } from "#core/kit/problem.ts";
import { readBody, toCaller, toParams, toResult } from "./proxy.ts";

const event = (changes: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent => ({
  ...({ httpMethod: "GET", path: "/", body: null, isBase64Encoded: false } as APIGatewayProxyEvent),
  requestContext: {
    requestId: "r",
    domainName: "api.test",
    identity: { sourceIp: "10.0.0.1" },
  } as unknown as APIGatewayProxyEvent["requestContext"],
  ...changes,
});
const EDGE_KEY = "what only the edge knows";
const EDGE_KEY_SHA256 = createHash("sha256").update(EDGE_KEY).digest("hex");
beforeEach(() => {
  process.env.EDGE_KEY_SHA256 = EDGE_KEY_SHA256;
});
const caller = (headers: Record<string, string>) => toCaller(event({ headers }));

describe("a caller", () => {
  it("asked the host that was typed, and no other string", () => {
    expect(caller({ "X-Forwarded-Host": "Go.Example" }).host).toBe("go.example");
    expect(caller({ host: "127.0.0.1:3000" }).host).toBe("127.0.0.1:3000");
    for (const host of ["a b", "x/y", "<script>", "a".repeat(300), ""])
      expect(caller({ host }).host).toBe("api.test");
  });

  it("speaks to the edge what the edge says, whatever the edge speaks to us", () => {
    expect(caller({ "x-forwarded-proto": "https" }).scheme).toBe("https");
    expect(caller({ "x-forwarded-proto": "https", "CloudFront-Forwarded-Proto": "http" }).scheme).toBe(
      "http",
    );
    expect(caller({ "x-forwarded-proto": "javascript" }).scheme).toBe("https");
  });

  it("has the address that the edge saw, where the edge proves itself", () => {
    const viewed = { "x-viewer-ip": "203.0.113.9", "X-Edge-Key": EDGE_KEY };
    expect(caller(viewed).ip).toBe("203.0.113.9");
    expect(caller({ ...viewed, "x-forwarded-for": "1.1.1.1, 2.2.2.2" }).ip).toBe("203.0.113.9");
    expect(caller(viewed).headers).not.toHaveProperty("x-edge-key");
  });

  it.each<Record<string, string>>([
    { "x-forwarded-for": "1.1.1.1, 203.0.113.9, 10.0.0.1" },
    { "cloudfront-viewer-address": "203.0.113.9:4711" },
    { "x-viewer-ip": "203.0.113.9" },
    { "x-viewer-ip": "203.0.113.9", "x-edge-key": "" },
    { "x-viewer-ip": "203.0.113.9", "x-edge-key": "guessed" },
    { "x-viewer-ip": "203.0.113.9", "x-edge-key": EDGE_KEY_SHA256 },
    { "x-edge-key": EDGE_KEY },
  ])("is the address of its own connection, whatever it claims: %j", (headers) => {
    expect(caller(headers).ip).toBe("10.0.0.1");
  });

  it("is nobody from the edge where no edge is known", () => {
    delete process.env.EDGE_KEY_SHA256;
    expect(caller({ "x-viewer-ip": "203.0.113.9", "x-edge-key": EDGE_KEY }).ip).toBe("10.0.0.1");
  });

  it("is in a country only if that is one", () => {
    expect(caller({ "cloudfront-viewer-country": "DE" }).country).toBe("DE");
    expect(caller({ "cloudfront-viewer-country": "<b>" }).country).toBeUndefined();
  });

  it("carries cookies, also with = in them", () => {
    expect(caller({ cookie: "a=1; b=x=y; junk; =z" }).cookies).toEqual({ a: "1", b: "x=y" });
  });
});

describe("a request", () => {
  it("has its path decoded once, and left alone where it is no UTF-8", () => {
    const pathParameters = { a: "caf%C3%A9", b: "%E0%A4%A", c: "%2525" };
    expect(toParams(event({ pathParameters }))).toEqual({ a: "café", b: "%E0%A4%A", c: "%25" });
  });

  it.each([
    ["malformed-json", "{", "application/json"],
    ["unsupported-media-type", "{}", "text/plain"],
    ["unsupported-media-type", "{}", ""],
    ["payload-too-large", "x".repeat(1024 * 1024 + 1), "application/json"],
  ])("is refused as %s", (kind, body, type) => {
    const read = () => readBody(event({ body, headers: { "content-type": type } }), "json");
    expect(read).toThrow(expect.objectContaining({ kind }) as Problem);
  });

  it("is as large as its operation takes, in bytes and once decoded, and no larger", () => {
    const read = (text: string, most: number, isBase64Encoded = false) =>
      readBody(
        event({
          body: isBase64Encoded ? Buffer.from(text).toString("base64") : text,
          isBase64Encoded,
          headers: { "content-type": "application/json" },
        }),
        "json",
        most,
      );
    const tooLarge = expect.objectContaining({ kind: "payload-too-large" }) as Problem;
    expect(read('"üü"', 6)).toBe("üü");
    expect(() => read('"üü"', 5)).toThrow(tooLarge);
    expect(read('"üü"', 6, true)).toBe("üü");
    expect(() => read('"üü"', 5, true)).toThrow(tooLarge);
    const large = JSON.stringify("x".repeat(2 * 1024 * 1024));
    expect(read(large, 4 * 1024 * 1024)).toHaveLength(2 * 1024 * 1024);
  });

  it("is read from base64, as JSON of any kind, or as a form", () => {
    const body = Buffer.from('{"a":"ü"}').toString("base64");
    const headers = { "Content-Type": "application/merge-patch+json; charset=utf-8" };
    expect(readBody(event({ body, isBase64Encoded: true, headers }), "json")).toEqual({ a: "ü" });
    expect(readBody(event({ body: "password=a+b%26" }), "form")).toEqual({ password: "a b&" });
  });
});

describe("an answer", () => {
  it("is not kept and not sniffed unless it says so", () => {
    expect(toResult({ status: 200, body: {} }).headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
  });

  it("carries bytes in base64, and to HEAD nothing", () => {
    const reply = { status: 200, type: "image/png", body: new Uint8Array([1, 2]) };
    expect(toResult(reply)).toMatchObject({ body: "AQI=", isBase64Encoded: true });
    expect(toResult(reply, "HEAD")).toMatchObject({ body: "", isBase64Encoded: false });
  });
});
