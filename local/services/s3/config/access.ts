import { contextOf } from "../../../permissions/policy/context.ts";
import { compileDocument, type Statement } from "../../../permissions/policy/document.ts";
import { decide } from "../../../permissions/policy/evaluate.ts";
import type { S3Request } from "../contract.ts";
import type { Bucket } from "../types.ts";
import { type PublicAccess, policy, publicAccess } from "./policy.ts";
import { kept } from "./setting.ts";

/** Operations that need a right of another name. */
const ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: "GetObject",
  HeadBucket: "ListBucket",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
  ListMultipartUploads: "ListBucketMultipartUploads",
  ListParts: "ListMultipartUploadParts",
  CreateMultipartUpload: "PutObject",
  UploadPart: "PutObject",
  UploadPartCopy: "PutObject",
  CompleteMultipartUpload: "PutObject",
  CopyObject: "PutObject",
  PostObject: "PutObject",
  DeleteObjects: "DeleteObject",
};

const VERSIONED = /^(Get|Delete|Put)Object(Tagging|Acl|Attributes)?$/;

/** The right a call needs: `s3:GetObject`. */
export const actionOf = ({ operation, query }: Pick<S3Request, "operation" | "query">): string => {
  const action = ACTIONS[operation] ?? operation;
  if (!query.get("versionId") || !VERSIONED.test(action)) return `s3:${action}`;
  return `s3:${action.replace("Object", "ObjectVersion")}`;
};

const contextFor = (request: S3Request) => {
  const { query, headers, sourceIp } = request;
  const given = {
    "s3:prefix": query.get("prefix"),
    "s3:delimiter": query.get("delimiter"),
    "s3:max-keys": query.get("max-keys"),
    "s3:VersionId": query.get("versionId"),
    "aws:Referer": headers.referer,
    "aws:UserAgent": headers["user-agent"],
  };
  const known = Object.entries(given).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  // plain HTTP on the loopback stands for HTTPS
  return contextOf({ ...Object.fromEntries(known), "aws:SecureTransport": "true", "aws:SourceIp": sourceIp });
};

/** What a bucket's policy says, compiled once for each text. */
const compiled = new Map<string, readonly Statement[]>();
const MOST_COMPILED = 200;

const statementsOf = (text: string): readonly Statement[] => {
  const known = compiled.get(text);
  if (known) return known;
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  const statements = compileDocument(text, { policy: "policy of the bucket" });
  compiled.set(text, statements);
  return statements;
};

/** Conditions that narrow "everyone" down to somebody, so that S3 does not call a policy public. */
const NARROWING =
  /^(aws:(sourcearn|sourceaccount|sourcevpc|sourcevpce|sourceip|principalorgid|principalorgpaths|principalarn|principalaccount|userid|sourceorgid)|s3:dataaccesspointarn|s3:dataaccesspointaccount|s3:x-amz-server-side-encryption-aws-kms-key-id)$/i;

interface RawStatement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const isWide = (value: unknown): boolean =>
  [value].flat().some((one) => typeof one !== "string" || one.includes("*") || /\/[0-7]$/.test(one));

const namesEveryone = ({ Principal: principal, NotPrincipal: not }: RawStatement): boolean => {
  if (not !== undefined || principal === "*") return true;
  if (typeof principal !== "object" || principal === null) return false;
  return Object.values(principal).flat().includes("*");
};

/** Whether a policy lets everyone do something: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export const isPublicPolicy = (text: string): boolean => {
  const { Statement: statement } = JSON.parse(text) as { Statement?: RawStatement | RawStatement[] };
  return [statement ?? []].flat().some((one) => {
    if (one.Effect !== "Allow" || !namesEveryone(one)) return false;
    const conditions = Object.values(one.Condition ?? {}).flatMap((keys) => Object.entries(keys));
    return !conditions.some(([key, value]) => NARROWING.test(key) && !isWide(value));
  });
};

/** How far a bucket is closed to the public; nothing said is all closed, as for every new bucket. */
export const blockOf = (bucket: Bucket): PublicAccess => {
  const value = kept(bucket, publicAccess);
  const all = value === undefined;
  return (
    value ?? {
      blockPublicAcls: all,
      ignorePublicAcls: all,
      blockPublicPolicy: all,
      restrictPublicBuckets: all,
    }
  );
};

/** Whether nobody in particular may do this: only what a public policy grants, and the bucket does not close. */
export const anonymousMay = (
  request: S3Request,
  bucket: Bucket,
  action = actionOf(request),
  key = request.key,
): boolean => {
  const text = kept(bucket, policy);
  if (!text || (blockOf(bucket).restrictPublicBuckets && isPublicPolicy(text))) return false;
  const path = request.operation === "DeleteObjects" || request.operation === "PostObject" ? "*" : key;
  const question = {
    subject: { kind: "anonymous" as const },
    action,
    resource: path ? `${bucket.arn}/${path}` : bucket.arn,
    context: contextFor(request),
  };
  return decide({ identity: [], resource: statementsOf(text) }, question).allowed;
};
