import {
  CopyObjectCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsOutput,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { graphOf, resource } from "./gateway-fixture.ts";
import { createBucket, refusal, type S3Running, startS3 } from "./s3-fixture.ts";

let running: S3Running;
let send: S3Running["client"]["send"];
let Bucket = "";
let count = 0;
beforeAll(async () => {
  const graph = graphOf([
    resource("aws:s3/bucket:Bucket", "Made", { tags: { app: "x" } }, { bucket: "made-by-graph" }),
    resource("aws:s3/bucketVersioning:BucketVersioning", "V", {
      bucket: "made-by-graph",
      versioningConfiguration: { status: "Enabled" },
    }),
  ]);
  running = await startS3({ graph });
  send = running.client.send.bind(running.client);
});
afterAll(() => running.stop());

const versioning = (Status: "Enabled" | "Suspended") =>
  send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
const put = (Key: string, Body: string, more: object = {}) =>
  send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, VersionId?: string) => send(new GetObjectCommand({ Bucket, Key, VersionId }));
const text = async (Key: string, VersionId?: string) => (await get(Key, VersionId)).Body?.transformToString();
const remove = (Key: string, VersionId?: string) => send(new DeleteObjectCommand({ Bucket, Key, VersionId }));

beforeEach(async () => {
  Bucket = `versions-${++count}`;
  await createBucket(running.client, Bucket);
  await versioning("Enabled");
});

describe("a versioned bucket", () => {
  it("of the graph is versioned and tagged from the start", async () => {
    Bucket = "made-by-graph";
    expect((await send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
    expect((await send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([
      { Key: "app", Value: "x" },
    ]);
  });

  it("keeps every version, and reads the latest", async () => {
    const ids = [];
    for (const body of ["one", "two", "three"]) ids.push((await put("k", body)).VersionId);
    expect(new Set(ids).size).toBe(3);
    expect(await text("k")).toBe("three");
    expect(await text("k", ids[0])).toBe("one");
    expect((await get("k")).VersionId).toBe(ids[2]);
    await remove("k", ids[2]);
    expect(await text("k")).toBe("two");
    expect(await refusal(get("k", ids[2]))).toBe("404 NoSuchVersion");
    expect(await refusal(get("k", "nonsense"))).toBe("400 InvalidArgument");
  });

  it("marks what is deleted, and brings it back when the marker goes", async () => {
    await put("k", "text");
    const { DeleteMarker, VersionId } = await remove("k");
    expect(DeleteMarker).toBe(true);
    const gone = await get("k").catch((error: unknown) => error);
    expect(gone).toMatchObject({
      name: "NoSuchKey",
      $response: { headers: { "x-amz-delete-marker": "true" } },
    });
    const marker = await get("k", VersionId).catch((error: unknown) => error);
    expect(marker).toMatchObject({ name: "MethodNotAllowed", $response: { headers: { allow: "DELETE" } } });
    expect(await refusal(send(new HeadObjectCommand({ Bucket, Key: "k", VersionId })))).toMatch(/^405/);
    expect((await send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    expect(await remove("k", VersionId)).toMatchObject({ DeleteMarker: true, VersionId });
    expect(await text("k")).toBe("text");
  });

  it("that is suspended overwrites what has no version, and nothing else", async () => {
    Bucket = `suspended-${count}`;
    await createBucket(running.client, Bucket);
    await put("k", "before");
    await versioning("Enabled");
    const { VersionId } = await put("k", "versioned");
    expect(await text("k", "null")).toBe("before");
    await versioning("Suspended");
    await put("k", "after");
    expect(await text("k", "null")).toBe("after");
    expect(await text("k", VersionId)).toBe("versioned");
    expect(await remove("k")).toMatchObject({ DeleteMarker: true, VersionId: "null" });
    const { Versions, DeleteMarkers } = await send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map((one) => one.VersionId)).toEqual([VersionId]);
    expect(DeleteMarkers?.map((one) => one.VersionId)).toEqual(["null"]);
  });

  it("copies a version back to be the current one", async () => {
    const { VersionId } = await put("k", "old");
    await put("k", "new");
    const source = `${Bucket}/k?versionId=${VersionId}`;
    const copied = await send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: source }));
    expect(copied.CopySourceVersionId).toBe(VersionId);
    expect(await text("k")).toBe("old");
    const marker = (await remove("k")).VersionId;
    const ofMarker = send(
      new CopyObjectCommand({ Bucket, Key: "x", CopySource: `${Bucket}/k?versionId=${marker}` }),
    );
    expect(await refusal(ofMarker)).toBe("400 InvalidRequest");
  });

  it("lets a key that was deleted be written by whoever wants it free", async () => {
    await put("k", "text");
    expect(await refusal(put("k", "x", { IfNoneMatch: "*" }))).toBe("412 PreconditionFailed");
    await remove("k");
    await put("k", "again", { IfNoneMatch: "*" });
    expect(await text("k")).toBe("again");
  });
});

describe("the list of versions", () => {
  it("is told by pages of any size, in the order of keys and newest first", async () => {
    for (const body of ["1", "2", "3"]) for (const key of ["a", "b/x", "b/y", "c"]) await put(key, body);
    await remove("c");
    const whole = await send(new ListObjectVersionsCommand({ Bucket }));
    const line = (one: { Key?: string; VersionId?: string; IsLatest?: boolean }) =>
      `${one.Key} ${one.VersionId}`;
    expect(whole.Versions).toHaveLength(12);
    expect(whole.Versions?.filter(({ IsLatest }) => IsLatest).map(({ Key }) => Key)).toEqual([
      "a",
      "b/x",
      "b/y",
    ]);
    expect(whole.DeleteMarkers).toMatchObject([{ Key: "c", IsLatest: true }]);
    for (const MaxKeys of [1, 2, 5]) {
      const found: string[] = [];
      let markers: object | undefined = {};
      while (markers) {
        const page: ListObjectVersionsOutput = await send(
          new ListObjectVersionsCommand({ Bucket, MaxKeys, ...markers }),
        );
        found.push(...[...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])].map(line));
        markers = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : undefined;
      }
      expect(found.sort()).toEqual(
        [...(whole.Versions ?? []), ...(whole.DeleteMarkers ?? [])].map(line).sort(),
      );
    }
    const rolled = await send(new ListObjectVersionsCommand({ Bucket, Delimiter: "/" }));
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: "b/" }]);
    expect(new Set(rolled.Versions?.map(({ Key }) => Key))).toEqual(new Set(["a", "c"]));
  });
});

describe("tags", () => {
  const tag = (Key: string, TagSet: { Key: string; Value: string }[], VersionId?: string) =>
    send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet }, VersionId }));
  const tags = async (Key: string, VersionId?: string) =>
    (await send(new GetObjectTaggingCommand({ Bucket, Key, VersionId }))).TagSet;

  it("of an object belong to a version, and change neither it nor its time", async () => {
    const { VersionId, ETag } = await put("k", "text", { Tagging: "a=1" });
    await put("k", "newer");
    await tag("k", [{ Key: "b", Value: "ü 2" }], VersionId);
    expect(await tags("k", VersionId)).toEqual([{ Key: "b", Value: "ü 2" }]);
    expect(await tags("k")).toEqual([]);
    expect(await get("k", VersionId)).toMatchObject({ ETag, TagCount: 1 });
    await send(new DeleteObjectTaggingCommand({ Bucket, Key: "k", VersionId }));
    expect(await tags("k", VersionId)).toEqual([]);
  });

  it("of an object are ten at most, and well formed", async () => {
    await put("k", "text");
    const many = (length: number) => Array.from({ length }, (_, at) => ({ Key: `k${at}`, Value: "v" }));
    await tag("k", many(10));
    expect(await refusal(tag("k", many(11)))).toBe("400 BadRequest");
    expect(await refusal(tag("k", [{ Key: "k".repeat(129), Value: "" }]))).toBe("400 InvalidTag");
    expect(await refusal(tag("k", [{ Key: "k", Value: "v".repeat(257) }]))).toBe("400 InvalidTag");
    expect(await refusal(tag("k", [{ Key: "aws:x", Value: "" }]))).toBe("400 InvalidTag");
    expect(await refusal(put("k", "x", { Tagging: "a=1&a=2" }))).toBe("400 InvalidArgument");
  });

  it("of a bucket are kept whole", async () => {
    const read = () => send(new GetBucketTaggingCommand({ Bucket }));
    expect(await refusal(read())).toBe("404 NoSuchTagSet");
    const TagSet = [{ Key: "team", Value: "one" }];
    await send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await read()).TagSet).toEqual(TagSet);
    await send(new DeleteBucketTaggingCommand({ Bucket }));
    expect(await refusal(read())).toBe("404 NoSuchTagSet");
  });
});

describe("access lists and locks", () => {
  it("are as in a bucket whose owner owns all, without object lock", async () => {
    await put("k", "text");
    const { Grants } = await send(new GetObjectAclCommand({ Bucket, Key: "k" }));
    expect(Grants).toMatchObject([{ Permission: "FULL_CONTROL", Grantee: { Type: "CanonicalUser" } }]);
    const acl = (ACL: "public-read" | "bucket-owner-full-control") =>
      refusal(send(new PutObjectAclCommand({ Bucket, Key: "k", ACL })));
    expect(await acl("public-read")).toBe("400 AccessControlListNotSupported");
    expect(await acl("bucket-owner-full-control")).toBe("none");
    expect(await refusal(put("k", "x", { ACL: "public-read" }))).toBe("400 AccessControlListNotSupported");
    expect(await refusal(send(new GetObjectRetentionCommand({ Bucket, Key: "k" })))).toBe(
      "400 InvalidRequest",
    );
    expect(await refusal(send(new GetObjectLockConfigurationCommand({ Bucket })))).toBe(
      "404 ObjectLockConfigurationNotFoundError",
    );
    const other = { ExpectedBucketOwner: "999999999999" };
    expect(await refusal(put("k", "x", other))).toBe("403 AccessDenied");
  });
});
