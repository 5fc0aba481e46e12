import type { Encryption } from "./config/simple.ts";
import type { S3Request } from "./contract.ts";
import { fault, invalidArgument, S3Fault } from "./fault.ts";
import { parseTagHeader } from "./tags.ts";
import type { BucketSettings, Description, ObjectVersion, SystemMetadata } from "./types.ts";

type Headers = Readonly<Record<string, string>>;

/** Headers kept as they are and given back with the object. */
const SYSTEM = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-website-redirect-location",
] as const;

/** What a GET may have answered otherwise, by the parameter that asks for it. */
const OVERRIDES: Readonly<Record<string, string>> = {
  "response-cache-control": "cache-control",
  "response-content-disposition": "content-disposition",
  "response-content-encoding": "content-encoding",
  "response-content-language": "content-language",
  "response-content-type": "content-type",
  "response-expires": "expires",
};

const META = "x-amz-meta-";
/** Names and values of user metadata together, bytes. */
const META_LIMIT = 2_048;

const STORAGE = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
]);

const systemOf = (headers: Headers): SystemMetadata => {
  const kept = SYSTEM.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []));
  return { "content-type": "binary/octet-stream", ...Object.fromEntries(kept) };
};

const userOf = (headers: Headers): Record<string, string> => {
  const found = Object.entries(headers)
    .filter(([name]) => name.startsWith(META))
    .map(([name, value]) => [name.slice(META.length), value] as const);
  const size = found.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value, "latin1"),
    0,
  );
  if (size > META_LIMIT) throw fault("MetadataTooLarge", { Size: size, MaxSizeAllowed: META_LIMIT });
  return Object.fromEntries(found);
};

const ENCRYPTION = "x-amz-server-side-encryption";

/** How a bucket encrypts what does not say itself; asked for by the same words as in headers. */
const defaultOf = ({ config }: BucketSettings): Record<string, string> => {
  const { algorithm, keyId, bucketKey } = (config.encryption ?? {}) as Partial<Encryption>;
  return {
    ...(algorithm ? { [ENCRYPTION]: algorithm } : {}),
    ...(keyId ? { [`${ENCRYPTION}-aws-kms-key-id`]: keyId } : {}),
    ...(bucketKey ? { [`${ENCRYPTION}-bucket-key-enabled`]: "true" } : {}),
  };
};

/** Reads how the object is to be encrypted. Nothing is encrypted here; the answer is S3's. */
const encryptionOf = (
  { headers, region }: S3Request,
  account: string,
  settings: BucketSettings,
): Record<string, string> => {
  if (headers[`${ENCRYPTION}-customer-algorithm`] !== undefined) {
    throw new S3Fault("NotImplemented", {
      message: "The local s3 service does not serve SSE-C.",
      status: 501,
    });
  }
  const wanted = headers[ENCRYPTION] === undefined ? { ...defaultOf(settings), ...headers } : headers;
  const asked = wanted[ENCRYPTION] ?? "AES256";
  if (asked === "AES256") return { [ENCRYPTION]: "AES256" };
  if (asked !== "aws:kms" && asked !== "aws:kms:dsse") {
    throw invalidArgument(ENCRYPTION, asked, "The encryption method specified is not supported");
  }
  const key = wanted[`${ENCRYPTION}-aws-kms-key-id`] ?? "alias/aws/s3";
  const bucketKey = wanted[`${ENCRYPTION}-bucket-key-enabled`]?.toLowerCase() === "true";
  const arn = `arn:aws:kms:${region}:${account}:${key.startsWith("alias/") ? key : `key/${key}`}`;
  return {
    [ENCRYPTION]: asked,
    [`${ENCRYPTION}-aws-kms-key-id`]: key.startsWith("arn:") ? key : arn,
    ...(bucketKey ? { [`${ENCRYPTION}-bucket-key-enabled`]: "true" } : {}),
  };
};

/** What the headers of a write say of the object. */
export const describe = (request: S3Request, account: string, settings: BucketSettings): Description => {
  const { headers } = request;
  const storageClass = headers["x-amz-storage-class"];
  if (storageClass !== undefined && !STORAGE.has(storageClass))
    throw fault("InvalidStorageClass", { StorageClassRequested: storageClass });
  return {
    system: systemOf(headers),
    user: userOf(headers),
    tags: parseTagHeader(headers["x-amz-tagging"]),
    ...(storageClass !== undefined && storageClass !== "STANDARD" ? { storageClass } : {}),
    encryption: encryptionOf(request, account, settings),
  };
};

/** Refuses ACLs where the bucket's owner owns every object, as is the default. */
export const refuseAcl = (headers: Headers, { config }: BucketSettings): void => {
  const given = Object.keys(headers).some((name) => name.startsWith("x-amz-grant-"));
  const canned = headers["x-amz-acl"];
  if (!given && (canned === undefined || canned === "bucket-owner-full-control")) return;
  if (config.ownershipControls === "ObjectWriter" || config.ownershipControls === "BucketOwnerPreferred")
    return;
  throw fault("AccessControlListNotSupported");
};

/** Seconds are all that HTTP dates and S3's listings tell. */
export const httpDate = (ms: number): string => new Date(ms).toUTCString();

/** A time as S3's XML writes it. */
export const xmlDate = (ms: number): string => new Date(Math.floor(ms / 1_000) * 1_000).toISOString();

/** An ETag as it is answered. */
export const quoted = (etag: string): string => `"${etag}"`;

/** Headers that tell of an object. */
export const objectHeaders = (object: ObjectVersion, settings: BucketSettings): Record<string, string> => {
  const tags = Object.keys(object.tags).length;
  return {
    "last-modified": httpDate(object.modified),
    etag: quoted(object.etag),
    "accept-ranges": "bytes",
    ...object.system,
    ...Object.fromEntries(Object.entries(object.user).map(([name, value]) => [META + name, value])),
    ...(object.storageClass ? { "x-amz-storage-class": object.storageClass } : {}),
    ...object.encryption,
    ...(settings.versioning ? { "x-amz-version-id": object.versionId } : {}),
    ...(tags > 0 ? { "x-amz-tagging-count": String(tags) } : {}),
  };
};

/** Headers that the caller wants answered instead of the object's own. Throws where nobody signed for that. */
export const overrides = ({ query, caller }: S3Request): Record<string, string> => {
  const found = [...query]
    .filter(([name]) => Object.hasOwn(OVERRIDES, name))
    .map(([name, value]) => [OVERRIDES[name] ?? name, value] as const);
  if (found.length > 0 && !caller) {
    throw fault(
      "InvalidRequest",
      {},
      "Request specific response headers cannot be used for anonymous GET requests.",
    );
  }
  for (const [name, value] of found) {
    // a header that Node would refuse to send is the caller's mistake, not ours
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw invalidArgument(
        `response-${name}`,
        value,
        "Header value cannot be represented using ISO-8859-1.",
      );
  }
  return Object.fromEntries(found);
};
