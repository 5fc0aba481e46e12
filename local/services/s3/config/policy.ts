import { compileDocument } from "../../../permissions/policy/document.ts";
import { malformedXml, S3Fault } from "../fault.ts";
import { readXml, textOf } from "../xml.ts";
import type { Setting } from "./setting.ts";

/** The four switches against public access. */
export interface PublicAccess {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

/** `true` or `false` of a document's element; false where it is not there. */
export const flagOf = (node: ReturnType<typeof readXml>, name: string): boolean => {
  const text = textOf(node, name)?.trim().toLowerCase() ?? "false";
  if (text !== "true" && text !== "false") throw malformedXml();
  return text === "true";
};

/** Public access block. */
export const publicAccess: Setting<PublicAccess> = {
  name: "publicAccessBlock",
  operation: "PublicAccessBlock",
  root: "PublicAccessBlockConfiguration",
  read(text) {
    const node = readXml(text, "PublicAccessBlockConfiguration");
    return {
      blockPublicAcls: flagOf(node, "BlockPublicAcls"),
      ignorePublicAcls: flagOf(node, "IgnorePublicAcls"),
      blockPublicPolicy: flagOf(node, "BlockPublicPolicy"),
      restrictPublicBuckets: flagOf(node, "RestrictPublicBuckets"),
    };
  },
  write: (value) => ({
    BlockPublicAcls: value.blockPublicAcls,
    IgnorePublicAcls: value.ignorePublicAcls,
    BlockPublicPolicy: value.blockPublicPolicy,
    RestrictPublicBuckets: value.restrictPublicBuckets,
  }),
  missing: {
    code: "NoSuchPublicAccessBlockConfiguration",
    message: "The public access block configuration was not found",
  },
};

const malformed = (message: string, detail: Readonly<Record<string, string>> = {}) =>
  new S3Fault("MalformedPolicy", { message, detail });

interface RawStatement {
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
}

const parse = (text: string): { Statement?: unknown } => {
  try {
    if (text.startsWith("{")) return JSON.parse(text) as { Statement?: unknown };
  } catch {
    // said below
  }
  throw malformed("Policies must be valid JSON and the first byte must be '{'");
};

const checkStatement = (statement: RawStatement, arn: string) => {
  if (typeof statement !== "object" || statement === null) throw malformed("Policy has invalid statement");
  if (statement.Principal === undefined && statement.NotPrincipal === undefined)
    throw malformed("Missing required field Principal");
  if (statement.Action === undefined && statement.NotAction === undefined)
    throw malformed("Missing required field Action");
  const resources = [statement.Resource ?? statement.NotResource ?? []].flat();
  if (resources.length === 0) throw malformed("Missing required field Resource");
  for (const resource of resources) {
    if (typeof resource !== "string" || (resource !== arn && !resource.startsWith(`${arn}/`)))
      throw malformed("Policy has invalid resource", { Detail: String(resource) });
  }
  for (const action of [statement.Action ?? statement.NotAction ?? []].flat()) {
    if (typeof action !== "string" || !/^(\*|s3:[A-Za-z*?]+)$/i.test(action))
      throw malformed("Policy has invalid action", { Detail: String(action) });
  }
};

/** Reads a bucket's policy as S3 would; throws MalformedPolicy. */
export const checkPolicy = (text: string, arn: string): string => {
  const { Statement: statements } = parse(text);
  if (statements === undefined) throw malformed("Missing required field Statement");
  for (const statement of [statements].flat() as RawStatement[]) checkStatement(statement, arn);
  try {
    compileDocument(text, { policy: "policy of the bucket" });
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : "This policy contains invalid Json");
  }
  return text;
};

/** A bucket's policy: kept as the text it came as. The 20 KB are S3's. */
export const policy: Setting<string> = {
  name: "policy",
  operation: "BucketPolicy",
  root: "Policy",
  limit: 20_480,
  read: (text, _, bucket) => checkPolicy(text, bucket.arn),
  write: (text) => text,
  missing: { code: "NoSuchBucketPolicy", message: "The bucket policy does not exist" },
};
