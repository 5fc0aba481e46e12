import { join } from "node:path";
import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../local/kit/clock.ts";
import { openStore } from "../../local/services/s3/store.ts";
import { BUCKET, createBucket, folder, refusal, type S3Running, startS3 } from "./s3-fixture.ts";

// In the order of their bytes: é is two, the last is four and stands after U+FFEE, which is three.
const KEYS = [
  "a",
  "a/b",
  "a/b/c",
  "a0",
  "b/1",
  "b/2",
  "b//3",
  "c d",
  "c+d",
  "c&d<e>\"'",
  "c\re",
  "é",
  "\uffee",
  "🎉",
];
const sorted = [...KEYS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

let running: S3Running;
let send: S3Running["client"]["send"];
beforeAll(async () => {
  running = await startS3();
  send = running.client.send.bind(running.client);
  await createBucket(running.client, BUCKET);
  for (const Key of KEYS) await send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
});
afterAll(() => running.stop());

const v2 = (more: object = {}) => send(new ListObjectsV2Command({ Bucket: BUCKET, ...more }));
const v1 = (more: object = {}) => send(new ListObjectsCommand({ Bucket: BUCKET, ...more }));
const keys = (page: { Contents?: { Key?: string }[] }) => page.Contents?.map(({ Key }) => Key) ?? [];
const prefixes = (page: { CommonPrefixes?: { Prefix?: string }[] }) =>
  page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [];

describe("a listing", () => {
  it("tells every key in the order of its bytes, whatever stands in it", async () => {
    const page = await v2();
    expect(keys(page)).toEqual(sorted);
    expect(page).toMatchObject({
      KeyCount: KEYS.length,
      MaxKeys: 1_000,
      IsTruncated: false,
      Name: BUCKET,
      Prefix: "",
    });
    expect(page.Contents?.[0]).toMatchObject({
      Size: 1,
      StorageClass: "STANDARD",
      ETag: expect.stringMatching(/^".{32}"$/),
    });
    expect(page.Contents?.[0]?.Owner).toBeUndefined();
    expect((await v2({ FetchOwner: true })).Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
    expect(keys(await v1())).toEqual(sorted);
    expect((await v1()).Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  it("rolls up what lies behind the delimiter, and counts it as one", async () => {
    const page = await v2({ Delimiter: "/" });
    expect(prefixes(page)).toEqual(["a/", "b/"]);
    expect(page.KeyCount).toBe(sorted.filter((key) => !key.includes("/")).length + 2);
    const inner = await v2({ Delimiter: "/", Prefix: "b/" });
    expect([keys(inner), prefixes(inner)]).toEqual([["b/1", "b/2"], ["b//"]]);
    expect(keys(await v2({ Prefix: "a/b" }))).toEqual(["a/b", "a/b/c"]);
  });

  it.each([1, 2, 3, 5])("by pages of %i tells the same as at once", async (MaxKeys) => {
    for (const Delimiter of [undefined, "/"]) {
      const whole = await v2({ Delimiter });
      const found: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2(
        { client: running.client, pageSize: MaxKeys },
        { Bucket: BUCKET, Delimiter },
      )) {
        expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
        found.push(...keys(page), ...prefixes(page));
      }
      expect(found.sort()).toEqual([...keys(whole), ...prefixes(whole)].sort());
      const old: (string | undefined)[] = [];
      for (let marker: string | undefined = ""; marker !== undefined; ) {
        const page: Awaited<ReturnType<typeof v1>> = await v1({ MaxKeys, Marker: marker, Delimiter });
        old.push(...keys(page), ...prefixes(page));
        marker = page.IsTruncated ? (page.NextMarker ?? keys(page).at(-1)) : undefined;
      }
      expect(old.sort()).toEqual(found);
    }
  });

  it("starts after any key, there or not", async () => {
    expect(keys(await v2({ StartAfter: "b/1" }))).toEqual(sorted.slice(sorted.indexOf("b/1") + 1));
    expect(keys(await v2({ StartAfter: "b/0" }))[0]).toBe("b/1");
    expect(prefixes(await v2({ StartAfter: "b/1", Delimiter: "/" }))).toEqual(["b/"]);
  });

  it("encodes keys where it is asked to", async () => {
    const page = await v2({ EncodingType: "url", Prefix: "c" });
    expect(page.EncodingType).toBe("url");
    expect(keys(page)).toEqual(
      ["c%0De", "c+d", "c%26d%3Ce%3E%22%27", "c%2Bd"].sort((a, b) => {
        const decode = (key: string) => decodeURIComponent(key.replaceAll("+", " "));
        return decode(a) < decode(b) ? -1 : 1;
      }),
    );
  });

  it("refuses limits and tokens that are none", async () => {
    expect(await refusal(v2({ MaxKeys: -1 }))).toBe("400 InvalidArgument");
    expect(await refusal(v2({ ContinuationToken: "nonsense" }))).toBe("400 InvalidArgument");
    expect(await refusal(v2({ EncodingType: "rot13" }))).toBe("400 InvalidArgument");
    expect(await v2({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
    expect(await v2({ MaxKeys: 5_000 })).toMatchObject({ MaxKeys: 1_000 });
  });

  it("leaves out common prefixes whose keys are all gone", async () => {
    await send(new PutObjectCommand({ Bucket: BUCKET, Key: "zz/1", Body: "" }));
    expect(prefixes(await v2({ Delimiter: "/" }))).toContain("zz/");
    await send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "zz/1" }));
    expect(prefixes(await v2({ Delimiter: "/" }))).not.toContain("zz/");
  });
});

describe("20,000 keys", () => {
  it("are listed by pages, and rolled up without being walked", async () => {
    const data = folder();
    const clock = systemClock();
    const filled = openStore(join(data.path, "s3", "buckets"), clock);
    filled.createBucket("many", { created: clock.now(), region: "eu-central-1", config: {} });
    const empty = {
      system: {},
      user: {},
      tags: {},
      encryption: {},
      size: 0,
      etag: "0".repeat(32),
      extents: [],
    };
    for (let at = 0; at < 20_000; at++) filled.put("many", `folder-${at % 10}/${at}`, empty);
    filled.close();
    const many = await startS3({ dataDir: data.path });
    const found = new Set<string | undefined>();
    let pages = 0;
    for await (const page of paginateListObjectsV2({ client: many.client }, { Bucket: "many" })) {
      pages++;
      for (const key of keys(page)) found.add(key);
    }
    expect([pages, found.size]).toEqual([20, 20_000]);
    const rolled = await many.client.send(new ListObjectsV2Command({ Bucket: "many", Delimiter: "/" }));
    expect(prefixes(rolled)).toHaveLength(10);
    await many.stop();
    data.remove();
  });
});
