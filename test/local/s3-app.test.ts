import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { S3Event } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byType } from "../../local/graph/graph.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";
import { until } from "./gateway-fixture.ts";

describe("Buckets of an app", () => {
  let app: Awaited<ReturnType<typeof startFixtureApp>>;
  let s3: S3Client;
  let sqs: SQSClient;
  const bucket = (name: string) => {
    const found = byType(app.cloud.graph, "aws:s3/bucket:Bucket").find((one) => one.name === `${name}Bucket`);
    return String(found?.outputs.bucket);
  };
  beforeAll(async () => {
    app = await startFixtureApp("app");
    const config = {
      endpoint: app.cloud.endpoint,
      region: app.cloud.graph.region,
      credentials: app.cloud.credentials.developer,
    };
    s3 = new S3Client({ ...config, forcePathStyle: true });
    sqs = new SQSClient(config);
  });
  afterAll(async () => {
    s3.destroy();
    sqs.destroy();
    await app.stop();
  });

  const invoked = (component: string) => {
    const arn = app.cloud.graph.functions.find((one) => one.component.includes(component))?.arn;
    return until(
      () => app.cloud.recorder.recent().find((span) => span.kind === "invoke" && span.node === arn),
      30_000,
    );
  };

  it("tell a function, in the trace of the call that made the object", async () => {
    const put = new PutObjectCommand({ Bucket: bucket("Archive"), Key: "covers/moby.jpg", Body: "whale" });
    const traceId = "1-65000000-0123456789abcdef01234567";
    put.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers["x-amzn-trace-id"] = `Root=${traceId};Parent=0123456789abcdef;Sampled=1`;
        return next(args);
      },
      { step: "build" },
    );
    await s3.send(put);
    const span = await invoked("Archive");
    expect(span.traceId).toBe(traceId);
    expect(span.error).toBeUndefined();
  });

  it("tell a queue, after S3's test of it", async () => {
    const queue = app.cloud.graph.resources.find(
      ({ type, name }) => type === "aws:sqs/queue:Queue" && name.startsWith("Scans"),
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket("Archive"), Key: "scans/p 1.tif", Body: "page" }));
    const bodies: (Partial<S3Event> & { Event?: string })[] = [];
    await until(async () => {
      const QueueUrl = `${app.cloud.endpoint}/${app.cloud.graph.accountId}/${queue?.outputs.name}`;
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      bodies.push(...Messages.map(({ Body }) => JSON.parse(Body ?? "")));
      return bodies.length >= 2;
    });
    expect(bodies.map(({ Event, Records }) => Event ?? Records?.[0]?.s3.object.key).sort()).toEqual([
      "s3:TestEvent",
      "scans/p+1.tif",
    ]);
  });

  it("tell the default bus, whose rules tell others", async () => {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket("Archive"), Key: "covers/moby.jpg" }));
    expect((await invoked("Withdrawn")).error).toBeUndefined();
  });

  it("are read through their distribution, which signs for whoever asks", async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket("Covers"),
        Key: "a b(1).txt",
        Body: "cover",
        ContentType: "text/plain",
      }),
    );
    const answer = await fetch(`${app.url}/covers/a%20b(1).txt`);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      200,
      "text/plain",
      "cover",
    ]);
    // it may not list the bucket, and so is not told that there is none
    expect((await fetch(`${app.url}/covers/none.txt`)).status).toBe(403);
    const direct = await fetch(`${app.cloud.endpoint}/${bucket("Covers")}/a%20b(1).txt`);
    expect(direct.status).toBe(403);
  });

  it("take what a page of the app's origin uploads, by the CORS of the stack", async () => {
    const ask = (origin: string) =>
      fetch(`${app.cloud.endpoint}/${bucket("Archive")}/x`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "PUT" },
      });
    const allowed = await ask("https://library.example.com");
    expect([allowed.status, allowed.headers.get("access-control-max-age")]).toEqual([200, "3600"]);
    expect((await ask("https://evil.example.com")).status).toBe(403);
  });
});
