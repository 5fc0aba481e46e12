import { createHash, randomBytes } from "node:crypto";
import {
  CopyObjectCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REGION } from "./gateway-fixture.ts";
import { BUCKET, createBucket, refusal, type S3Running, startS3 } from "./s3-fixture.ts";

let running: S3Running;
let send: S3Running["client"]["send"];
beforeAll(async () => {
  running = await startS3();
  send = running.client.send.bind(running.client);
  await createBucket(running.client, BUCKET);
});
afterAll(() => running.stop());

const put = (Key: string, Body: string | Buffer = "text", more: object = {}) =>
  send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...more }));
const get = (Key: string, more: object = {}) => send(new GetObjectCommand({ Bucket: BUCKET, Key, ...more }));
const head = (Key: string, more: object = {}) =>
  send(new HeadObjectCommand({ Bucket: BUCKET, Key, ...more }));
const text = async (Key: string, more: object = {}) => (await get(Key, more)).Body?.transformToString();

describe("buckets", () => {
  it("are made, found, listed and deleted once empty", async () => {
    await createBucket(running.client, "passing.by-1");
    expect(await refusal(createBucket(running.client, "passing.by-1"))).toBe("409 BucketAlreadyOwnedByYou");
    await send(new PutObjectCommand({ Bucket: "passing.by-1", Key: "k", Body: "v" }));
    expect(await refusal(send(new DeleteBucketCommand({ Bucket: "passing.by-1" })))).toBe(
      "409 BucketNotEmpty",
    );
    await send(new DeleteObjectCommand({ Bucket: "passing.by-1", Key: "k" }));
    const names = async () => (await send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name);
    expect(await names()).toEqual(["passing.by-1", BUCKET]);
    expect((await send(new GetBucketLocationCommand({ Bucket: BUCKET }))).LocationConstraint).toBe(REGION);
    expect((await send(new HeadBucketCommand({ Bucket: BUCKET }))).BucketRegion).toBe(REGION);
    await send(new DeleteBucketCommand({ Bucket: "passing.by-1" }));
    expect(await names()).toEqual([BUCKET]);
    expect(await refusal(send(new HeadBucketCommand({ Bucket: "passing.by-1" })))).toBe("404 NotFound");
  });

  it.each(["ab", "Upper", "192.168.0.1", "a..b", "-ab", "xn--abc", "under_score"])(
    "cannot be called %s",
    async (name) => {
      expect(await refusal(createBucket(running.client, name))).toBe("400 InvalidBucketName");
    },
  );
});

describe("an object", () => {
  it("comes back with its bytes, its ETag and all that was said of it", async () => {
    const body = randomBytes(300_000);
    const md5 = createHash("md5").update(body).digest("hex");
    const said = {
      ContentType: "image/png",
      CacheControl: "max-age=5",
      ContentDisposition: 'attachment; filename="a.png"',
      ContentEncoding: "identity",
      ContentLanguage: "de",
      Metadata: { one: "1", "two-two": "zwei" },
      StorageClass: "STANDARD_IA" as const,
    };
    const stored = await put("a/picture.png", body, { ...said, Tagging: "x=1&y=2" });
    expect(stored).toMatchObject({
      ETag: `"${md5}"`,
      ServerSideEncryption: "AES256",
      ChecksumType: "FULL_OBJECT",
    });
    const found = await get("a/picture.png");
    expect(found).toMatchObject({
      ...said,
      ETag: `"${md5}"`,
      ContentLength: 300_000,
      TagCount: 2,
      AcceptRanges: "bytes",
    });
    expect(Buffer.from((await found.Body?.transformToByteArray()) ?? [])).toEqual(body);
    expect(await head("a/picture.png")).toMatchObject({ ...said, ContentLength: 300_000 });
  });

  it("is encrypted as it asks, or else as its bucket does", async () => {
    const kms = {
      ServerSideEncryption: "aws:kms" as const,
      SSEKMSKeyId: "arn:aws:kms:eu-central-1:1:key/own",
    };
    expect(await put("secret", "x", kms)).toMatchObject(kms);
    expect(await head("secret")).toMatchObject(kms);
    const byDefault = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: "of-the-bucket" };
    await createBucket(running.client, "encrypted");
    await send(
      new PutBucketEncryptionCommand({
        Bucket: "encrypted",
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: byDefault }] },
      }),
    );
    const stored = await send(new PutObjectCommand({ Bucket: "encrypted", Key: "k", Body: "x" }));
    expect(stored.SSEKMSKeyId).toMatch(/^arn:aws:kms:.*:key\/of-the-bucket$/);
    await send(new DeleteObjectCommand({ Bucket: "encrypted", Key: "k" }));
    await send(new DeleteBucketCommand({ Bucket: "encrypted" }));
  });

  it("that holds nothing is an object all the same", async () => {
    await put("empty", "");
    expect(await text("empty")).toBe("");
    expect(await refusal(get("empty", { Range: "bytes=0-0" }))).toBe("416 InvalidRange");
    expect(await head("empty")).toMatchObject({ ContentLength: 0, ContentType: "application/octet-stream" });
  });

  it.each([
    "a//b",
    "../x",
    "a b",
    "a+b",
    "100%",
    "%41",
    "🎉",
    "line\nbreak",
    "ü/ñ",
    "?x=1&y#z",
    "/lead",
    "tail/",
    ".",
  ])("may be called %j", async (key) => {
    await put(key, `at ${key}`);
    expect(await text(key)).toBe(`at ${key}`);
    const listed = await send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key }));
    expect(listed.Contents?.map(({ Key }) => Key)).toContain(key);
    await send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(await refusal(get(key))).toBe("404 NoSuchKey");
  });

  it("cannot have a key of more than 1,024 bytes, nor more than 2 KB of metadata", async () => {
    await put("ü".repeat(512), "");
    expect(await refusal(put("ü".repeat(513), ""))).toBe("400 KeyTooLongError");
    await put("meta", "", { Metadata: { k: "v".repeat(2_047) } });
    expect(await refusal(put("meta", "", { Metadata: { k: "v".repeat(2_048) } }))).toBe(
      "400 MetadataTooLarge",
    );
  });

  it("that is not there is NoSuchKey to GET, and NotFound to HEAD, which has no body", async () => {
    expect(await refusal(get("nowhere"))).toBe("404 NoSuchKey");
    expect(await refusal(head("nowhere"))).toBe("404 NotFound");
    expect(await refusal(send(new GetObjectCommand({ Bucket: "not-there", Key: "k" })))).toBe(
      "404 NoSuchBucket",
    );
  });
});

describe("a range", () => {
  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-", "456789", "bytes 4-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=-30", "0123456789", "bytes 0-9/10"],
    ["bytes=8-100", "89", "bytes 8-9/10"],
  ])("%s is answered alone", async (Range, expected, ContentRange) => {
    await put("digits", "0123456789");
    const part = await get("digits", { Range });
    expect(part).toMatchObject({
      ContentRange,
      ContentLength: expected.length,
      $metadata: { httpStatusCode: 206 },
    });
    expect(await part.Body?.transformToString()).toBe(expected);
  });

  it.each(["bytes=0-1,3-4", "bytes=5-2", "chars=0-1", "bytes=a-b"])("%s means the whole", async (Range) => {
    await put("digits", "0123456789");
    expect(await get("digits", { Range })).toMatchObject({
      ContentLength: 10,
      $metadata: { httpStatusCode: 200 },
    });
  });

  it.each(["bytes=10-", "bytes=-0", "bytes=99-100"])("%s is not satisfiable", async (Range) => {
    await put("digits", "0123456789");
    const failed = await get("digits", { Range }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: "InvalidRange", ActualObjectSize: "10", RangeRequested: Range });
  });
});

describe("conditions", () => {
  // an answer without a body has no code: the SDK calls it unknown
  it.each([
    [{ IfMatch: "other" }, "412 PreconditionFailed"],
    [{ IfMatch: "right" }, "none"],
    [{ IfMatch: "*" }, "none"],
    [{ IfNoneMatch: "right" }, "304 Unknown"],
    [{ IfNoneMatch: "other" }, "none"],
    [{ IfModifiedSince: "future" }, "304 Unknown"],
    [{ IfModifiedSince: "past" }, "none"],
    [{ IfUnmodifiedSince: "past" }, "412 PreconditionFailed"],
    [{ IfUnmodifiedSince: "future" }, "none"],
    [{ IfMatch: "right", IfUnmodifiedSince: "past" }, "none"],
    [{ IfNoneMatch: "other", IfModifiedSince: "future" }, "none"],
    [{ IfNoneMatch: "right", IfModifiedSince: "past" }, "304 Unknown"],
  ])("of a read, %j, come to %s", async (given, expected) => {
    const etag = (await put("conditional")).ETag ?? "";
    const values: Record<string, unknown> = {
      right: etag,
      past: new Date(Date.now() - 60_000),
      future: new Date(Date.now() + 60_000),
    };
    const conditions = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, values[value] ?? value]),
    );
    expect(await refusal(get("conditional", conditions))).toBe(expected);
  });

  it("let one of fifty writers win a key that was free", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => refusal(put("raced", `writer ${at}`, { IfNoneMatch: "*" }))),
    );
    expect(outcomes.filter((one) => one === "none")).toHaveLength(1);
    expect(outcomes.filter((one) => one === "412 PreconditionFailed")).toHaveLength(49);
    expect(await text("raced")).toBe(`writer ${outcomes.indexOf("none")}`);
  });

  it("let one of fifty writers replace what all have read", async () => {
    const { ETag } = await put("counter", "0");
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => refusal(put("counter", `next ${at}`, { IfMatch: ETag }))),
    );
    expect(outcomes.filter((one) => one === "none")).toHaveLength(1);
    expect(await refusal(put("never-there", "x", { IfMatch: ETag }))).toBe("404 NoSuchKey");
  });

  it("of a deletion hold it back", async () => {
    const { ETag } = await put("kept");
    const remove = (IfMatch: string | undefined) =>
      send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "kept", IfMatch }));
    expect(await refusal(remove('"other"'))).toBe("412 PreconditionFailed");
    await remove(ETag);
    expect(await refusal(head("kept"))).toBe("404 NotFound");
  });
});

describe("a checksum", () => {
  it.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "by %s is verified, kept and told",
    async (ChecksumAlgorithm) => {
      const name = `Checksum${ChecksumAlgorithm}`;
      const stored = await put("summed", "sum me", { ChecksumAlgorithm });
      expect(stored).toHaveProperty(name, expect.stringMatching(/=$/));
      expect(await head("summed", { ChecksumMode: "ENABLED" })).toMatchObject({
        [name]: stored[name as keyof typeof stored],
        ChecksumType: "FULL_OBJECT",
      });
      expect(await text("summed", { ChecksumMode: "ENABLED" })).toBe("sum me");
      const wrong = Buffer.alloc(
        Buffer.from(String(stored[name as keyof typeof stored]), "base64").length,
      ).toString("base64");
      expect(await refusal(put("summed", "sum me", { [name]: wrong }))).toBe("400 BadDigest");
      expect(await refusal(put("summed", "sum me", { [name]: "AAA=" }))).toBe("400 InvalidRequest");
      const told = await send(
        new GetObjectAttributesCommand({
          Bucket: BUCKET,
          Key: "summed",
          ObjectAttributes: ["Checksum", "ETag", "ObjectSize", "StorageClass"],
        }),
      );
      expect(told).toMatchObject({
        ObjectSize: 6,
        StorageClass: "STANDARD",
        Checksum: { [name]: stored[name as keyof typeof stored] },
      });
    },
  );

  it("by MD5 is verified", async () => {
    const md5 = (value: string) => createHash("md5").update(value).digest("base64");
    await put("digested", "body", { ContentMD5: md5("body") });
    expect(await refusal(put("digested", "body", { ContentMD5: md5("other") }))).toBe("400 BadDigest");
    expect(await refusal(put("digested", "body", { ContentMD5: "short" }))).toBe("400 InvalidDigest");
    expect(await text("digested")).toBe("body");
  });
});

describe("a copy", () => {
  const copy = (CopySource: string, Key: string, more: object = {}) =>
    send(new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource, ...more }));

  it("has bytes, metadata and tags of its source, or its own", async () => {
    const { ETag } = await put("source ü+", "copied", {
      Metadata: { a: "1" },
      ContentType: "text/x",
      Tagging: "t=1",
    });
    const from = encodeURI(`${BUCKET}/source ü+`).replace("+", "%2B");
    expect((await copy(from, "copy")).CopyObjectResult).toMatchObject({ ETag });
    expect(await get("copy")).toMatchObject({ Metadata: { a: "1" }, ContentType: "text/x", TagCount: 1 });
    await copy(from, "copy", {
      MetadataDirective: "REPLACE",
      Metadata: { b: "2" },
      TaggingDirective: "REPLACE",
      Tagging: "",
    });
    const replaced = await get("copy");
    expect(replaced).toMatchObject({ Metadata: { b: "2" }, ContentType: "binary/octet-stream" });
    expect(replaced.TagCount).toBeUndefined();
    await put("source ü+", "changed");
    expect(await text("copy")).toBe("copied");
  });

  it("onto itself must change something", async () => {
    await put("self", "same");
    expect(await refusal(copy(`${BUCKET}/self`, "self"))).toBe("400 InvalidRequest");
    await copy(`${BUCKET}/self`, "self", { MetadataDirective: "REPLACE", Metadata: { now: "this" } });
    expect(await get("self")).toMatchObject({ Metadata: { now: "this" } });
    expect(await text("self")).toBe("same");
  });

  it("is refused where its source is not as wanted, or not there", async () => {
    const { ETag } = await put("wanted", "x");
    expect(await refusal(copy(`${BUCKET}/wanted`, "c", { CopySourceIfMatch: '"other"' }))).toBe(
      "412 PreconditionFailed",
    );
    expect(await refusal(copy(`${BUCKET}/wanted`, "c", { CopySourceIfNoneMatch: ETag }))).toBe(
      "412 PreconditionFailed",
    );
    expect(await refusal(copy(`${BUCKET}/nowhere`, "c"))).toBe("404 NoSuchKey");
    expect(await refusal(copy("not-there/x", "c"))).toBe("404 NoSuchBucket");
    expect(await refusal(head("c"))).toBe("404 NotFound");
  });
});

describe("a batch of deletions", () => {
  it("deletes up to a thousand keys, each by itself, and says so unless quiet", async () => {
    await Promise.all(["b/1", "b/2", "b/3"].map((key) => put(key)));
    const batch = (keys: string[], Quiet = false) =>
      send(
        new DeleteObjectsCommand({
          Bucket: BUCKET,
          Delete: { Quiet, Objects: keys.map((Key) => ({ Key })) },
        }),
      );
    expect((await batch(["b/1", "b/2", "not-there"])).Deleted?.map(({ Key }) => Key)).toEqual([
      "b/1",
      "b/2",
      "not-there",
    ]);
    expect((await batch(["b/3"], true)).Deleted).toBeUndefined();
    expect((await send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "b/" }))).KeyCount).toBe(0);
    const many = Array.from({ length: 1_001 }, (_, at) => `k${at}`);
    expect(await refusal(batch(many))).toBe("400 MalformedXML");
    expect((await batch(many.slice(1))).Deleted).toHaveLength(1_000);
  });

  it("tells which of them failed", async () => {
    await put("b/kept");
    const { Errors, Deleted } = await send(
      new DeleteObjectsCommand({
        Bucket: BUCKET,
        Delete: {
          Objects: [
            { Key: "b/kept", ETag: '"other"' },
            { Key: "b/else" },
            { Key: "b/kept", VersionId: "nonsense" },
          ],
        },
      }),
    );
    expect(Errors?.map(({ Key, Code }) => `${Key} ${Code}`)).toEqual([
      "b/kept PreconditionFailed",
      "b/kept InvalidArgument",
    ]);
    expect(Deleted?.map(({ Key }) => Key)).toEqual(["b/else"]);
  });
});
