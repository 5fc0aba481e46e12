import { randomBytes } from "node:crypto";
import { combines } from "./checksums.ts";
import type { Handler, S3Context, S3Request } from "./contract.ts";
import { describe, quoted, refuseAcl } from "./description.ts";
import { checksumHeader, isAlgorithm, type Sums } from "./digests.ts";
import { fault } from "./fault.ts";
import { partNumberOf } from "./get-object.ts";
import { type Claim, takeBody } from "./intake.ts";
import { bucketOf } from "./lookup.ts";
import { DEFAULT_ALGORITHM, refuseLock } from "./put-object.ts";
import type { Algorithm, Checksum, Extent, Part, Upload } from "./types.ts";
import { writeXml } from "./xml.ts";

const XML_TYPE = { "content-type": "application/xml" };
const bad = (message: string) => fault("InvalidRequest", {}, message);

/** The upload a call is about. Throws NoSuchUpload, for another key too. */
export const uploadOf = ({ bucket, key, query }: S3Request, { store }: S3Context): Upload => {
  const id = query.get("uploadId") ?? "";
  const upload = store.uploads(bucket).get(id);
  if (upload?.key !== key) throw fault("NoSuchUpload", { UploadId: id });
  return upload;
};

const typeOf = (algorithm: Algorithm, given: string | undefined): Checksum["type"] => {
  const asked = given?.toUpperCase();
  const refused = (type: string) =>
    bad(`The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
  if (asked !== undefined && asked !== "COMPOSITE" && asked !== "FULL_OBJECT") {
    throw bad("Value for x-amz-checksum-type header is invalid.");
  }
  if (asked === "FULL_OBJECT" && !combines(algorithm)) throw refused(asked);
  if (asked === "COMPOSITE" && algorithm === "CRC64NVME") throw refused(asked);
  return asked ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
};

const checksumOf = (
  headers: Readonly<Record<string, string>>,
): Pick<Upload, "algorithm" | "checksumType"> => {
  const [name, type] = [headers["x-amz-checksum-algorithm"]?.toUpperCase(), headers["x-amz-checksum-type"]];
  if (name === undefined) {
    if (type === undefined) return {};
    throw bad("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  if (!isAlgorithm(name)) {
    throw bad(
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    );
  }
  return { algorithm: name, checksumType: typeOf(name, type) };
};

const createUpload: Handler = (request, context) => {
  const { settings } = bucketOf(request, context);
  refuseAcl(request.headers, settings);
  refuseLock(request.headers);
  const { cloud, store } = context;
  const upload = store.createUpload(request.bucket, {
    ...describe(request, cloud.graph.accountId, settings),
    ...checksumOf(request.headers),
    id: randomBytes(48).toString("base64url"),
    key: request.key,
    initiated: cloud.clock.now(),
    initiator: request.caller?.roleArn ?? `arn:aws:iam::${cloud.graph.accountId}:root`,
  });
  return {
    status: 200,
    headers: {
      ...XML_TYPE,
      ...upload.encryption,
      ...(upload.algorithm ? { "x-amz-checksum-algorithm": upload.algorithm } : {}),
      ...(upload.checksumType ? { "x-amz-checksum-type": upload.checksumType } : {}),
    },
    body: writeXml("InitiateMultipartUploadResult", {
      Bucket: request.bucket,
      Key: request.key,
      UploadId: upload.id,
    }),
  };
};

// Parts of a composite upload are summed by their sender; else S3 sums them itself.
const checkClaim = ({ algorithm, checksumType }: Upload, claim: Claim | undefined) => {
  if (algorithm === undefined || claim?.algorithm === algorithm) return;
  if (claim === undefined && checksumType === "FULL_OBJECT") return;
  const [expected, actual] = [algorithm.toLowerCase(), claim?.algorithm.toLowerCase() ?? "null"];
  throw bad(
    `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
  );
};

/** By what the parts of an upload are summed. */
export const algorithmOf = (upload: Upload): Algorithm => upload.algorithm ?? DEFAULT_ALGORITHM;

/** Keeps a part whose bytes are on disk, unless its upload has ended meanwhile. */
export const keepPart = (
  { bucket, key }: S3Request,
  { store, cloud }: S3Context,
  upload: Upload,
  given: { number: number; extents: readonly Extent[]; size: number; md5: string; values: Sums },
): Part => {
  const { number, extents, size, md5, values } = given;
  const checksum = values[algorithmOf(upload)];
  const part = {
    number,
    size,
    etag: md5,
    modified: cloud.clock.now(),
    extents,
    ...(checksum === undefined ? {} : { checksum }),
  };
  try {
    if (store.uploads(bucket).get(upload.id)?.key !== key)
      throw fault("NoSuchUpload", { UploadId: upload.id });
    store.putPart(bucket, upload.id, part);
    return part;
  } catch (error) {
    store.discard(bucket, extents);
    throw error;
  }
};

/** The part number of a call. */
export const numberOf = ({ query }: S3Request) => partNumberOf(query.get("partNumber") ?? "");

const uploadPart: Handler = async (request, context) => {
  bucketOf(request, context);
  const number = numberOf(request);
  const upload = uploadOf(request, context);
  const taken = await takeBody(request, context, [algorithmOf(upload)], (claim) => checkClaim(upload, claim));
  const part = keepPart(request, context, upload, { number, ...taken });
  const algorithm = taken.claim?.algorithm ?? upload.algorithm;
  const checksum = algorithm && taken.values[algorithm];
  return {
    status: 200,
    headers: {
      etag: quoted(part.etag),
      ...upload.encryption,
      ...(algorithm && checksum !== undefined ? { [checksumHeader(algorithm)]: checksum } : {}),
    },
  };
};

const abortUpload: Handler = (request, context) => {
  bucketOf(request, context);
  const { id } = uploadOf(request, context);
  context.store.abortUpload(request.bucket, id);
  return { status: 204 };
};

/** Uploads in parts, up to their completion. */
export const uploadOperations: Readonly<Record<string, Handler>> = {
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  AbortMultipartUpload: abortUpload,
};
