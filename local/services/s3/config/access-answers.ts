import type { ExtensionFactory, Handler } from "../contract.ts";
import { fault, S3Fault } from "../fault.ts";
import { anonymousMay, blockOf, isPublicPolicy } from "./access.ts";
import { checkPolicy, policy, publicAccess } from "./policy.ts";
import { bucketOf, documentAnswer, keep, kept, readLimited, settingOperations } from "./setting.ts";

const noPolicy = (name: string) =>
  new S3Fault("NoSuchBucketPolicy", {
    status: 404,
    message: "The bucket policy does not exist",
    detail: { BucketName: name },
  });

const getPolicy: Handler = (request, context) => {
  const bucket = bucketOf(request, context);
  const text = kept(bucket, policy);
  if (!text) throw noPolicy(bucket.name);
  return { status: 200, headers: { "content-type": "application/json" }, body: text };
};

const putPolicy: Handler = async (request, context) => {
  const bucket = bucketOf(request, context);
  const text = checkPolicy(await readLimited(request, policy.limit), bucket.arn);
  if (blockOf(bucket).blockPublicPolicy && isPublicPolicy(text)) {
    throw new S3Fault("AccessDenied", {
      status: 403,
      message: `User: ${request.caller?.roleArn ?? "developer"} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucket.arn}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    });
  }
  keep(context, bucket.name, policy, text);
  return { status: 204 };
};

const policyStatus: Handler = (request, context) => {
  const bucket = bucketOf(request, context);
  const text = kept(bucket, policy);
  if (!text) throw noPolicy(bucket.name);
  return documentAnswer("PolicyStatus", { IsPublic: isPublicPolicy(text) });
};

/** Bucket policy and public access block; and what they let nobody in particular do. */
export const accessAnswers: ExtensionFactory = (context) => ({
  operations: {
    ...settingOperations(publicAccess),
    ...settingOperations(policy),
    GetBucketPolicy: getPolicy,
    PutBucketPolicy: putPolicy,
    GetBucketPolicyStatus: policyStatus,
  },
  after(request, answer) {
    // a bucket of the same name is another, without a policy
    if (request.operation === "DeleteBucket" && answer.status === 204) {
      context.cloud.permissions?.setResourcePolicy(`arn:aws:s3:::${request.bucket}`, undefined);
    }
    return answer;
  },
  async start() {
    // policies that were put in an earlier run; what the graph says is applied with its other settings
    for (const bucket of context.store.buckets()) {
      const text = kept(bucket, policy);
      if (text) context.cloud.permissions?.setResourcePolicy(bucket.arn, text);
    }
  },
  allowsAnonymous(request, bucket) {
    if (bucket) return anonymousMay(request, bucket);
    return request.bucket !== "" && request.operation !== "CreateBucket"; // to be told that it does not exist
  },
  before(request, bucket) {
    if (request.caller || !bucket || !/^(Get|Head)Object$/.test(request.operation)) return undefined;
    // who may not list a bucket is not told that a key does not exist
    if (context.store.versions(bucket.name, request.key).length > 0) return undefined;
    if (!anonymousMay(request, bucket, "s3:ListBucket", "")) throw fault("AccessDenied");
    return undefined;
  },
});
