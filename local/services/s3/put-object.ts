import type { Handler, S3Answer, S3Context, S3Request } from "./contract.ts";
import { describe, quoted, refuseAcl } from "./description.ts";
import { checksumHeader } from "./digests.ts";
import { eventOf } from "./events.ts";
import { fault, S3Fault } from "./fault.ts";
import { takeBody } from "./intake.ts";
import { bucketOf } from "./lookup.ts";
import type { Algorithm, BucketSettings, Checksum, Condition, ObjectVersion } from "./types.ts";

/** What S3 sums an object by when its writer names nothing. */
export const DEFAULT_ALGORITHM: Algorithm = "CRC64NVME";

/** The condition of a write; undefined for none. */
export const conditionOf = (headers: Readonly<Record<string, string>>): Condition | undefined => {
  const [match, noneMatch] = [headers["if-match"], headers["if-none-match"]];
  if (match === undefined && noneMatch === undefined) return undefined;
  if (match !== undefined && noneMatch !== undefined) {
    throw unserved("Both If-Match and If-None-Match", "multiple conditions");
  }
  if (noneMatch !== undefined && noneMatch.trim() !== "*") throw unserved("If-None-Match", "If-None-Match");
  return match === undefined ? { ifNoneMatch: true } : { ifMatch: match };
};

const unserved = (header: string, additional: string) =>
  new S3Fault("NotImplemented", {
    message: "A header you provided implies functionality that is not implemented",
    detail: {
      Header: header,
      additionalMessage: `We don't accept the provided value of ${additional} for this API`,
    },
  });

/** Headers that tell of a checksum. */
export const checksumHeaders = (checksum: Checksum | undefined): Record<string, string> =>
  checksum
    ? { [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": checksum.type }
    : {};

/** Refuses what a bucket without object lock cannot keep. */
export const refuseLock = (headers: Readonly<Record<string, string>>): void => {
  if (Object.keys(headers).some((name) => name.startsWith("x-amz-object-lock-"))) {
    throw fault("InvalidRequest", {}, "Bucket is missing Object Lock Configuration");
  }
};

/** Headers of the answer to any write. */
export const writtenHeaders = (object: ObjectVersion, settings: BucketSettings): Record<string, string> => ({
  ...object.encryption,
  ...(settings.versioning === "Enabled" ? { "x-amz-version-id": object.versionId } : {}),
});

/** Tells of a write, when it has taken effect. */
export const emitCreated = (
  name: "Put" | "Post" | "Copy" | "CompleteMultipartUpload",
  request: S3Request,
  context: S3Context,
  object: ObjectVersion,
): void => {
  const { settings } = bucketOf(request, context);
  context.emit(eventOf(`ObjectCreated:${name}`, request, object, { settings, at: object.modified }));
};

const store = async (request: S3Request, context: S3Context, condition: Condition | undefined) => {
  const { bucket, key, headers } = request;
  const description = describe(request, context.cloud.graph.accountId, bucketOf(request, context).settings);
  const pending = condition && context.store.begin(bucket, key);
  const named =
    Object.keys(headers).some((name) => name.startsWith("x-amz-checksum-")) || headers["x-amz-trailer"];
  try {
    const taken = await takeBody(request, context, named ? [] : [DEFAULT_ALGORITHM]);
    const { extents, size, md5, values } = taken;
    const algorithm = taken.claim?.algorithm ?? DEFAULT_ALGORITHM;
    const value = values[algorithm];
    const checksum: Checksum | undefined =
      value === undefined ? undefined : { algorithm, value, type: "FULL_OBJECT" };
    const draft = { ...description, extents, size, etag: md5, ...(checksum ? { checksum } : {}) };
    try {
      return context.store.put(bucket, key, draft, {
        ...(condition ? { condition } : {}),
        ...(pending ? { pending } : {}),
      });
    } catch (error) {
      context.store.discard(bucket, extents);
      throw error;
    }
  } finally {
    pending?.end();
  }
};

/** Stores a body under its key. Of writers racing for one key the last to finish wins, unless a condition says otherwise. */
export const putObject: Handler = async (request, context): Promise<S3Answer> => {
  const { settings } = bucketOf(request, context);
  refuseAcl(request.headers, settings);
  refuseLock(request.headers);
  const object = await store(request, context, conditionOf(request.headers));
  emitCreated(request.operation === "PostObject" ? "Post" : "Put", request, context, object);
  return {
    status: 200,
    headers: {
      etag: quoted(object.etag),
      ...checksumHeaders(object.checksum),
      ...writtenHeaders(object, settings),
    },
  };
};
