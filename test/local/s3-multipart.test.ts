import { createHash, randomBytes } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checksumOf } from "../../local/services/s3/checksums.ts";
import { BUCKET, createBucket, refusal, type S3Running, startS3 } from "./s3-fixture.ts";

const MB5 = 5 * 1024 * 1024;

let running: S3Running;
let send: S3Running["client"]["send"];
beforeAll(async () => {
  running = await startS3();
  send = running.client.send.bind(running.client);
  await createBucket(running.client, BUCKET);
});
afterAll(() => running.stop());

const begin = async (Key: string, more: object = {}) => {
  const { UploadId } = await send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, ...more }));
  return { Bucket: BUCKET, Key, UploadId };
};
type At = Awaited<ReturnType<typeof begin>>;
const part = (at: At, PartNumber: number, Body: Buffer | string, more: object = {}) =>
  send(new UploadPartCommand({ ...at, PartNumber, Body, ...more }));
const complete = (at: At, Parts: object[], more: object = {}) =>
  send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts }, ...more }));
const bytes = async (Key: string, more: object = {}) => {
  const found = await send(new GetObjectCommand({ Bucket: BUCKET, Key, ...more }));
  return Buffer.from((await found.Body?.transformToByteArray()) ?? []);
};
// comparing megabytes element by element takes seconds
const holds = async (Key: string, expected: Buffer, more: object = {}) =>
  expect((await bytes(Key, more)).equals(expected)).toBe(true);
const md5 = (data: Buffer) => createHash("md5").update(data).digest();

describe("an upload in parts", () => {
  it("becomes one object whose ETag is made of its parts'", async () => {
    const [one, two] = [randomBytes(MB5), randomBytes(1_000)];
    const at = await begin("joined", { ContentType: "video/mp4", Metadata: { m: "1" }, Tagging: "a=b" });
    const [second, first] = [await part(at, 7, two), await part(at, 3, one)];
    const done = await complete(at, [
      { PartNumber: 3, ETag: first.ETag },
      { PartNumber: 7, ETag: second.ETag },
    ]);
    const expected = `"${md5(Buffer.concat([md5(one), md5(two)])).toString("hex")}-2"`;
    expect(done).toMatchObject({ ETag: expected, Key: "joined", Bucket: BUCKET });
    await holds("joined", Buffer.concat([one, two]));
    const seam = Buffer.concat([one.subarray(-2), two.subarray(0, 2)]);
    await holds("joined", seam, { Range: `bytes=${MB5 - 2}-${MB5 + 1}` });
    const second2 = await send(new GetObjectCommand({ Bucket: BUCKET, Key: "joined", PartNumber: 2 }));
    expect(second2).toMatchObject({
      PartsCount: 2,
      ContentLength: 1_000,
      ContentType: "video/mp4",
      Metadata: { m: "1" },
    });
    expect(await refusal(bytes("joined", { PartNumber: 3 }))).toBe("416 InvalidPartNumber");
  });

  it("that is completed twice is answered twice alike", async () => {
    const at = await begin("twice");
    const { ETag } = await part(at, 1, "text");
    const [a, b] = await Promise.all([
      complete(at, [{ PartNumber: 1, ETag }]),
      complete(at, [{ PartNumber: 1, ETag }]),
    ]);
    expect((await complete(at, [{ PartNumber: 1, ETag }])).ETag).toBe(a.ETag);
    expect(b.ETag).toBe(a.ETag);
    // what stands there since is another's: it is not passed off as this upload's
    await send(new PutObjectCommand({ Bucket: BUCKET, Key: "twice", Body: "another" }));
    expect(await refusal(complete(at, [{ PartNumber: 1, ETag }]))).toBe("404 NoSuchUpload");
  });

  it("replaces a part that is sent again", async () => {
    const at = await begin("again");
    await part(at, 1, "first");
    const { ETag } = await part(at, 1, "second");
    await complete(at, [{ PartNumber: 1, ETag }]);
    expect((await bytes("again")).toString()).toBe("second");
  });

  it("is refused for parts out of order, unknown, too small or outside the numbers", async () => {
    const at = await begin("refused");
    const [one, two] = [await part(at, 1, "a"), await part(at, 2, "b")];
    const parts = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];
    expect(await refusal(complete(at, [...parts].reverse()))).toBe("400 InvalidPartOrder");
    expect(await refusal(complete(at, [{ PartNumber: 1, ETag: two.ETag }]))).toBe("400 InvalidPart");
    expect(await refusal(complete(at, [{ PartNumber: 9, ETag: two.ETag }]))).toBe("400 InvalidPart");
    expect(await refusal(complete(at, parts))).toBe("400 EntityTooSmall");
    expect(await refusal(complete(at, []))).toBe("400 MalformedXML");
    expect(await refusal(part(at, 0, "x"))).toBe("400 InvalidArgument");
    expect(await refusal(part(at, 10_001, "x"))).toBe("400 InvalidArgument");
    expect(await refusal(complete(at, parts.slice(0, 1), { MpuObjectSize: 2 }))).toBe("400 InvalidRequest");
    await send(new AbortMultipartUploadCommand(at));
    expect(await refusal(complete(at, parts.slice(0, 1)))).toBe("404 NoSuchUpload");
    expect(await refusal(part(at, 1, "x"))).toBe("404 NoSuchUpload");
    expect(await refusal(send(new AbortMultipartUploadCommand(at)))).toBe("404 NoSuchUpload");
    expect(await refusal(bytes("refused"))).toBe("404 NoSuchKey");
  });

  it("keeps a key that another one took first", async () => {
    const uploads = await Promise.all(Array.from({ length: 10 }, () => begin("first-come")));
    const outcomes = await Promise.all(
      uploads.map(async (at, index) => {
        const { ETag } = await part(at, 1, `upload ${index}`);
        return refusal(complete(at, [{ PartNumber: 1, ETag }], { IfNoneMatch: "*" }));
      }),
    );
    expect(outcomes.filter((one) => one === "none")).toHaveLength(1);
    expect(outcomes.filter((one) => one === "412 PreconditionFailed")).toHaveLength(9);
  });
});

describe("checksums of an upload", () => {
  const [one, two] = [randomBytes(MB5), randomBytes(77)];
  const uploadBoth = async (Key: string, algorithm?: ChecksumAlgorithm, type?: ChecksumType) => {
    const at = await begin(Key, { ChecksumAlgorithm: algorithm, ChecksumType: type });
    const given = algorithm ? { ChecksumAlgorithm: algorithm } : {};
    const parts = [await part(at, 1, one, given), await part(at, 2, two, given)];
    return complete(
      at,
      parts.map(({ ETag, CRC32: _, ...sums }: { ETag?: string; CRC32?: string }, index) => ({
        PartNumber: index + 1,
        ETag,
        ...Object.fromEntries(Object.entries(sums).filter(([name]) => name.startsWith("Checksum"))),
      })),
    );
  };

  it.each(["CRC32", "CRC32C", "CRC64NVME"] as const)(
    "by %s over the whole are those of the bytes",
    async (algorithm) => {
      const done = await uploadBoth(`full-${algorithm}`, algorithm, "FULL_OBJECT");
      const expected = await checksumOf(algorithm, Buffer.concat([one, two]));
      expect(done).toMatchObject({ [`Checksum${algorithm}`]: expected, ChecksumType: "FULL_OBJECT" });
      await holds(`full-${algorithm}`, Buffer.concat([one, two]), { ChecksumMode: "ENABLED" });
    },
  );

  it.each(["CRC32", "CRC32C", "SHA1", "SHA256"] as const)(
    "by %s of the parts' checksums are marked so",
    async (algorithm) => {
      const done = await uploadBoth(`composite-${algorithm}`, algorithm);
      const values = await Promise.all([one, two].map((data) => checksumOf(algorithm, data)));
      const joined = Buffer.concat(values.map((value) => Buffer.from(value, "base64")));
      const expected = `${await checksumOf(algorithm, joined)}-2`;
      expect(done).toMatchObject({ [`Checksum${algorithm}`]: expected, ChecksumType: "COMPOSITE" });
      const told = await send(
        new GetObjectAttributesCommand({
          Bucket: BUCKET,
          Key: `composite-${algorithm}`,
          ObjectAttributes: ["ObjectParts", "Checksum"],
        }),
      );
      expect(told.ObjectParts).toMatchObject({
        TotalPartsCount: 2,
        Parts: values.map((value, index) => ({ PartNumber: index + 1, [`Checksum${algorithm}`]: value })),
      });
    },
  );

  it("are CRC64NVME of the whole where none is asked for", async () => {
    const done = await uploadBoth("default");
    expect(done.ChecksumCRC64NVME).toBe(await checksumOf("CRC64NVME", Buffer.concat([one, two])));
  });

  it("cannot be of a kind that does not exist, nor of another than was begun with", async () => {
    expect(await refusal(begin("x", { ChecksumAlgorithm: "SHA256", ChecksumType: "FULL_OBJECT" }))).toBe(
      "400 InvalidRequest",
    );
    expect(await refusal(begin("x", { ChecksumAlgorithm: "CRC64NVME", ChecksumType: "COMPOSITE" }))).toBe(
      "400 InvalidRequest",
    );
    const at = await begin("x", { ChecksumAlgorithm: "SHA256" });
    expect(await refusal(part(at, 1, "text", { ChecksumAlgorithm: "CRC32" }))).toBe("400 InvalidRequest");
    const { ETag } = await part(at, 1, "text", { ChecksumAlgorithm: "SHA256" });
    expect(await refusal(complete(at, [{ PartNumber: 1, ETag }]))).toBe("400 InvalidRequest");
  });
});

describe("a part that is copied", () => {
  it("is a range of another object, or all of it", async () => {
    const source = randomBytes(MB5 + 100);
    await send(new PutObjectCommand({ Bucket: BUCKET, Key: "source", Body: source }));
    const at = await begin("assembled");
    const copy = (PartNumber: number, CopySourceRange?: string) =>
      send(new UploadPartCopyCommand({ ...at, PartNumber, CopySource: `${BUCKET}/source`, CopySourceRange }));
    const parts = [await copy(1, `bytes=100-${MB5 + 99}`), await copy(2, "bytes=0-9"), await copy(3)];
    expect(await refusal(copy(4, "bytes=0-99999999"))).toBe("400 InvalidArgument");
    await send(new PutObjectCommand({ Bucket: BUCKET, Key: "source", Body: "gone" }));
    const etags = parts.map(({ CopyPartResult }, index) => ({
      PartNumber: index + 1,
      ETag: CopyPartResult?.ETag,
    }));
    expect(await refusal(complete(at, etags))).toBe("400 EntityTooSmall");
    await complete(
      at,
      [etags[0], etags[2]].filter((one) => one !== undefined),
    );
    await holds("assembled", Buffer.concat([source.subarray(100), source]));
  });
});

describe("listings of uploads", () => {
  it("tell the parts by pages", async () => {
    const at = await begin("listed/parts");
    await Promise.all([5, 1, 3].map((number) => part(at, number, `part ${number}`)));
    const first = await send(new ListPartsCommand({ ...at, MaxParts: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "3", MaxParts: 2 });
    expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 6],
      [3, 6],
    ]);
    const rest = await send(new ListPartsCommand({ ...at, PartNumberMarker: first.NextPartNumberMarker }));
    expect(rest).toMatchObject({ IsTruncated: false, Parts: [{ PartNumber: 5 }] });
    await send(new AbortMultipartUploadCommand(at));
  });

  it("tell the uploads by pages, prefix and delimiter", async () => {
    const keys = ["u/a", "u/a", "u/b/1", "u/b/2", "u/c"];
    for (const key of keys) await begin(key);
    const list = (more: object) =>
      send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: "u/", ...more }));
    const found: string[] = [];
    let markers: object | undefined = {};
    for (let pages = 0; markers && pages < 10; pages++) {
      const page = await list({ MaxUploads: 1, ...markers });
      found.push(...(page.Uploads ?? []).map(({ Key }) => Key ?? ""));
      markers = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
    }
    expect(found).toEqual(keys);
    const rolled = await list({ Delimiter: "/" });
    expect(rolled.Uploads?.map(({ Key }) => Key)).toEqual(["u/a", "u/a", "u/c"]);
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: "u/b/" }]);
  });
});

it("lib-storage uploads a stream in parts", async () => {
  const body = randomBytes(12 * 1024 * 1024);
  await new Upload({
    client: running.client,
    params: { Bucket: BUCKET, Key: "streamed", Body: body },
  }).done();
  const head = await send(new HeadObjectCommand({ Bucket: BUCKET, Key: "streamed" }));
  expect(head.ETag).toMatch(/-3"$/);
  expect(md5(await bytes("streamed"))).toEqual(md5(body));
});
