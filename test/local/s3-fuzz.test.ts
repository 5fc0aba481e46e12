import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AwsRequest, AwsService } from "../../local/kit/cloud.ts";
import { BUCKET, createBucket, type S3Running, startS3 } from "./s3-fixture.ts";

/** A bucket that nothing at random happens to. */
const WORDS = "words";

let running: S3Running;
let service: AwsService;
beforeAll(async () => {
  running = await startS3();
  for (const name of [BUCKET, WORDS]) await createBucket(running.client, name);
  const found = running.gateway.services.get("s3");
  if (!found) throw new Error("S3 is not served");
  service = found;
  await call({ method: "PUT", path: `/${BUCKET}/anchor` }); // a bucket that is not empty cannot be deleted
});
afterAll(() => running.stop());

const call = async (given: {
  method: string;
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
}) => {
  const body = Buffer.from(given.body ?? "");
  const request: AwsRequest = {
    method: given.method,
    path: given.path,
    query: new URLSearchParams(given.query ?? ""),
    headers: { host: "127.0.0.1", "content-length": String(body.length), ...given.headers },
    body,
    caller: running.cloud.credentials.developer,
    region: "eu-central-1",
    requestId: "00000000-0000-4000-8000-000000000000",
  };
  const answer = await service.handle(request);
  const text = typeof answer.body === "string" ? answer.body : "";
  if (answer.body && typeof answer.body === "object" && "destroy" in answer.body) answer.body.destroy();
  return { ...answer, text };
};

const NUMBERS = ["", "0", "1", "-1", "1000000000000", "1.5", "x", "null"];
const TEXTS = ["", "a", "/", "é", "%", "\u0000", "\r\n", "🎉", "../..", "<&>", "x".repeat(2_000), ...NUMBERS];
const QUERIES = [
  "acl",
  "attributes",
  "cors",
  "delete",
  "encryption",
  "legal-hold",
  "lifecycle",
  "list-type=2",
  "location",
  "logging",
  "notification",
  "object-lock",
  "partNumber",
  "policy",
  "prefix",
  "delimiter",
  "marker",
  "max-keys",
  "continuation-token",
  "encoding-type",
  "key-marker",
  "version-id-marker",
  "max-uploads",
  "upload-id-marker",
  "max-parts",
  "part-number-marker",
  "publicAccessBlock",
  "response-content-type",
  "restore",
  "retention",
  "start-after",
  "tagging",
  "torrent",
  "uploadId",
  "uploads",
  "versionId",
  "versioning",
  "versions",
  "website",
  "x-id",
  "max-buckets",
];
const HEADERS = [
  "content-length",
  "content-md5",
  "content-type",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
  "range",
  "x-amz-acl",
  "x-amz-checksum-algorithm",
  "x-amz-checksum-crc32",
  "x-amz-checksum-mode",
  "x-amz-checksum-type",
  "x-amz-copy-source",
  "x-amz-copy-source-range",
  "x-amz-expected-bucket-owner",
  "x-amz-metadata-directive",
  "x-amz-meta-a",
  "x-amz-mp-object-size",
  "x-amz-object-attributes",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-server-side-encryption",
  "x-amz-storage-class",
  "x-amz-tagging",
  "x-amz-tagging-directive",
  "x-amz-trailer",
  "x-amz-max-parts",
];
const BODIES = [
  "",
  "x",
  "<",
  "<a/>",
  "<Delete/>",
  "<Delete><Object/></Delete>",
  "<Delete><Object><Key>k</Key></Object></Delete>",
  "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
  "<Tagging>text</Tagging>",
  "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
  "<CreateBucketConfiguration><LocationConstraint><a/></LocationConstraint></CreateBucketConfiguration>",
  '<!DOCTYPE a [<!ENTITY b "c">]><Tagging>&b;</Tagging>',
  "{}",
  "[]",
  '{"Version":5,"Statement":{}}',
];

const pairs = (names: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...TEXTS)), { maxLength: 4 });

describe("a call that makes no sense", () => {
  it("is answered in words, whatever stands in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"),
          path: fc.constantFrom(
            "/",
            `/${BUCKET}`,
            `/${BUCKET}/`,
            `/${BUCKET}/k`,
            `/${BUCKET}//`,
            "/%zz",
            "/nowhere/k",
            `/${BUCKET}/%00`,
          ),
          query: pairs(QUERIES),
          headers: pairs(HEADERS),
          body: fc.constantFrom(...BODIES),
        }),
        async ({ query, headers, ...rest }) => {
          const given = {
            ...rest,
            query: new URLSearchParams(
              query.map(([name, value]) => [name.split("=")[0] ?? "", name.split("=")[1] ?? value]),
            ).toString(),
            headers: Object.fromEntries(headers),
          };
          const { status, text } = await call(given);
          if (status >= 500) expect([status, text]).toEqual([501, expect.stringMatching(/NotImplemented/)]);
          if (status >= 400 && given.method !== "HEAD" && text)
            expect(text).toMatch(/<Code>\w+<\/Code><Message>/);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    [{ method: "PUT", path: `/${WORDS}/k`, headers: { "content-length": "" } }, 411, "MissingContentLength"],
    [
      { method: "PUT", path: `/${WORDS}/k`, headers: { "content-length": "5368709121" } },
      400,
      "EntityTooLarge",
    ],
    [
      { method: "PUT", path: `/${WORDS}/k`, headers: { "content-length": "9" }, body: "short" },
      400,
      "IncompleteBody",
    ],
    [{ method: "POST", path: `/${WORDS}`, query: "delete", body: "<Delete/>" }, 400, "InvalidRequest"],
    [{ method: "PATCH", path: `/${WORDS}/k` }, 405, "MethodNotAllowed"],
    [{ method: "GET", path: "/%zz/k" }, 400, "InvalidURI"],
    [{ method: "POST", path: `/${WORDS}/k`, query: "restore" }, 501, "NotImplemented"],
    [
      { method: "PUT", path: `/${WORDS}/k`, headers: { "x-amz-storage-class": "COLD" } },
      400,
      "InvalidStorageClass",
    ],
    [{ method: "PUT", path: `/${WORDS}/k`, headers: { "if-none-match": '"etag"' } }, 501, "NotImplemented"],
    [
      { method: "PUT", path: `/${WORDS}/k`, headers: { "x-amz-object-lock-mode": "GOVERNANCE" } },
      400,
      "InvalidRequest",
    ],
    [
      { method: "PUT", path: `/${WORDS}/k`, headers: { "x-amz-server-side-encryption": "ROT13" } },
      400,
      "InvalidArgument",
    ],
  ])("%j is %i %s", async (given, status, code) => {
    const answer = await call(given);
    expect([answer.status, /<Code>(\w+)</.exec(answer.text)?.[1]]).toEqual([status, code]);
  });

  it("leaves nothing of a body that ends early, and keeps what was there", async () => {
    await call({ method: "PUT", path: `/${WORDS}/kept`, body: "before" });
    const short = {
      method: "PUT",
      path: `/${WORDS}/kept`,
      headers: { "content-length": "99" },
      body: "short",
    };
    expect((await call(short)).status).toBe(400);
    expect((await call({ method: "HEAD", path: `/${WORDS}/kept` })).headers?.["content-length"]).toBe("6");
  });
});
