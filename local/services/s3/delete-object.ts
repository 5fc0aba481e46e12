import type { Handler, S3Context, S3Request } from "./contract.ts";
import { asFault } from "./errors.ts";
import { eventOf } from "./events.ts";
import { fault } from "./fault.ts";
import { readDocument } from "./intake.ts";
import { bucketOf, versionIdOf } from "./lookup.ts";
import type { Removed } from "./types.ts";
import { many, readXml, textOf, writeXml, type XmlElements, type XmlRead } from "./xml.ts";

interface Target {
  readonly key: string;
  readonly versionId?: string;
  readonly ifMatch?: string;
}

const remove = (request: S3Request, context: S3Context, { key, ...target }: Target): Removed => {
  const { settings } = bucketOf(request, context);
  const removed = context.store.remove(request.bucket, key, target);
  const { marker, version, sequence } = removed;
  const at = context.cloud.clock.now();
  if (version) {
    const { versionId } = version;
    context.emit(eventOf("ObjectRemoved:Delete", request, { key, versionId, sequence }, { settings, at }));
  } else if (marker) {
    context.emit(eventOf("ObjectRemoved:DeleteMarkerCreated", request, marker, { settings, at }));
  }
  return removed;
};

/** Deletes an object, or one version of it. Deleting what is not there succeeds. */
export const deleteObject: Handler = (request, context) => {
  const versionId = versionIdOf(request.query);
  const ifMatch = request.headers["if-match"];
  const { marker } = remove(request, context, {
    key: request.key,
    ...(versionId === undefined ? {} : { versionId }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  });
  const id = versionId ?? marker?.versionId;
  return {
    status: 204,
    headers: {
      ...(marker ? { "x-amz-delete-marker": "true" } : {}),
      ...(id === undefined ? {} : { "x-amz-version-id": id }),
    },
  };
};

/** Keys one call may delete. */
const BATCH = 1_000;

const targetOf = (node: XmlRead): Target => {
  const [key, versionId, ifMatch] = [textOf(node, "Key"), textOf(node, "VersionId"), textOf(node, "ETag")];
  if (key === undefined || key === "") throw fault("MalformedXML");
  return {
    key,
    ...(versionId ? { versionId } : {}),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
};

const deleteOne = (
  request: S3Request,
  context: S3Context,
  target: Target,
): { deleted?: XmlElements; error?: XmlElements } => {
  const { key: Key, versionId: VersionId } = target;
  // of the whole batch nothing is asked: each key needs a permission of its own
  const action = VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
  const arn = `arn:aws:s3:::${request.bucket}/${Key}`;
  const said = context.cloud.permissions?.refuses(request.caller, action, arn);
  if (said !== undefined) return { error: { Key, VersionId, Code: "AccessDenied", Message: said } };
  try {
    if (VersionId !== undefined) versionIdOf(new URLSearchParams({ versionId: VersionId }));
    const { marker } = remove(request, context, target);
    return {
      deleted: {
        Key,
        VersionId,
        ...(marker ? { DeleteMarker: true, DeleteMarkerVersionId: marker.versionId } : {}),
      },
    };
  } catch (error) {
    const known = asFault(error);
    if (!known) throw error;
    return { error: { Key, VersionId, Code: known.code, Message: known.message } };
  }
};

/** Deletes up to a thousand objects; each fails by itself. */
export const deleteObjects: Handler = async (request, context) => {
  bucketOf(request, context);
  const document = readXml(await readDocument(request, { checksum: "required" }), "Delete");
  const targets = many(document, "Object").map(targetOf);
  if (targets.length < 1 || targets.length > BATCH) throw fault("MalformedXML");
  const quiet = textOf(document, "Quiet")?.toLowerCase() === "true";
  const results = targets.map((target) => deleteOne(request, context, target));
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: writeXml("DeleteResult", {
      Deleted: quiet ? [] : results.flatMap(({ deleted }) => (deleted ? [deleted] : [])),
      Error: results.flatMap(({ error }) => (error ? [error] : [])),
    }),
  };
};
