import {
  DeletePublicAccessBlockCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketEncryptionCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketWebsiteCommand,
  GetPublicAccessBlockCommand,
  ListBucketInventoryConfigurationsCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "./gateway-fixture.ts";
import { about, bucketResource, clientFor, startS3 } from "./s3-kit.ts";

const Bucket = "set";

describe("Settings of a bucket", () => {
  let running: Running;
  let s3: S3Client;
  beforeAll(async () => {
    running = await startS3([
      bucketResource("set"),
      about("bucketServerSideEncryptionConfigurationV2", "set", {
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "k" },
            bucketKeyEnabled: true,
          },
        ],
      }),
      about("bucketLogging", "set", { targetBucket: "logs", targetPrefix: "s3/" }),
      about("bucketOwnershipControls", "set", { rule: { objectOwnership: "ObjectWriter" } }),
      about("bucketWebsiteConfiguration", "set", {
        indexDocument: { suffix: "start.html" },
        errorDocument: { key: "lost.html" },
      }),
      bucketResource("plain"),
    ]);
    s3 = clientFor(running);
  });
  afterAll(async () => {
    s3.destroy();
    await running.stop();
  });

  it("are those of the graph", async () => {
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration?.Rules).toEqual([
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: "k" },
        BucketKeyEnabled: true,
      },
    ]);
    const { LoggingEnabled } = await s3.send(new GetBucketLoggingCommand({ Bucket }));
    expect(LoggingEnabled).toEqual({ TargetBucket: "logs", TargetPrefix: "s3/" });
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: "ObjectWriter" }]);
    const site = await s3.send(new GetBucketWebsiteCommand({ Bucket }));
    expect(site).toMatchObject({
      IndexDocument: { Suffix: "start.html" },
      ErrorDocument: { Key: "lost.html" },
    });
  });

  it("are S3's own where nobody said anything", async () => {
    const plain = { Bucket: "plain" };
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand(plain));
    expect(ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual({
      SSEAlgorithm: "AES256",
    });
    expect((await s3.send(new GetBucketLoggingCommand(plain))).LoggingEnabled).toBeUndefined();
    expect((await s3.send(new GetBucketAccelerateConfigurationCommand(plain))).Status).toBeUndefined();
    expect((await s3.send(new GetBucketRequestPaymentCommand(plain))).Payer).toBe("BucketOwner");
    await expect(s3.send(new GetBucketWebsiteCommand(plain))).rejects.toMatchObject({
      name: "NoSuchWebsiteConfiguration",
      $metadata: { httpStatusCode: 404 },
    });
    await expect(s3.send(new GetBucketReplicationCommand(plain))).rejects.toMatchObject({
      name: "ReplicationConfigurationNotFoundError",
    });
    await s3.send(new DeletePublicAccessBlockCommand(plain));
    await expect(s3.send(new GetPublicAccessBlockCommand(plain))).rejects.toMatchObject({
      name: "NoSuchPublicAccessBlockConfiguration",
    });
  });

  it("are set by API, and refused where S3 refuses them", async () => {
    const IndexDocument = { Suffix: "home.html" };
    await s3.send(new PutBucketWebsiteCommand({ Bucket: "plain", WebsiteConfiguration: { IndexDocument } }));
    expect(await s3.send(new GetBucketWebsiteCommand({ Bucket: "plain" }))).toMatchObject({ IndexDocument });
    const sealed = (SSEAlgorithm: string) =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: SSEAlgorithm as never } }],
          },
        }),
      );
    await expect(sealed("ROT13")).rejects.toMatchObject({ name: "MalformedXML" });
  });

  it("that are not served are named", async () => {
    await expect(s3.send(new ListBucketInventoryConfigurationsCommand({ Bucket }))).rejects.toMatchObject({
      name: "NotImplemented",
      message: expect.stringContaining("ListBucketInventoryConfigurations"),
      $metadata: { httpStatusCode: 501 },
    });
  });

  describe("and what is in it, at the console", () => {
    const view = (name: string, query = "") =>
      running.gateway.services.get("s3")?.views?.[name]?.(new URLSearchParams(query)) as Promise<
        Record<string, never>
      >;
    const act = (name: string, input: object) =>
      running.gateway.services.get("s3")?.actions?.[name]?.(input as Record<string, unknown>);

    it("are shown by folder and page, with old versions on demand", async () => {
      await s3.send(
        new PutBucketVersioningCommand({ Bucket: "plain", VersioningConfiguration: { Status: "Enabled" } }),
      );
      for (const Key of ["a/1", "a/2", "b (1).txt", "b (1).txt"]) {
        await s3.send(
          new PutObjectCommand({
            Bucket: "plain",
            Key,
            Body: Key,
            Metadata: { mood: "glad" },
            Tagging: "k=v",
          }),
        );
      }
      expect(await view("buckets")).toContainEqual(
        expect.objectContaining({ name: "plain", objects: 3, versioning: "Enabled", isPublic: false }),
      );
      expect(await view("objects", "bucket=plain")).toMatchObject({
        folders: ["a/"],
        objects: [{ key: "b (1).txt", size: 9 }],
      });
      expect(await view("objects", "bucket=plain&prefix=a/&after=a/1")).toMatchObject({
        folders: [],
        objects: [{ key: "a/2" }],
      });
      expect((await view("objects", "bucket=plain&versions&prefix=b")).objects).toHaveLength(2);
      const object = await view("object", "bucket=plain&key=b (1).txt");
      expect(object).toMatchObject({ metadata: { mood: "glad" }, tags: { k: "v" }, versions: [{}, {}] });
      expect(await (await fetch(String(object.link))).text()).toBe("b (1).txt");
      await expect(async () => view("objects", "bucket=nowhere")).rejects.toThrow(
        "There is no bucket nowhere.",
      );
    });

    it("are deleted one by one, or all at once", async () => {
      act("delete", { bucket: "plain", key: "a/1" });
      expect(await view("objects", "bucket=plain&prefix=a/")).toMatchObject({ objects: [{ key: "a/2" }] });
      expect(act("empty", { bucket: "plain" })).toEqual({ deleted: 5 });
      expect(await view("objects", "bucket=plain&versions")).toMatchObject({ folders: [], objects: [] });
    });
  });
});
