import type { EventName, Handler, S3Context, S3Request } from "./contract.ts";
import { eventOf } from "./events.ts";
import { fault } from "./fault.ts";
import { readDocument } from "./intake.ts";
import { bucketOf, objectOf, versionIdOf } from "./lookup.ts";
import { parseTagging, tagSet } from "./tags.ts";
import type { ObjectVersion } from "./types.ts";
import { writeXml } from "./xml.ts";

const answerTags = (
  tags: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) => ({
  status: 200,
  headers: { "content-type": "application/xml", ...headers },
  body: writeXml("Tagging", tagSet(tags)),
});

const getBucketTagging: Handler = (request, context) => {
  const { tags } = bucketOf(request, context).settings;
  if (!tags) throw fault("NoSuchTagSet", { BucketName: request.bucket });
  return answerTags(tags);
};

const putBucketTagging: Handler = async (request, context) => {
  bucketOf(request, context);
  const tags = parseTagging(await readDocument(request), 50);
  context.store.configure(request.bucket, (settings) => ({ ...settings, tags }));
  return { status: 204 };
};

const deleteBucketTagging: Handler = (request, context) => {
  context.store.configure(request.bucket, ({ tags: _, ...settings }) => settings);
  return { status: 204 };
};

const versionHeader = (
  request: S3Request,
  context: S3Context,
  { versionId }: ObjectVersion,
): Record<string, string> =>
  bucketOf(request, context).settings.versioning ? { "x-amz-version-id": versionId } : {};

const found = (request: S3Request, context: S3Context): ObjectVersion => {
  bucketOf(request, context);
  return objectOf(request, context, versionIdOf(request.query));
};

const retag = (
  request: S3Request,
  context: S3Context,
  change: { name: EventName; tags: Readonly<Record<string, string>> },
) => {
  const before = found(request, context); // again: a body may have taken its time
  const object = context.store.describe(request.bucket, before, { tags: change.tags });
  const { settings } = bucketOf(request, context);
  context.emit(eventOf(change.name, request, object, { settings, at: context.cloud.clock.now() }));
  return versionHeader(request, context, object);
};

const getObjectTagging: Handler = (request, context) => {
  const object = found(request, context);
  return answerTags(object.tags, versionHeader(request, context, object));
};

const putObjectTagging: Handler = async (request, context) => {
  found(request, context);
  const tags = parseTagging(await readDocument(request), 10);
  return { status: 200, headers: retag(request, context, { name: "ObjectTagging:Put", tags }) };
};

const deleteObjectTagging: Handler = (request, context) => ({
  status: 204,
  headers: retag(request, context, { name: "ObjectTagging:Delete", tags: {} }),
});

/** Tags of buckets and objects. */
export const taggingOperations: Readonly<Record<string, Handler>> = {
  GetBucketTagging: getBucketTagging,
  PutBucketTagging: putBucketTagging,
  DeleteBucketTagging: deleteBucketTagging,
  GetObjectTagging: getObjectTagging,
  PutObjectTagging: putObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
};
