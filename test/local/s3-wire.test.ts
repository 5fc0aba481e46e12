import { createHash, createHmac, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checksumOf } from "../../local/services/s3/checksums.ts";
import { REGION, type Running, until } from "./gateway-fixture.ts";
import { bucketResource, clientFor, elementOf, send, sign, startS3 } from "./s3-kit.ts";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

describe("The wire of S3", () => {
  let running: Running;
  beforeAll(async () => {
    running = await startS3([bucketResource("wire")]);
  });
  afterAll(() => running.stop());

  const exists = async (key: string) =>
    (await send(running, { method: "HEAD", path: `/wire/${key}` })).status === 200;

  const signingKey = (date: string) =>
    [date.slice(0, 8), REGION, "s3", "aws4_request"].reduce<string | Buffer>(
      hmac,
      `AWS4${running.cloud.credentials.developer.secretAccessKey}`,
    ) as Buffer;

  /** A body in chunks signed by hand, as the AWS CLI and other clients send it. */
  const chunked = async (
    key: string,
    chunks: readonly Buffer[],
    more: {
      trailers?: Record<string, string>;
      decoded?: number;
      forge?: (frames: Buffer[]) => Buffer[];
    } = {},
  ) => {
    const { trailers } = more;
    const decoded = more.decoded ?? chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const headers = await sign(running, {
      method: "PUT",
      path: `/wire/${key}`,
      hash: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailers ? "-TRAILER" : ""}`,
      headers: {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": String(decoded),
        ...(trailers && { "x-amz-trailer": Object.keys(trailers).join(",") }),
      },
    });
    const date = headers["x-amz-date"] ?? "";
    const scope = `${date.slice(0, 8)}/${REGION}/s3/aws4_request`;
    let previous = /Signature=([0-9a-f]+)/.exec(headers.authorization ?? "")?.[1] ?? "";
    const chain = (kind: string, text: string) => {
      const lines = [`AWS4-HMAC-SHA256-${kind}`, date, scope, previous, text].join("\n");
      previous = hmac(signingKey(date), lines).toString("hex");
      return previous;
    };
    const frames = [...chunks, Buffer.alloc(0)].map((chunk) => {
      const signature = chain("PAYLOAD", `${sha256("")}\n${sha256(chunk)}`);
      const head = `${chunk.length.toString(16)};chunk-signature=${signature}\r\n`;
      const end = chunk.length > 0 || !trailers ? "\r\n" : "";
      return Buffer.concat([Buffer.from(head), chunk, Buffer.from(end)]);
    });
    if (trailers) {
      const canonical = Object.entries(trailers)
        .map(([name, value]) => `${name}:${value}\n`)
        .join("");
      const lines = Object.entries(trailers)
        .map(([name, value]) => `${name}:${value}\r\n`)
        .join("");
      frames.push(
        Buffer.from(`${lines}x-amz-trailer-signature:${chain("TRAILER", sha256(canonical))}\r\n\r\n`),
      );
    }
    const { host: _, ...sent } = headers;
    const body = Buffer.concat(more.forge ? more.forge(frames) : frames);
    return fetch(`${running.gateway.endpoint}/wire/${key}`, { method: "PUT", headers: sent, body });
  };

  it("takes what the SDK sends by itself: a stream with its CRC32 in a trailer", async () => {
    const s3 = clientFor(running);
    const bytes = randomBytes(300_000);
    const Body = Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]);
    await s3.send(
      new PutObjectCommand({
        Bucket: "wire",
        Key: "sdk",
        Body,
        ContentLength: bytes.length,
        ContentEncoding: "gzip",
      }),
    );
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: "wire", Key: "sdk", ChecksumMode: "ENABLED" }),
    );
    expect(head).toMatchObject({
      ContentEncoding: "gzip",
      ContentLength: 300_000,
      ChecksumCRC32: await checksumOf("CRC32", bytes),
    });
    const got = await s3.send(new GetObjectCommand({ Bucket: "wire", Key: "sdk" }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    s3.destroy();
  });

  it.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "verifies the %s the SDK sums by",
    async (algorithm) => {
      const s3 = clientFor(running);
      const done = await s3.send(
        new PutObjectCommand({
          Bucket: "wire",
          Key: algorithm,
          Body: "123456789",
          ChecksumAlgorithm: algorithm,
        }),
      );
      expect(done[`Checksum${algorithm}`]).toBe(await checksumOf(algorithm, Buffer.from("123456789")));
      s3.destroy();
    },
  );

  it("takes an upload in parts from lib-storage", async () => {
    const s3 = clientFor(running);
    const body = randomBytes(11_000_000);
    await new Upload({
      client: s3,
      params: { Bucket: "wire", Key: "parts", Body: Readable.from([body]) },
    }).done();
    const got = await s3.send(new GetObjectCommand({ Bucket: "wire", Key: "parts" }));
    expect(sha256(Buffer.from((await got.Body?.transformToByteArray()) ?? []))).toBe(sha256(body));
    s3.destroy();
  });

  it("takes chunks that are each signed, and a signed trailer", async () => {
    const chunks = [randomBytes(65_536), randomBytes(65_536), randomBytes(100)];
    expect((await chunked("signed", chunks)).status).toBe(200);
    const value = await checksumOf("CRC32C", Buffer.concat(chunks));
    const answer = await chunked("trailed", chunks, { trailers: { "x-amz-checksum-crc32c": value } });
    expect(answer.status).toBe(200);
    const got = await send(running, { path: "/wire/trailed" });
    expect(Buffer.from(await got.arrayBuffer()).equals(Buffer.concat(chunks))).toBe(true);
    expect(got.headers.get("content-encoding")).toBeNull();
  });

  it("stores nothing of a body whose chunks, trailer or length are not what was signed", async () => {
    const chunks = [Buffer.alloc(9_000, 1), Buffer.alloc(9_000, 2)];
    const swap = (frames: Buffer[]) => [...frames.slice(0, 2).reverse(), ...frames.slice(2)];
    const flip = (frames: Buffer[]) =>
      frames.map((frame, at) => (at === 0 ? Buffer.from(frame).fill(7, 100, 101) : frame));
    const trailers = { "x-amz-checksum-crc32": "AAAAAA==" };
    const wrong: [string, Promise<Response>, number, string][] = [
      ["swapped", chunked("swapped", chunks, { forge: swap }), 403, "SignatureDoesNotMatch"],
      ["flipped", chunked("flipped", chunks, { forge: flip }), 403, "SignatureDoesNotMatch"],
      ["short", chunked("short", chunks, { forge: (f) => f.slice(0, 1) }), 400, "IncompleteBody"],
      ["longer", chunked("longer", chunks, { decoded: 10 }), 400, "IncompleteBody"],
      ["less", chunked("less", chunks, { decoded: 20_000 }), 400, "IncompleteBody"],
      ["sum", chunked("sum", chunks, { trailers }), 400, "BadDigest"],
      [
        "forged",
        chunked("forged", chunks, {
          trailers,
          forge: (f) => [
            ...f.slice(0, -1),
            Buffer.from("x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:00\r\n\r\n"),
          ],
        }),
        403,
        "SignatureDoesNotMatch",
      ],
    ];
    for (const [key, answer, status, code] of wrong) {
      const { status: got, text } = await answer.then(async (r) => ({
        status: r.status,
        text: await r.text(),
      }));
      expect([key, got, elementOf(text, "Code")]).toEqual([key, status, code]);
      expect(await exists(key)).toBe(false);
    }
  });

  it("refuses a body that is not the one whose hash was signed", async () => {
    const { host: _, ...headers } = await sign(running, { method: "PUT", path: "/wire/other", body: "one" });
    const answer = await fetch(`${running.gateway.endpoint}/wire/other`, {
      method: "PUT",
      headers,
      body: "two",
    });
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(elementOf(text, "Code")).toBe("XAmzContentSHA256Mismatch");
    expect(elementOf(text, "S3ComputedContentSHA256")).toBe(sha256("two"));
    expect(await exists("other")).toBe(false);
  });

  const open = async (lines: Record<string, string>, method = "PUT", path = "/wire/raw") => {
    const socket = connect(running.gateway.port, "127.0.0.1");
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${method} ${path} HTTP/1.1\r\n${head.join("")}\r\n`);
    return socket;
  };
  const reads = async (socket: Socket, until_: RegExp) => {
    let text = "";
    for await (const chunk of socket) {
      text += chunk;
      if (until_.test(text)) break;
    }
    return text;
  };

  it("asks for a body it wants, and not for one it would refuse", async () => {
    const hello = await sign(running, {
      method: "PUT",
      path: "/wire/raw",
      body: "hello",
      headers: { "content-length": "5" },
    });
    const wanted = await open({ ...hello, expect: "100-continue", connection: "close" });
    let text = "";
    for await (const chunk of wanted) {
      if (text === "") wanted.write("hello");
      text += chunk;
    }
    expect(text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
    const nowhere = await sign(running, {
      method: "PUT",
      path: "/nowhere/raw",
      body: "hello",
      headers: { "content-length": "5" },
    });
    const refused = await open({ ...nowhere, expect: "100-continue" }, "PUT", "/nowhere/raw");
    const answer = await reads(refused, /<\/Error>/);
    expect(answer).toMatch(/^HTTP\/1.1 404 Not Found/);
    expect(answer).toMatch(/connection: close/i);
  });

  it("keeps nothing of a client that goes away in the middle of its body", async () => {
    const size = 2_000_000;
    const headers = await sign(running, {
      method: "PUT",
      path: "/wire/raw2",
      hash: "UNSIGNED-PAYLOAD",
      headers: { "content-length": String(size) },
    });
    const before = running.cloud.recorder.recent().length;
    const socket = await open(headers, "PUT", "/wire/raw2");
    socket.write(Buffer.alloc(1_000_000), () => socket.destroy());
    const span = await until(() =>
      running.cloud.recorder
        .recent()
        .slice(before)
        .find(({ name }) => name === "s3:PutObject"),
    );
    expect(span.error).toBeDefined();
    expect(await exists("raw2")).toBe(false);
  });

  it("goes on when a client stops reading in the middle of an object", async () => {
    await send(running, { method: "PUT", path: "/wire/long", body: Buffer.alloc(8_000_000) });
    const socket = await open(await sign(running, { path: "/wire/long" }), "GET", "/wire/long");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    expect(await exists("long")).toBe(true);
  });

  it("answers HEAD with the length and no body, found or not", async () => {
    await send(running, { method: "PUT", path: "/wire/head", body: "12345" });
    const found = await send(running, { method: "HEAD", path: "/wire/head" });
    expect([found.headers.get("content-length"), await found.text()]).toEqual(["5", ""]);
    const lost = await send(running, { method: "HEAD", path: "/wire/lost" });
    expect([lost.status, await lost.text()]).toEqual([404, ""]);
  });

  it("is called by virtual hosts as well", async () => {
    await send(running, { method: "PUT", path: "/wire/host", body: "by host" });
    for (const host of ["wire.s3.localhost", "wire.s3.eu-central-1.amazonaws.com", "wire.localhost"]) {
      const headers = await sign(running, { path: "/host", headers: { host } });
      const socket = await open({ ...headers, connection: "close" }, "GET", "/host");
      expect(await reads(socket, /by host/)).toContain("by host");
    }
  });

  it("survives whatever it is sent, without a failure of its own", async () => {
    const queries = [
      "cors",
      "lifecycle",
      "policy",
      "notification",
      "tagging",
      "versioning",
      "delete",
      "encryption",
      "logging",
      "website",
      "publicAccessBlock",
      "ownershipControls",
      "accelerate",
      "requestPayment",
      "acl",
    ];
    const bodies = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.constantFrom(
        "<",
        "<a>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><a>&a;</a>",
        "<Delete><Object/></Delete>",
        "<CORSConfiguration><CORSRule/></CORSConfiguration>",
        "<LifecycleConfiguration><Rule><ID/></Rule></LifecycleConfiguration>",
        "<Tagging><TagSet><Tag/></TagSet></Tagging>",
        "{}",
        '{"Statement":[1]}',
        '{"Statement":null}',
        "<NotificationConfiguration><QueueConfiguration/></NotificationConfiguration>",
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...queries),
        fc.constantFrom("PUT", "POST", "DELETE", "GET"),
        bodies,
        async (name, method, body) => {
          if (method === "DELETE" && name === "delete") return;
          const call = {
            method,
            path: "/wire",
            query: { [name]: "" },
            headers: { "content-md5": createHash("md5").update(body).digest("base64") },
          };
          const answer = await send(
            running,
            method === "GET" || method === "DELETE" ? call : { ...call, body },
          );
          expect([name, method, body, answer.status < 500 || answer.status === 501]).toEqual([
            name,
            method,
            body,
            true,
          ]);
        },
      ),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 60 }), async (line) => {
        const { host: _, ...headers } = await sign(running, {
          method: "PUT",
          path: "/wire/fuzz",
          hash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          headers: { "x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32" },
        });
        const answer = await fetch(`${running.gateway.endpoint}/wire/fuzz`, {
          method: "PUT",
          headers,
          body: `${line}\r\nhello\r\n0\r\n\r\n`,
        });
        expect(answer.status).toBe(400);
      }),
      { numRuns: 60 },
    );
    expect(running.printed.filter((line) => line.includes("Error:"))).toEqual([]);
  });

  it("takes and gives a large object whole: 64 MB in and out", async () => {
    const body = Buffer.alloc(64_000_000, 3);
    const put = await send(running, { method: "PUT", path: "/wire/large", body });
    expect(put.status).toBe(200);
    expect((await (await send(running, { path: "/wire/large" })).arrayBuffer()).byteLength).toBe(64_000_000);
  });
});
