import type { Resource } from "../../../graph/graph.ts";
import type { S3Context } from "../contract.ts";
import { type CorsRule, checkRule, cors } from "./cors.ts";
import { checkPolicy, policy, publicAccess } from "./policy.ts";
import { keep, kept, type Setting } from "./setting.ts";
import { encryption, type Kept, logging, ownership, website } from "./simple.ts";

type Inputs = Readonly<Record<string, unknown>>;

const record = (value: unknown): Inputs =>
  typeof value === "object" && value !== null ? (value as Inputs) : {};
/** Pulumi writes what there is one of as an object or, in older versions, as a list. */
export const first = (value: unknown): Inputs => record(Array.isArray(value) ? value[0] : value);
/** A list of objects. */
export const records = (value: unknown): Inputs[] => (Array.isArray(value) ? value.map(record) : []);
/** A text, or nothing. */
export const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
/** A list of texts. */
export const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : []).filter((one): one is string => typeof one === "string");
/** A whole number, or nothing: 0 is Pulumi's "not set" in places that say so themselves. */
export const count = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** The resources of one kind, whichever of its two generations they are. */
export const ofKind = ({ cloud }: S3Context, kind: string): Resource[] =>
  cloud.graph.resources.filter(({ type }) => type.replace("V2:", ":").replace(/V2$/, "") === kindToken(kind));

const kindToken = (kind: string) => `aws:s3/${kind}:${kind[0]?.toUpperCase()}${kind.slice(1)}`;

const corsRules = (value: unknown): CorsRule[] =>
  records(value).map((rule) => {
    const [id, age] = [text(rule.id), count(rule.maxAgeSeconds)];
    return checkRule({
      ...(id === undefined ? {} : { id }),
      allowedOrigins: texts(rule.allowedOrigins),
      allowedMethods: texts(rule.allowedMethods),
      allowedHeaders: texts(rule.allowedHeaders),
      exposeHeaders: texts(rule.exposeHeaders),
      ...(age === undefined ? {} : { maxAgeSeconds: age }),
    });
  });

const websiteOf = (inputs: Inputs): Kept => {
  const [index, error] = [first(inputs.indexDocument), first(inputs.errorDocument)];
  const redirect = first(inputs.redirectAllRequestsTo);
  const [host, protocol] = [text(redirect.hostName), text(redirect.protocol)];
  if (host) return { RedirectAllRequestsTo: { HostName: host, ...(protocol ? { Protocol: protocol } : {}) } };
  const key = text(error.key);
  return {
    IndexDocument: { Suffix: text(index.suffix) ?? "index.html" },
    ...(key ? { ErrorDocument: { Key: key } } : {}),
  };
};

const encryptionOf = (inputs: Inputs) => {
  const [rule] = records(inputs.rules);
  const apply = first(rule?.applyServerSideEncryptionByDefault);
  const keyId = text(apply.kmsMasterKeyId);
  return {
    algorithm: text(apply.sseAlgorithm) ?? "AES256",
    ...(keyId ? { keyId } : {}),
    bucketKey: rule?.bucketKeyEnabled === true,
  };
};

/** Sets what changed alone: a setting that is the same need not be written again at each start. */
export const keepChanged = <Value>(
  context: S3Context,
  bucket: string,
  setting: Setting<Value>,
  value: Value,
): boolean => {
  const found = context.store.bucket(bucket);
  if (!found || JSON.stringify(kept(found, setting)) === JSON.stringify(value)) return false;
  keep(context, bucket, setting, value);
  return true;
};

/** Puts on the graph's buckets what its resources say of them. A mistake is told by the resource it stands in. */
export const applyGraph = (context: S3Context): void => {
  const each = <Value>(
    kind: string,
    setting: Setting<Value>,
    read: (inputs: Inputs, bucket: string) => Value,
  ) => {
    for (const resource of ofKind(context, kind)) {
      const bucket = text(resource.inputs.bucket) ?? "";
      try {
        keepChanged(context, bucket, setting, read(resource.inputs, bucket));
      } catch (error) {
        const where = resource.source ? ` (${resource.source})` : "";
        throw new Error(`${resource.name}${where}: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  each("bucketCorsConfiguration", cors, ({ corsRules: rules }) => corsRules(rules));
  each("bucketPublicAccessBlock", publicAccess, (inputs) => ({
    blockPublicAcls: inputs.blockPublicAcls === true,
    ignorePublicAcls: inputs.ignorePublicAcls === true,
    blockPublicPolicy: inputs.blockPublicPolicy === true,
    restrictPublicBuckets: inputs.restrictPublicBuckets === true,
  }));
  each("bucketPolicy", policy, (inputs, bucket) => {
    const given = inputs.policy;
    return checkPolicy(typeof given === "string" ? given : JSON.stringify(given), `arn:aws:s3:::${bucket}`);
  });
  each("bucketServerSideEncryptionConfiguration", encryption, encryptionOf);
  each(
    "bucketOwnershipControls",
    ownership,
    ({ rule }) => text(first(rule).objectOwnership) ?? "BucketOwnerEnforced",
  );
  each("bucketLogging", logging, (inputs) => ({
    bucket: text(inputs.targetBucket) ?? "",
    prefix: text(inputs.targetPrefix) ?? "",
  }));
  each("bucketWebsiteConfiguration", website, websiteOf);
};
