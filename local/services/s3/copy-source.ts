import { copyAddressOf } from "./address.ts";
import { checkCopySource } from "./conditions.ts";
import type { S3Context, S3Request } from "./contract.ts";
import { fault, invalidArgument, S3Fault } from "./fault.ts";
import { PUT_LIMIT } from "./intake.ts";
import { objectOf, versionIdOf } from "./lookup.ts";
import type { ObjectVersion } from "./types.ts";

/** Where a copy comes from. */
export interface CopySource {
  readonly bucket: string;
  readonly object: ObjectVersion;
  /** Set when the caller named a version. */
  readonly versionId?: string;
}

const HEADER = "x-amz-copy-source";

const parse = (given: string): { bucket: string; key: string; versionId?: string } => {
  const found = copyAddressOf(given);
  if (found?.bucket.startsWith("arn:")) {
    throw new S3Fault("NotImplemented", {
      message: "The local s3 service does not serve access points.",
      status: 501,
    });
  }
  if (!found?.bucket || !found.key) {
    const message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
    throw invalidArgument(HEADER, given, message);
  }
  const { bucket, key, versionId } = found;
  if (versionId === undefined) return { bucket, key };
  return { bucket, key, versionId: versionIdOf(new URLSearchParams({ versionId })) ?? "null" };
};

/** The object a copy reads, if it is as the caller wants it. */
export const copySourceOf = (request: S3Request, context: S3Context): CopySource => {
  const { headers } = request;
  const { bucket, key, versionId } = parse(headers[HEADER] ?? "");
  if (!context.store.bucket(bucket)) throw fault("NoSuchBucket", { BucketName: bucket });
  const owner = headers["x-amz-source-expected-bucket-owner"];
  if (owner !== undefined && owner !== context.cloud.graph.accountId) throw fault("AccessDenied");
  const named = context.store.versions(bucket, key).find((one) => one.versionId === versionId);
  if (named?.marker) {
    const message =
      "The source of a copy request may not specifically refer to a delete marker by version id.";
    throw fault("InvalidRequest", {}, message);
  }
  const object = objectOf({ bucket, key, method: "GET" }, context, versionId);
  checkCopySource(headers, object);
  return { bucket, object, ...(versionId === undefined ? {} : { versionId }) };
};

/** Refuses a source that one call cannot copy. */
export const checkSourceSize = (size: number): void => {
  if (size <= PUT_LIMIT) return;
  const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${PUT_LIMIT}`;
  throw fault("InvalidRequest", {}, message);
};
