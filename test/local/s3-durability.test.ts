import { type ChildProcess, fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCredentials } from "../../local/kit/credentials.ts";
import { REGION, until } from "./gateway-fixture.ts";
import { BUCKET, createBucket, folder, refusal, s3Client, startS3 } from "./s3-fixture.ts";

let data: ReturnType<typeof folder>;
const children: ChildProcess[] = [];
beforeEach(() => {
  data = folder();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  data.remove();
});

const serve = async (dataDir: string) => {
  const child = fork(join(import.meta.dirname, "../fixtures/s3/serve.ts"), [dataDir]);
  children.push(child);
  const exited = once(child, "exit").then(() => Promise.reject(new Error("the served process ended")));
  exited.catch(() => {}); // it is meant to, later
  const [{ endpoint }] = (await Promise.race([once(child, "message"), exited])) as [{ endpoint: string }];
  const client = new S3Client({
    endpoint,
    region: REGION,
    credentials: createCredentials().developer,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  return { child, client };
};

const kill = async (child: ChildProcess) => {
  child.kill("SIGKILL");
  await once(child, "exit");
};

const text = async (client: S3Client, Key: string) =>
  (await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body?.transformToString();

const blobs = (root: string): string[] =>
  readdirSync(join(root, "s3", "buckets", BUCKET, "blobs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe("a process that is killed", () => {
  it("has lost nothing it answered, and shows nothing half", async () => {
    const { child, client } = await serve(data.path);
    await createBucket(client, BUCKET);
    const answered = new Map<string, string>();
    const deleted = new Set<string>();
    const write = async (writer: number) => {
      for (let at = 0; ; at++) {
        const key = `w${writer}/${at}`;
        const body = randomBytes(4_000).toString("hex");
        await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
        answered.set(key, body);
        if (at % 3 > 0) continue;
        // what is being deleted at the end may be there or not
        answered.delete(key);
        await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
        deleted.add(key);
      }
    };
    const writers = Array.from({ length: 8 }, (_, at) => write(at).catch(() => {}));
    await until(() => answered.size > 150);
    await kill(child);
    await Promise.all(writers);
    const { client: next, child: second } = await serve(data.path);
    const listed = await next.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    const keys = new Set(listed.Contents?.map(({ Key }) => Key));
    for (const [key, body] of answered) expect(await text(next, key)).toBe(body);
    for (const key of deleted) expect(keys.has(key)).toBe(false);
    for (const { Key, Size } of listed.Contents ?? []) expect([Key, Size]).toEqual([Key, 8_000]);
    await until(() => blobs(data.path).length === keys.size); // half-written files are swept
    await kill(second);
  });

  it("goes on with an upload in parts where it stood", async () => {
    const { child, client } = await serve(data.path);
    await createBucket(client, BUCKET);
    const at = { Bucket: BUCKET, Key: "parts" };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const upload = { ...at, UploadId };
    await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "text" }));
    const other = await client.send(new CreateMultipartUploadCommand(at));
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId: other.UploadId }));
    await kill(child);
    const { client: next } = await serve(data.path);
    const { Parts } = await next.send(new ListPartsCommand(upload));
    const parts = Parts?.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
    const complete = () =>
      next.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }));
    const { ETag } = await complete();
    expect((await complete()).ETag).toBe(ETag);
    expect(await text(next, "parts")).toBe("text");
    const gone = next.send(new ListPartsCommand({ ...at, UploadId: other.UploadId }));
    expect(await refusal(gone)).toBe("404 NoSuchUpload");
  });
});

describe("data on disk", () => {
  it("whose last line was cut short is read up to there, and any other damage is told by name", async () => {
    const first = await startS3({ dataDir: data.path });
    await createBucket(first.client, BUCKET);
    await first.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: "kept" }));
    await first.stop();
    const journal = join(data.path, "s3", "buckets", BUCKET, "journal.jsonl");
    appendFileSync(journal, '["put",{"key":"half"');
    const second = await startS3({ dataDir: data.path });
    expect(await text(second.client, "k")).toBe("kept");
    await second.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "l", Body: "more" }));
    await second.stop();
    const third = await startS3({ dataDir: data.path });
    expect(await text(third.client, "l")).toBe("more");
    await third.stop();
    writeFileSync(journal, `nonsense\n${readFileSync(journal, "utf8")}`);
    await expect(startS3({ dataDir: data.path })).rejects.toThrow(/journal\.jsonl is damaged/);
  });

  it("is gone with the process where it was not to be kept", async () => {
    const before = new Set(readdirSync(tmpdir()));
    const running = await startS3();
    await createBucket(running.client, BUCKET);
    const made = readdirSync(tmpdir()).filter((name) => name.startsWith("local-s3-") && !before.has(name));
    expect(made.length).toBeGreaterThan(0);
    await running.stop();
    expect(readdirSync(tmpdir())).not.toEqual(expect.arrayContaining(made));
  });
});

describe("bytes", () => {
  it("being read stay whole while their object is replaced and deleted", async () => {
    const running = await startS3();
    const client = s3Client(running, { maxAttempts: 1 });
    await createBucket(client, BUCKET);
    const body = randomBytes(8 * 1024 * 1024);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: body }));
    const found = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "k" }));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: "other" }));
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "k" }));
    const read = Buffer.from((await found.Body?.transformToByteArray()) ?? []);
    expect(read.equals(body)).toBe(true);
    client.destroy();
    await running.stop();
  });

  it("of 300 MB go in and out through little memory", async () => {
    const { child, client } = await serve(data.path);
    const peak = async () => {
      child.send("peak");
      return ((await once(child, "message")) as [{ peakBytes: number }])[0].peakBytes;
    };
    await createBucket(client, BUCKET);
    const chunk = randomBytes(1024 * 1024);
    const roundTrip = async (megabytes: number) => {
      const sent = createHash("md5");
      const stream = Readable.from(
        (function* () {
          for (let at = 0; at < megabytes; at++) {
            sent.update(chunk);
            yield chunk;
          }
        })(),
        { objectMode: false },
      );
      const ContentLength = megabytes * chunk.length;
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "big", Body: stream, ContentLength }));
      const received = createHash("md5");
      const found = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "big" }));
      for await (const piece of found.Body as AsyncIterable<Buffer>) received.update(piece);
      expect(received.digest("hex")).toBe(sent.digest("hex"));
    };
    await roundTrip(10);
    const before = await peak();
    await roundTrip(300);
    const grown = (await peak()) - before;
    expect(grown).toBeLessThan(60 * 1024 * 1024);
  });
});
