import { copyAddressOf, addressOf as pathAddress } from "../../services/s3/address.ts";
import { findOperation } from "../../services/s3/routes.ts";
import { toPathStyle } from "../../services/s3/virtual-host.ts";
import type { Access, Reader, ServiceCall, Table } from "./access.ts";
import { BUCKET_ACTIONS } from "./bucket-actions.ts";

/** Bucket and key of a request line as the service itself reads them. Throws for an address that is none. */
const addressOf = (request: ServiceCall["request"]) => pathAddress(toPathStyle(request).path);

/** The operation an S3 call means. */
export const s3OperationOf = (request: ServiceCall["request"]): string | undefined => {
  try {
    return findOperation({ method: request.method, ...addressOf(request) }, request.query, request.headers);
  } catch {
    return undefined;
  }
};

// Condition keys by the header or parameter they are read from.
const HEADERS: Readonly<Record<string, string>> = {
  "x-amz-acl": "s3:x-amz-acl",
  "x-amz-copy-source": "s3:x-amz-copy-source",
  "x-amz-metadata-directive": "s3:x-amz-metadata-directive",
  "x-amz-server-side-encryption": "s3:x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id": "s3:x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-storage-class": "s3:x-amz-storage-class",
  "x-amz-content-sha256": "s3:x-amz-content-sha256",
  "x-amz-object-ownership": "s3:x-amz-object-ownership",
  "if-match": "s3:if-match",
  "if-none-match": "s3:if-none-match",
};
const PARAMETERS: Readonly<Record<string, string>> = {
  prefix: "s3:prefix",
  delimiter: "s3:delimiter",
  "max-keys": "s3:max-keys",
  versionId: "s3:VersionId",
};

const tags = (header: string | undefined) =>
  header === undefined
    ? {}
    : Object.fromEntries(
        [...new URLSearchParams(header)].map(([key, value]) => [`s3:RequestObjectTag/${key}`, value]),
      );

const context = ({ request: { headers, query } }: ServiceCall) => {
  const found: Record<string, string | string[]> = { ...tags(headers["x-amz-tagging"]) };
  for (const [header, key] of Object.entries(HEADERS)) {
    const value = headers[header];
    if (value !== undefined) found[key] = value;
  }
  for (const [name, key] of Object.entries(PARAMETERS)) {
    const value = query.get(name);
    if (value !== null) found[key] = value;
  }
  const presigned = query.has("X-Amz-Signature");
  found["s3:authType"] = presigned ? "REST-QUERY-STRING" : "REST-HEADER";
  found["s3:signatureversion"] = "AWS4-HMAC-SHA256";
  const requested = headers["x-amz-tagging"];
  if (requested !== undefined)
    found["s3:RequestObjectTagKeys"] = [...new Set(new URLSearchParams(requested).keys())];
  return found;
};

const access = (call: ServiceCall, action: string, resource: string): Access => ({
  action: `s3:${action}`,
  resource,
  context: () => context(call),
});

const bucketArn = (call: ServiceCall) => `arn:aws:s3:::${addressOf(call.request).bucket}`;
const objectArn = (call: ServiceCall) => {
  const { bucket, key } = addressOf(call.request);
  return `arn:aws:s3:::${bucket}/${key}`;
};

const onBucket =
  (action: string): Reader =>
  (call) => [access(call, action, bucketArn(call))];
const onObject =
  (action: string): Reader =>
  (call) => [access(call, action, objectArn(call))];
/** With a version named it is another action: `GetObjectVersion`. */
const onVersion =
  (action: string, versioned: string): Reader =>
  (call) => [access(call, call.request.query.has("versionId") ? versioned : action, objectArn(call))];

/** A copy reads its source and writes its destination. */
const copied = (call: ServiceCall): Access[] => {
  const source = copyAddressOf(call.request.headers["x-amz-copy-source"] ?? "");
  if (!source) return []; // S3 refuses it by itself
  const action = source.versionId === undefined ? "GetObject" : "GetObjectVersion";
  return [access(call, action, `arn:aws:s3:::${source.bucket}/${source.key}`)];
};

/** What is sent along with an object needs permissions of its own. */
const written = (call: ServiceCall): Access[] => {
  const { headers } = call.request;
  const extra = [
    ...(headers["x-amz-tagging"] ? ["PutObjectTagging"] : []),
    ...(headers["x-amz-acl"] || headers["x-amz-grant-read"] ? ["PutObjectAcl"] : []),
    ...(headers["x-amz-object-lock-mode"] ? ["PutObjectRetention"] : []),
    ...(headers["x-amz-object-lock-legal-hold"] ? ["PutObjectLegalHold"] : []),
  ];
  return ["PutObject", ...extra].map((action) => access(call, action, objectArn(call)));
};

const named = (reader: (action: string) => Reader, names: string): Table =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => {
        const [operation = "", action = operation] = name.split("=");
        return [operation, reader(action)];
      }),
  );

/** Operations of S3: the request line and headers are all that is read. Source: S3 user guide, "Required permissions". */
export const s3: Table = {
  ListBuckets: (call) => [access(call, "ListAllMyBuckets", "*")],
  // Each key is asked for as the service reads it: see `refuses`.
  DeleteObjects: () => [],
  // A form bears its own signature, which the service reads.
  PostObject: () => [],
  PutObject: written,
  CreateMultipartUpload: written,
  CopyObject: (call) => [...copied(call), ...written(call)],
  UploadPartCopy: (call) => [...copied(call), access(call, "PutObject", objectArn(call))],
  GetObject: onVersion("GetObject", "GetObjectVersion"),
  HeadObject: onVersion("GetObject", "GetObjectVersion"),
  DeleteObject: onVersion("DeleteObject", "DeleteObjectVersion"),
  GetObjectAcl: onVersion("GetObjectAcl", "GetObjectVersionAcl"),
  PutObjectAcl: onVersion("PutObjectAcl", "PutObjectVersionAcl"),
  GetObjectTagging: onVersion("GetObjectTagging", "GetObjectVersionTagging"),
  PutObjectTagging: onVersion("PutObjectTagging", "PutObjectVersionTagging"),
  DeleteObjectTagging: onVersion("DeleteObjectTagging", "DeleteObjectVersionTagging"),
  GetObjectTorrent: onVersion("GetObjectTorrent", "GetObjectVersionTorrent"),
  GetObjectAttributes: (call) => {
    const version = call.request.query.has("versionId") ? "Version" : "";
    return [`GetObject${version}`, `GetObject${version}Attributes`].map((a) =>
      access(call, a, objectArn(call)),
    );
  },
  RenameObject: (call) =>
    ["GetObject", "DeleteObject", "PutObject"].map((a) => access(call, a, objectArn(call))),
  ...named(
    onObject,
    `UploadPart=PutObject CompleteMultipartUpload=PutObject AbortMultipartUpload
     ListParts=ListMultipartUploadParts GetObjectLegalHold PutObjectLegalHold GetObjectRetention PutObjectRetention
     RestoreObject SelectObjectContent=GetObject GetObjectAnnotation ListObjectAnnotations PutObjectAnnotation
     DeleteObjectAnnotation UpdateObjectEncryption`,
  ),
  ...named(onBucket, BUCKET_ACTIONS),
};
