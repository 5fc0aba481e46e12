import { createHash } from "node:crypto";
import { type Claimed, checksumOf, checkWhole, choose, claimedOf } from "./completion.ts";
import type { Handler, S3Answer, S3Context, S3Request } from "./contract.ts";
import { quoted } from "./description.ts";
import { checksumElement } from "./digests.ts";
import { fault } from "./fault.ts";
import { readDocument } from "./intake.ts";
import { bucketOf } from "./lookup.ts";
import { conditionOf, emitCreated, writtenHeaders } from "./put-object.ts";
import type { Checksum, Draft, ObjectVersion, Part, Upload } from "./types.ts";
import { uploadOf } from "./uploads.ts";
import { many, readXml, writeXml } from "./xml.ts";

const etagOf = (parts: readonly Part[]): string => {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(Buffer.from(etag, "hex"));
  return `${md5.digest("hex")}-${parts.length}`;
};

const draftOf = (
  request: S3Request,
  upload: Upload,
  parts: readonly Part[],
  checksum: Checksum | undefined,
): Draft => {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  checkWhole(request, { size, checksum });
  const { system, user, tags, storageClass, encryption } = upload;
  return {
    system,
    user,
    tags,
    encryption,
    ...(storageClass ? { storageClass } : {}),
    size,
    etag: etagOf(parts),
    extents: parts.flatMap(({ extents }) => extents),
    ...(checksum ? { checksum } : {}),
    // their checksums are the caller's business only where it asked for them
    parts: parts.map((part) => ({
      number: part.number,
      size: part.size,
      ...(upload.algorithm && part.checksum !== undefined ? { checksum: part.checksum } : {}),
    })),
  };
};

/** The parts and their checksum. A part that is sent again meanwhile would take its bytes along: then all is chosen anew. */
const settle = async (request: S3Request, context: S3Context, claimed: readonly Claimed[]) => {
  for (;;) {
    const upload = uploadOf(request, context);
    const parts = choose(upload, claimed);
    const checksum = await checksumOf(upload, parts);
    const now = uploadOf(request, context).parts;
    if (parts.every((part) => now.get(part.number) === part)) return { upload, parts, checksum };
  }
};

const finish = async (
  request: S3Request,
  context: S3Context,
  claimed: readonly Claimed[],
): Promise<ObjectVersion> => {
  const { bucket, key } = request;
  const condition = conditionOf(request.headers);
  const pending = condition && context.store.begin(bucket, key);
  try {
    const { upload, parts, checksum } = await settle(request, context, claimed);
    const draft = draftOf(request, upload, parts, checksum);
    return context.store.put(bucket, key, draft, {
      uploadId: upload.id,
      ...(condition ? { condition } : {}),
      ...(pending ? { pending } : {}),
    });
  } finally {
    pending?.end();
  }
};

const answerFor = (request: S3Request, context: S3Context, object: ObjectVersion): S3Answer => {
  const { settings } = bucketOf(request, context);
  const { checksum } = object;
  const path = request.key.split("/").map(encodeURIComponent).join("/");
  return {
    status: 200,
    headers: { "content-type": "application/xml", ...writtenHeaders(object, settings) },
    body: writeXml("CompleteMultipartUploadResult", {
      Location: `${context.cloud.endpoint}/${request.bucket}/${path}`,
      Bucket: request.bucket,
      Key: request.key,
      ETag: quoted(object.etag),
      ...(checksum
        ? { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }
        : {}),
    }),
  };
};

/** What an upload became that was completed before: the answer was lost, and the caller asks again. */
const repeated = (request: S3Request, { store }: S3Context): ObjectVersion | undefined => {
  const done = store.completed(request.bucket, request.query.get("uploadId") ?? "");
  return done?.key === request.key && !done.version.marker ? done.version : undefined;
};

/** Makes an object of the parts. Nothing is copied: the object's bytes are the parts' files. */
export const completeUpload: Handler = async (request, context) => {
  bucketOf(request, context);
  const document = readXml(await readCompletion(request), "CompleteMultipartUpload");
  const claimed = many(document, "Part").map(claimedOf);
  if (claimed.length === 0) throw fault("MalformedXML");
  const before = repeated(request, context);
  if (before) return answerFor(request, context, before);
  let object: ObjectVersion;
  try {
    object = await finish(request, context, claimed);
  } catch (error) {
    const other = repeated(request, context); // of two completions at once the other was first
    if (!other) throw error;
    return answerFor(request, context, other);
  }
  emitCreated("CompleteMultipartUpload", request, context, object);
  return answerFor(request, context, object);
};

// The checksum headers of a completion are the object's, not the document's.
const readCompletion = (request: S3Request): Promise<string> => {
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([name]) => !name.startsWith("x-amz-checksum-") && name !== "x-amz-sdk-checksum-algorithm",
    ),
  );
  return readDocument({ ...request, headers });
};
