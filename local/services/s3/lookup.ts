import type { S3Context, S3Request } from "./contract.ts";
import { httpDate } from "./description.ts";
import { fault, invalidArgument, S3Fault } from "./fault.ts";
import type { Bucket, ObjectVersion, Version } from "./types.ts";

/** The bucket a call is about. Throws NoSuchBucket. */
export const bucketOf = ({ bucket }: Pick<S3Request, "bucket">, { store }: S3Context): Bucket => {
  const found = store.bucket(bucket);
  if (!found) throw fault("NoSuchBucket", { BucketName: bucket });
  return found;
};

const VERSION_ID = /^(null|[A-Za-z0-9._-]{32})$/;

/** The version a call names; undefined where it names none. Throws where no version could be called that. */
export const versionIdOf = (query: URLSearchParams): string | undefined => {
  const given = query.get("versionId");
  if (given === null) return undefined;
  if (given === "") throw invalidArgument("versionId", "", "Version id cannot be the empty string");
  if (!VERSION_ID.test(given)) throw invalidArgument("versionId", given, "Invalid version id specified");
  return given;
};

const markerHeaders = ({ versionId }: Version) => ({
  "x-amz-delete-marker": "true",
  "x-amz-version-id": versionId,
});

const named = (
  versions: readonly Version[],
  key: string,
  versionId: string,
  method: string,
): ObjectVersion => {
  const version = versions.find((one) => one.versionId === versionId);
  if (!version) throw fault("NoSuchVersion", { Key: key, VersionId: versionId });
  if (!version.marker) return version;
  throw new S3Fault("MethodNotAllowed", {
    detail: { Method: method, ResourceType: "DeleteMarker" },
    headers: { ...markerHeaders(version), allow: "DELETE", "last-modified": httpDate(version.modified) },
  });
};

/** The object a call reads, by version id or the current one. Throws as S3 does where there is none. */
export const objectOf = (
  { bucket, key, method }: Pick<S3Request, "bucket" | "key" | "method">,
  { store }: S3Context,
  versionId: string | undefined,
): ObjectVersion => {
  const versions = store.versions(bucket, key);
  if (versionId !== undefined) return named(versions, key, versionId, method);
  const [current] = versions;
  if (current && !current.marker) return current;
  throw new S3Fault("NoSuchKey", {
    detail: { Key: key },
    ...(current ? { headers: markerHeaders(current) } : {}),
  });
};
