import type { Handler, S3Context, S3Request } from "./contract.ts";
import { type CopySource, checkSourceSize, copySourceOf } from "./copy-source.ts";
import { describe, quoted, refuseAcl, xmlDate } from "./description.ts";
import { checksumElement, createDigests, isAlgorithm } from "./digests.ts";
import { fault, invalidArgument } from "./fault.ts";
import { bucketOf } from "./lookup.ts";
import { conditionOf, DEFAULT_ALGORITHM, emitCreated, refuseLock, writtenHeaders } from "./put-object.ts";
import type { Algorithm, Checksum, Description, Extent, ObjectVersion } from "./types.ts";
import { writeXml } from "./xml.ts";

const directive = (
  headers: Readonly<Record<string, string>>,
  name: string,
  unknown: string,
): "COPY" | "REPLACE" => {
  const given = headers[name] ?? "COPY";
  if (given === "COPY" || given === "REPLACE") return given;
  throw invalidArgument(name, given, unknown);
};

/** What the copy says of itself: by its own headers or as its source. Class, encryption and redirection are never copied. */
const describeCopy = (request: S3Request, context: S3Context, { object }: CopySource): Description => {
  const { headers } = request;
  const metadata = directive(headers, "x-amz-metadata-directive", "Unknown metadata directive.");
  const tagging = directive(headers, "x-amz-tagging-directive", "Unknown tagging directive.");
  const { settings } = bucketOf(request, context);
  const own = describe(request, context.cloud.graph.accountId, settings);
  const redirect = headers["x-amz-website-redirect-location"];
  const { "x-amz-website-redirect-location": _, ...system } = object.system;
  const copied = { ...system, ...(redirect ? { "x-amz-website-redirect-location": redirect } : {}) };
  return {
    ...own,
    ...(metadata === "COPY" ? { system: copied, user: object.user } : {}),
    ...(tagging === "COPY" ? { tags: object.tags } : {}),
  };
};

const CHANGES = ["x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption"];

const refuseNoChange = ({ headers, bucket, key }: S3Request, source: CopySource) => {
  if (source.bucket !== bucket || source.object.key !== key || source.versionId !== undefined) return;
  if (
    headers["x-amz-metadata-directive"] === "REPLACE" ||
    CHANGES.some((name) => headers[name] !== undefined)
  )
    return;
  const message =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
  throw fault("InvalidRequest", {}, message);
};

/** The algorithm a copy asks for; undefined where it asks for none. */
const algorithmOf = (headers: Readonly<Record<string, string>>): Algorithm | undefined => {
  const given = headers["x-amz-checksum-algorithm"]?.toUpperCase();
  if (given === undefined) return undefined;
  if (isAlgorithm(given)) return given;
  throw fault(
    "InvalidRequest",
    {},
    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
  );
};

/** MD5 and checksum of the copy: the source's where they are of the whole, computed where it came in parts. */
const sumsOf = async (
  object: ObjectVersion,
  asked: Algorithm | undefined,
  bytes: () => AsyncIterable<Buffer>,
): Promise<{ etag: string; checksum?: Checksum }> => {
  const algorithm = asked ?? object.checksum?.algorithm ?? DEFAULT_ALGORITHM;
  const known = object.checksum?.algorithm === algorithm && object.checksum.type === "FULL_OBJECT";
  if (!object.parts && known)
    return { etag: object.etag, ...(object.checksum ? { checksum: object.checksum } : {}) };
  const digests = createDigests([algorithm]);
  for await (const chunk of bytes()) digests.update(chunk);
  const { md5, values } = await digests.finish();
  const value = values[algorithm];
  return {
    etag: md5,
    ...(value === undefined ? {} : { checksum: { algorithm, value, type: "FULL_OBJECT" } }),
  };
};

const store = async (request: S3Request, context: S3Context, source: CopySource): Promise<ObjectVersion> => {
  const { bucket, key, headers } = request;
  const description = describeCopy(request, context, source);
  const condition = conditionOf(headers);
  const pending = condition && context.store.begin(bucket, key);
  let extents: Extent[] = [];
  try {
    extents = await context.store.share(source.bucket, bucket, source.object.extents);
    // of the copy's own bytes: the source may be gone by now
    const bytes = () => context.store.read(bucket, extents);
    const sums = await sumsOf(source.object, algorithmOf(headers), bytes);
    const draft = { ...description, ...sums, extents, size: source.object.size };
    return context.store.put(bucket, key, draft, {
      ...(condition ? { condition } : {}),
      ...(pending ? { pending } : {}),
    });
  } catch (error) {
    context.store.discard(bucket, extents);
    throw error;
  } finally {
    pending?.end();
  }
};

/** Copies an object. The bytes are linked, not written again. */
export const copyObject: Handler = async (request, context) => {
  const { settings } = bucketOf(request, context);
  refuseAcl(request.headers, settings);
  refuseLock(request.headers);
  const source = copySourceOf(request, context);
  checkSourceSize(source.object.size);
  refuseNoChange(request, source);
  const object = await store(request, context, source);
  emitCreated("Copy", request, context, object);
  const versioned = context.store.bucket(source.bucket)?.settings.versioning;
  return {
    status: 200,
    headers: {
      "content-type": "application/xml",
      ...writtenHeaders(object, settings),
      ...(versioned ? { "x-amz-copy-source-version-id": source.object.versionId } : {}),
    },
    body: writeXml("CopyObjectResult", {
      LastModified: xmlDate(object.modified),
      ETag: quoted(object.etag),
      ...(object.checksum
        ? {
            ChecksumType: object.checksum.type,
            [checksumElement(object.checksum.algorithm)]: object.checksum.value,
          }
        : {}),
    }),
  };
};
