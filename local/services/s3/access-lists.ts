import type { Handler, S3Context, S3Request } from "./contract.ts";
import { refuseAcl } from "./description.ts";
import { fault } from "./fault.ts";
import { readDocument } from "./intake.ts";
import { bucketOf, objectOf, versionIdOf } from "./lookup.ts";
import { canonicalId, ownerOf } from "./owner.ts";
import { many, readXml, textOf, writeXml } from "./xml.ts";

// The owner of a bucket owns all in it: the one list there is grants everything to that owner, and cannot be changed.

const answerList = (account: string) => {
  const owner = ownerOf(account);
  const grantee = 'Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"';
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: writeXml("AccessControlPolicy", {
      Owner: owner,
      AccessControlList: { Grant: { [grantee]: owner, Permission: "FULL_CONTROL" } },
    }),
  };
};

/** Takes the list that stands already, as clients write it back after a copy, and no other. */
const refuseBody = async (request: S3Request, context: S3Context) => {
  if (request.headers["x-amz-acl"] !== undefined) return;
  const [list] = many(readXml(await readDocument(request), "AccessControlPolicy"), "AccessControlList");
  const owner = canonicalId(context.cloud.graph.accountId);
  const own = many(list, "Grant").every(
    (grant) =>
      textOf(grant, "Permission") === "FULL_CONTROL" && textOf(many(grant, "Grantee")[0], "ID") === owner,
  );
  if (!own) throw fault("AccessControlListNotSupported");
};

const getBucketAcl: Handler = (request, context) => {
  bucketOf(request, context);
  return answerList(context.cloud.graph.accountId);
};

const putBucketAcl: Handler = async (request, context) => {
  const { settings } = bucketOf(request, context);
  refuseAcl(request.headers, settings);
  await refuseBody(request, context);
  return { status: 200 };
};

const getObjectAcl: Handler = (request, context) => {
  bucketOf(request, context);
  objectOf(request, context, versionIdOf(request.query));
  return answerList(context.cloud.graph.accountId);
};

const putObjectAcl: Handler = async (request, context) => {
  const { settings } = bucketOf(request, context);
  objectOf(request, context, versionIdOf(request.query));
  refuseAcl(request.headers, settings);
  await refuseBody(request, context);
  return { status: 200 };
};

const noLock: Handler = (request, context) => {
  bucketOf(request, context);
  objectOf(request, context, versionIdOf(request.query));
  throw fault("InvalidRequest", {}, "Bucket is missing Object Lock Configuration");
};

const noLockConfiguration: Handler = (request, context) => {
  bucketOf(request, context);
  throw fault("ObjectLockConfigurationNotFoundError", { BucketName: request.bucket });
};

const noNewLock: Handler = (request, context) => {
  bucketOf(request, context);
  throw fault("InvalidBucketState", {}, "Object Lock configuration cannot be enabled on existing buckets");
};

/** Access lists, and object lock as a bucket without it answers. */
export const accessListOperations: Readonly<Record<string, Handler>> = {
  GetBucketAcl: getBucketAcl,
  PutBucketAcl: putBucketAcl,
  GetObjectAcl: getObjectAcl,
  PutObjectAcl: putObjectAcl,
  GetObjectLegalHold: noLock,
  PutObjectLegalHold: noLock,
  GetObjectRetention: noLock,
  PutObjectRetention: noLock,
  GetObjectLockConfiguration: noLockConfiguration,
  PutObjectLockConfiguration: noNewLock,
};
