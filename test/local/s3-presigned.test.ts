import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "./gateway-fixture.ts";
import { bucketResource, clientFor, elementOf, send, startS3 } from "./s3-kit.ts";

describe("Presigned addresses", () => {
  let running: Running;
  let s3: S3Client;
  beforeAll(async () => {
    running = await startS3([bucketResource("links")]);
    s3 = clientFor(running);
    await s3.send(new PutObjectCommand({ Bucket: "links", Key: "a (b)+c.txt", Body: "text" }));
  });
  afterAll(async () => {
    s3.destroy();
    await running.stop();
  });

  const link = (more: object = {}, expiresIn = 60) =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket: "links", Key: "a (b)+c.txt", ...more }), {
      expiresIn,
      signingDate: new Date(running.clock.now()),
    });
  const refusal = async (answer: Response) => {
    const text = await answer.text();
    return {
      status: answer.status,
      code: elementOf(text, "Code"),
      message: elementOf(text, "Message"),
      text,
    };
  };

  it("open an object to whoever has them, with headers of the signer's choice", async () => {
    const answer = await fetch(await link({ ResponseContentDisposition: 'attachment; filename="x.txt"' }));
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="x.txt"');
    expect(await answer.text()).toBe("text");
  });

  it("die in time, and say when they did", async () => {
    const url = await link({}, 60);
    running.clock.advance(61_000);
    const { status, code, message, text } = await refusal(await fetch(url));
    expect([status, code, message]).toEqual([403, "AccessDenied", "Request has expired"]);
    expect(elementOf(text, "X-Amz-Expires")).toBe("60");
    const [expires, now] = [elementOf(text, "Expires"), elementOf(text, "ServerTime")];
    expect(Date.parse(now ?? "") - Date.parse(expires ?? "")).toBeGreaterThan(0);
  });

  it.each([
    ["method", (url: string) => fetch(url, { method: "DELETE" })],
    ["key", (url: string) => fetch(url.replace("c.txt", "d.txt"))],
    ["lifetime", (url: string) => fetch(url.replace("Expires=60", "Expires=600"))],
    ["query", (url: string) => fetch(`${url}&versionId=null`)],
    ["signature", (url: string) => fetch(url.replace(/Signature=[0-9a-f]{4}/, "Signature=0000"))],
  ])("are worth nothing with another %s, and S3 shows what it would have signed", async (_, use) => {
    const { status, code, text } = await refusal(await use(await link()));
    expect([status, code]).toEqual([403, "SignatureDoesNotMatch"]);
    expect(elementOf(text, "AWSAccessKeyId")).toBe(running.cloud.credentials.developer.accessKeyId);
    expect(elementOf(text, "StringToSign")).toMatch(/^AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n/);
    expect(elementOf(text, "CanonicalRequest")).toMatch(/\nUNSIGNED-PAYLOAD$/);
    expect(elementOf(text, "SignatureProvided")).toMatch(/^[0-9a-f]{64}$/);
    expect(elementOf(text, "StringToSignBytes")).toMatch(/^41 57 53 34 /);
  });

  it("that sign a header want it sent, and none added", async () => {
    const command = new PutObjectCommand({ Bucket: "links", Key: "up", ContentType: "image/png" });
    const url = await getSignedUrl(s3, command, {
      expiresIn: 60,
      signableHeaders: new Set(["content-type"]),
      signingDate: new Date(running.clock.now()),
    });
    const put = (headers: Record<string, string>) => fetch(url, { method: "PUT", body: "x", headers });
    expect((await refusal(await put({ "content-type": "text/html" }))).code).toBe("SignatureDoesNotMatch");
    const added = await refusal(await put({ "content-type": "image/png", "x-amz-meta-mood": "sly" }));
    expect([added.code, added.message]).toEqual([
      "AccessDenied",
      "There were headers present in the request which were not signed",
    ]);
    expect(elementOf(added.text, "HeadersNotSigned")).toBe("x-amz-meta-mood");
    expect((await put({ "content-type": "image/png" })).status).toBe(200);
    expect((await send(running, { path: "/links/up" })).headers.get("content-type")).toBe("image/png");
  });

  it("that cannot be read are refused by what is wrong with them", async () => {
    const url = await link();
    for (const [from, to, message] of [
      [/X-Amz-Expires=60/, "X-Amz-Expires=700000", /must be less than a week/],
      [/X-Amz-Expires=60/, "X-Amz-Expires=soon", /should be a number/],
      [/X-Amz-Expires=60/, "X-Amz-Expires=-1", /must be non-negative/],
      [/X-Amz-Date=\d{8}/, "X-Amz-Date=20200101", /Invalid credential date/],
      [/&X-Amz-SignedHeaders=host/, "", /requires the X-Amz-Algorithm/],
    ] as const) {
      const { status, code, message: told } = await refusal(await fetch(url.replace(from, to)));
      expect([status, code]).toEqual([400, "AuthorizationQueryParametersError"]);
      expect(told).toMatch(message);
    }
  });

  it("of a key that is unknown, or whose owner has ended, say so", async () => {
    const url = await link();
    const known = running.cloud.credentials.developer.accessKeyId;
    expect((await refusal(await fetch(url.replace(known, "AKIANOBODY")))).code).toBe("InvalidAccessKeyId");
    const keys = running.cloud.credentials.issue({
      functionArn: "arn:f",
      roleArn: "arn:r",
      environmentId: "e",
    });
    const theirs = clientFor(running, { credentials: keys });
    const short = await getSignedUrl(theirs, new GetObjectCommand({ Bucket: "links", Key: "a (b)+c.txt" }), {
      signingDate: new Date(running.clock.now()),
    });
    expect((await fetch(short)).status).toBe(200);
    running.cloud.credentials.revoke(keys.accessKeyId);
    const gone = await refusal(await fetch(short));
    expect([gone.status, gone.code]).toEqual([400, "ExpiredToken"]);
    theirs.destroy();
  });

  it("are one thing, clocks another: fifteen minutes either way", async () => {
    const at = (minutes: number) =>
      send(running, { path: "/links", at: new Date(running.clock.now() + minutes * 60_000) });
    expect((await at(-14.9)).status).toBe(200);
    expect((await at(14.9)).status).toBe(200);
    const { status, code, text } = await refusal(await at(-15.1));
    expect([status, code]).toEqual([403, "RequestTimeTooSkewed"]);
    expect(elementOf(text, "MaxAllowedSkewMilliseconds")).toBe("900000");
    expect(elementOf(text, "RequestTime")).toMatch(/^\d{8}T\d{6}Z$/);
  });
});
