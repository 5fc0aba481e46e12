import { request } from "node:http";
import {
  GetBucketPolicyStatusCommand,
  PutObjectCommand as Put,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "./gateway-fixture.ts";
import { about, bucketResource, clientFor, elementOf, send, startS3 } from "./s3-kit.ts";

const HOME = "https://app.example.com";

describe("Buckets and pages of other origins", () => {
  let running: Running;
  let s3: S3Client;
  beforeAll(async () => {
    const open = {
      blockPublicAcls: true,
      ignorePublicAcls: true,
      blockPublicPolicy: false,
      restrictPublicBuckets: false,
    };
    running = await startS3([
      bucketResource("pages"),
      about("bucketCorsConfiguration", "pages", {
        corsRules: [
          {
            allowedHeaders: ["content-type", "x-amz-*"],
            allowedMethods: ["PUT", "GET"],
            allowedOrigins: ["https://*.example.com"],
            exposeHeaders: ["ETag"],
            maxAgeSeconds: 600,
          },
          { allowedMethods: ["GET"], allowedOrigins: ["*"] },
        ],
      }),
      bucketResource("closed"),
      bucketResource("public"),
      about("bucketPublicAccessBlock", "public", open),
      about("bucketPolicy", "public", {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: "*",
              Action: "s3:GetObject",
              Resource: "arn:aws:s3:::public/open/*",
            },
          ],
        }),
      }),
    ]);
    s3 = clientFor(running);
    for (const Bucket of ["pages", "closed", "public"]) {
      for (const Key of ["open/a.txt", "b.txt"])
        await s3.send(new PutObjectCommand({ Bucket, Key, Body: "text" }));
    }
  });
  afterAll(async () => {
    s3.destroy();
    await running.stop();
  });

  /** As a browser sends it: `fetch` would not let a test set these headers. */
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      request(`${running.gateway.endpoint}${path}`, { method, headers }, async (answer) => {
        let text = "";
        for await (const chunk of answer) text += chunk;
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      })
        .on("error", reject)
        .end();
    });
  const preflight = (path: string, origin: string, method: string, headers?: string) =>
    ask("OPTIONS", path, {
      origin,
      "access-control-request-method": method,
      ...(headers && { "access-control-request-headers": headers }),
    });

  it("let those in whom a rule of the graph names, with what it names", async () => {
    const answer = await preflight("/pages/x", HOME, "PUT", "Content-Type,x-amz-meta-mood");
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": HOME,
      "access-control-allow-methods": "PUT, GET",
      "access-control-allow-headers": "content-type, x-amz-meta-mood",
      "access-control-expose-headers": "ETag",
      "access-control-max-age": "600",
      "access-control-allow-credentials": "true",
      vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    });
    const any = await preflight("/pages/x", "http://elsewhere.test", "GET");
    expect(any.headers["access-control-allow-origin"]).toBe("*");
    expect(any.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  it.each([
    ["method", "/pages/x", HOME, "DELETE", undefined],
    ["origin", "/pages/x", "https://example.com", "PUT", undefined],
    ["header", "/pages/x", HOME, "PUT", "authorization"],
    ["bucket", "/closed/x", HOME, "GET", undefined],
  ])("keep out a preflight with a %s that no rule names", async (_, path, origin, method, headers) => {
    const answer = await preflight(path, origin, method, headers);
    expect(answer.status).toBe(403);
    expect(elementOf(answer.text, "Code")).toBe("AccessForbidden");
    expect(elementOf(answer.text, "Message")).toMatch(/^CORSResponse: /);
    expect(elementOf(answer.text, "Method")).toBe(method);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("refuse a preflight that does not say whence it comes, or what for", async () => {
    const without = await ask("OPTIONS", "/pages/x", { "access-control-request-method": "GET" });
    expect(elementOf(without.text, "Message")).toContain("Origin request header needed");
    const vague = await ask("OPTIONS", "/pages/x", { origin: HOME });
    expect(vague.status).toBe(400);
    expect(elementOf(vague.text, "Message")).toBe("Invalid Access-Control-Request-Method: null");
  });

  it("answer a preflight to a presigned address, and tell the page what comes back", async () => {
    const url = new URL(await getSignedUrl(s3, new Put({ Bucket: "pages", Key: "up" }), { expiresIn: 60 }));
    expect((await preflight(url.pathname + url.search, HOME, "PUT")).status).toBe(200);
    const answer = await ask("PUT", url.pathname + url.search, { origin: HOME, "content-length": "0" });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": HOME,
      "access-control-expose-headers": "ETag",
    });
  });

  it("let a page see errors too, and leave alone whoever is no page", async () => {
    const lost = await ask("GET", "/pages/nothing", { origin: HOME });
    expect(lost.status).toBe(403);
    expect(lost.headers["access-control-allow-origin"]).toBe(HOME);
    const plain = await send(running, { path: "/pages/b.txt" });
    expect(plain.headers.get("access-control-allow-origin")).toBeNull();
    expect(plain.headers.get("vary")).toBeNull();
  });

  it("take rules by API, and refuse those that S3 refuses", async () => {
    const put = (rule: object) =>
      s3.send(
        new PutBucketCorsCommand({
          Bucket: "closed",
          CORSConfiguration: { CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"], ...rule }] },
        }),
      );
    await expect(put({ AllowedOrigins: ["http://*.*"] })).rejects.toThrow(
      'AllowedOrigin "http://*.*" can not have more than one wildcard.',
    );
    await expect(put({ AllowedMethods: ["PATCH"] })).rejects.toThrow("Unsupported method is PATCH");
    await expect(put({ ExposeHeaders: ["x-*"] })).rejects.toThrow(
      "We currently do not support wildcard for ExposeHeader",
    );
    await put({});
    expect((await preflight("/closed/x", "http://any.test", "GET")).status).toBe(200);
  });

  describe("and nobody in particular", () => {
    const get = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${running.gateway.endpoint}${path}`, init);
      return { status: answer.status, text: await answer.text() };
    };

    it("are read by everyone where the policy says so, and nowhere else", async () => {
      expect(await get("/public/open/a.txt")).toEqual({ status: 200, text: "text" });
      for (const path of ["/public/b.txt", "/public", "/closed/b.txt", "/public/open/a.txt?tagging"]) {
        const { status, text } = await get(path);
        expect([path, status, elementOf(text, "Code")]).toEqual([path, 403, "AccessDenied"]);
      }
      expect((await get("/public/open/new.txt", { method: "PUT", body: "x" })).status).toBe(403);
      expect((await get("/public/open/a.txt", { method: "DELETE" })).status).toBe(403);
    });

    it("are not told whether a key exists that they may not list", async () => {
      expect((await get("/public/open/none.txt")).status).toBe(403);
    });

    it("are kept from public policies unless told otherwise", async () => {
      const Policy = (condition?: object) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: "*",
              Action: "s3:GetObject",
              Resource: "arn:aws:s3:::closed/*",
              ...(condition && { Condition: condition }),
            },
          ],
        });
      const put = (text: string) => s3.send(new PutBucketPolicyCommand({ Bucket: "closed", Policy: text }));
      await expect(put(Policy())).rejects.toMatchObject({
        name: "AccessDenied",
        message: expect.stringContaining("BlockPublicPolicy"),
      });
      await put(Policy({ StringEquals: { "aws:PrincipalAccount": "123456789012" } }));
      const status = await s3.send(new GetBucketPolicyStatusCommand({ Bucket: "closed" }));
      expect(status.PolicyStatus?.IsPublic).toBe(false);
      await expect(put("{")).rejects.toMatchObject({ name: "MalformedPolicy" });
      await expect(put(Policy().replaceAll(":closed/", ":other/"))).rejects.toThrow(
        "Policy has invalid resource",
      );
    });

    it("cannot make a bucket, nor call another service that wants a signature", async () => {
      const made = await ask("PUT", "/", { host: "made-by-nobody.s3.localhost" });
      expect(made.status).toBe(403);
      expect(
        (await get("/2015-03-31/functions/f/invocations", { method: "POST", body: "{}" })).text,
      ).toContain("Missing Authentication Token");
    });
  });
});
