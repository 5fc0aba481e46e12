import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, describe, expect, it } from "vitest";
import type { EdgeRequest } from "../../local/front/exchange.ts";
import type { Resource } from "../../local/graph/graph.ts";
import { createDistributions } from "../../local/services/cloudfront/cloudfront.ts";
import { ACCOUNT, REGION, type Running, resource } from "./gateway-fixture.ts";
import { folder, refusal } from "./s3-fixture.ts";
import { about, bucketResource, clientFor, startS3 } from "./s3-kit.ts";

const ROLE = `arn:aws:iam::${ACCOUNT}:role/reader`;
const role = (statements: object[] = []): Resource =>
  resource(
    "aws:iam/role:Role",
    "reader",
    {
      name: "reader",
      assumeRolePolicy: "{}",
      inlinePolicies: [{ name: "own", policy: JSON.stringify({ Statement: statements }) }],
    },
    { arn: ROLE },
  );

const policyOf = (bucket: string, statement: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*`, ...statement },
    ],
  });

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const begin = async (resources: Resource[], dataDir?: string) => {
  const running = await startS3(resources, { permissions: true, ...(dataDir ? { dataDir } : {}) });
  const functionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:reader`;
  const caller = running.cloud.credentials.issue({ functionArn, roleArn: ROLE, environmentId: "e" });
  const [developer, reader] = [
    clientFor(running),
    clientFor(running, { credentials: { ...caller }, maxAttempts: 1 }),
  ];
  let over = false;
  const stop = async () => {
    if (over) return;
    over = true;
    for (const client of [developer, reader]) client.destroy();
    await running.stop();
  };
  stops.push(stop);
  return { running, developer, reader, stop };
};

const get = (client: S3Client, Bucket: string) =>
  refusal(client.send(new GetObjectCommand({ Bucket, Key: "k" })));

describe("A bucket's policy", () => {
  const toReader = (bucket: string) => policyOf(bucket, { Principal: { AWS: ROLE } });

  it("that is put while all runs lets a function in, over a restart, until it or its bucket is deleted", async () => {
    const data = folder();
    stops.push(async () => data.remove());
    const first = await begin([role()], data.path);
    const Bucket = "things";
    const create = new CreateBucketCommand({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: REGION },
    });
    await first.developer.send(create);
    await first.developer.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    expect(await get(first.reader, Bucket)).toBe("403 AccessDenied");
    await first.developer.send(new PutBucketPolicyCommand({ Bucket, Policy: toReader(Bucket) }));
    expect(await get(first.reader, Bucket)).toBe("none");
    await first.stop();
    const second = await begin([role()], data.path);
    expect(await get(second.reader, Bucket)).toBe("none");
    await second.developer.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await get(second.reader, Bucket)).toBe("403 AccessDenied");
    const other = { ...create.input, Bucket: "passing" };
    await second.developer.send(new CreateBucketCommand(other));
    await second.developer.send(
      new PutBucketPolicyCommand({ Bucket: "passing", Policy: toReader("passing") }),
    );
    await second.developer.send(new DeleteBucketCommand({ Bucket: "passing" }));
    await second.developer.send(new CreateBucketCommand(other));
    await second.developer.send(new PutObjectCommand({ Bucket: "passing", Key: "k", Body: "x" }));
    expect(await get(second.reader, "passing")).toBe("403 AccessDenied");
  });

  it("is asked for the very object a copy reads, however its name is written", async () => {
    const { developer, reader } = await begin([
      bucketResource("from"),
      bucketResource("to"),
      role([
        { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::to/*" },
        { Effect: "Allow", Action: ["s3:GetObject", "s3:GetObjectVersion"], Resource: "arn:aws:s3:::from/a" },
      ]),
    ]);
    for (const Key of ["a", "a?versionId=null"]) {
      await developer.send(new PutObjectCommand({ Bucket: "from", Key, Body: Key }));
    }
    const copy = (CopySource: string) =>
      refusal(reader.send(new CopyObjectCommand({ Bucket: "to", Key: "k", CopySource })));
    expect(await copy("from/a")).toBe("none");
    expect(await copy("from/a?versionId=null")).toBe("none");
    expect(await copy("from/a%3FversionId=null")).toBe("403 AccessDenied");
  });
});

describe("CloudFront before a bucket", () => {
  const DISTRIBUTION = `arn:aws:cloudfront::${ACCOUNT}:distribution/E1`;
  const domain = `files.s3.${REGION}.amazonaws.com`;
  const bucket: Resource = {
    ...bucketResource("files"),
    outputs: { bucket: "files", arn: "arn:aws:s3:::files", bucketRegionalDomainName: domain },
  };
  const control = resource(
    "aws:cloudfront/originAccessControl:OriginAccessControl",
    "oac",
    { signingBehavior: "always" },
    { id: "OAC1" },
  );
  const distribution = (originAccessControlId?: string) =>
    resource(
      "aws:cloudfront/distribution:Distribution",
      "Edge",
      {
        enabled: true,
        origins: [
          {
            originId: "files",
            domainName: domain,
            ...(originAccessControlId ? { originAccessControlId } : {}),
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: "files",
        },
      },
      { id: "E1", arn: DISTRIBUTION, domainName: "e1.cloudfront.net" },
    );
  const ask = async ({ cloud }: Running, path: string): Promise<number> => {
    const [edge] = createDistributions(cloud, { rest: () => undefined });
    const request: EdgeRequest = {
      method: "GET",
      path,
      query: "",
      host: "e1.cloudfront.net",
      headers: [],
      body: Buffer.alloc(0),
      sourceIp: "127.0.0.1",
      trace: "",
    };
    return (await edge?.handle(request))?.status ?? 0;
  };
  const allow = (sourceArn: string, more: object = {}) =>
    about("bucketPolicy", "files", {
      policy: policyOf("files", {
        Principal: { Service: "cloudfront.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceArn": sourceArn } },
        ...more,
      }),
    });
  const statuses = async (resources: Resource[]) => {
    const { running, developer } = await begin([bucket, control, ...resources]);
    await developer.send(new PutObjectCommand({ Bucket: "files", Key: "a b.txt", Body: "x" }));
    return {
      found: await ask(running, "/a%20b.txt"),
      missing: await ask(running, "/none.txt"),
      printed: running.printed,
    };
  };

  it("reads what the bucket's policy lets this distribution read", async () => {
    expect(await statuses([distribution("OAC1"), allow(DISTRIBUTION)])).toMatchObject({
      found: 200,
      missing: 403,
    });
  });

  it("is told which objects are missing if it may list them, and nobody hears of it if not", async () => {
    const listing = {
      Action: ["s3:GetObject", "s3:ListBucket"],
      Resource: ["arn:aws:s3:::files", "arn:aws:s3:::files/*"],
    };
    expect(await statuses([distribution("OAC1"), allow(DISTRIBUTION, listing)])).toMatchObject({
      found: 200,
      missing: 404,
    });
    const silent = await statuses([distribution("OAC1"), allow(DISTRIBUTION)]);
    expect(silent.printed.join("\n")).not.toContain("ListBucket");
  });

  it("reads nothing from a bucket whose policy forgets it, or means another distribution", async () => {
    const forgotten = await statuses([distribution("OAC1")]);
    expect(forgotten.found).toBe(403);
    expect(forgotten.printed.join("\n")).toContain("must allow s3:GetObject to cloudfront.amazonaws.com");
    expect(await statuses([distribution("OAC1"), allow(`${DISTRIBUTION}0`)])).toMatchObject({ found: 403 });
  });

  it("is nobody in particular without access control", async () => {
    expect(await statuses([distribution(), allow(DISTRIBUTION)])).toMatchObject({ found: 403 });
  });
});
