import { fault, malformedXml, S3Fault } from "../fault.ts";
import { many, readXml, textOf, type Xml, type XmlRead } from "../xml.ts";
import type { Setting } from "./setting.ts";

// What is kept and told, and changes nothing here: how bytes would be encrypted, who owns objects, where requests are logged.

/** A document's elements as they were read; order and text are kept. */
export type Kept = { readonly [name: string]: XmlRead };

/** Encryption of new objects. */
export interface Encryption {
  readonly algorithm: string;
  readonly keyId?: string;
  readonly bucketKey: boolean;
}

const ALGORITHMS = new Set(["AES256", "aws:kms", "aws:kms:dsse"]);

const readEncryption = (text: string): Encryption => {
  const [rule, ...more] = many(readXml(text, "ServerSideEncryptionConfiguration"), "Rule");
  const [apply] = many(rule, "ApplyServerSideEncryptionByDefault");
  const algorithm = textOf(apply, "SSEAlgorithm");
  if (more.length > 0 || algorithm === undefined || !ALGORITHMS.has(algorithm)) throw malformedXml();
  const keyId = textOf(apply, "KMSMasterKeyID");
  if (keyId !== undefined && algorithm === "AES256") {
    throw fault(
      "InvalidArgument",
      { ArgumentName: "ApplyServerSideEncryptionByDefault" },
      "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
    );
  }
  return {
    algorithm,
    ...(keyId === undefined ? {} : { keyId }),
    bucketKey: textOf(rule, "BucketKeyEnabled")?.trim() === "true",
  };
};

/** Default encryption: S3 always has one. */
export const encryption: Setting<Encryption> = {
  name: "encryption",
  operation: "BucketEncryption",
  root: "ServerSideEncryptionConfiguration",
  read: readEncryption,
  write: ({ algorithm, keyId, bucketKey }) => ({
    Rule: {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId },
      BucketKeyEnabled: bucketKey,
    },
  }),
  missing: { value: { algorithm: "AES256", bucketKey: false } },
};

const OWNERSHIP = new Set(["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"]);

/** Who owns objects; enforced for the bucket's owner unless said otherwise. */
export const ownership: Setting<string> = {
  name: "ownershipControls",
  operation: "BucketOwnershipControls",
  root: "OwnershipControls",
  read(text) {
    const [rule, ...more] = many(readXml(text, "OwnershipControls"), "Rule");
    const value = textOf(rule, "ObjectOwnership");
    if (more.length > 0 || value === undefined || !OWNERSHIP.has(value)) throw malformedXml();
    return value;
  },
  write: (value) => ({ Rule: { ObjectOwnership: value } }),
  missing: { value: "BucketOwnerEnforced" },
};

/** Where requests would be logged; empty where nowhere. */
export interface Logging {
  readonly bucket?: string;
  readonly prefix?: string;
}

/** Access logging: kept, and nothing is written. */
export const logging: Setting<Logging> = {
  name: "logging",
  operation: "BucketLogging",
  root: "BucketLoggingStatus",
  read(text) {
    const [enabled] = many(readXml(text, "BucketLoggingStatus"), "LoggingEnabled");
    if (enabled === undefined) return {};
    const [bucket, prefix] = [textOf(enabled, "TargetBucket"), textOf(enabled, "TargetPrefix")];
    if (bucket === undefined || prefix === undefined) throw malformedXml();
    return { bucket, prefix };
  },
  write: (value) =>
    value.bucket !== undefined
      ? { LoggingEnabled: { TargetBucket: value.bucket, TargetPrefix: value.prefix } }
      : {},
  missing: { value: {} },
};

const oneOf = (node: Kept, name: string, allowed: readonly string[]): Kept => {
  const value = textOf(node, name);
  if (value === undefined || !allowed.includes(value)) throw malformedXml();
  return node;
};

/** Whether uploads take the accelerated way: there is none on one machine. */
export const acceleration: Setting<Kept> = {
  name: "accelerate",
  operation: "BucketAccelerateConfiguration",
  root: "AccelerateConfiguration",
  read: (text) => oneOf(readXml(text, "AccelerateConfiguration"), "Status", ["Enabled", "Suspended"]),
  write: (value) => value as Xml,
  missing: { value: {} },
};

/** Who pays for requests. */
export const requestPayment: Setting<Kept> = {
  name: "requestPayment",
  operation: "BucketRequestPayment",
  root: "RequestPaymentConfiguration",
  read: (text) => oneOf(readXml(text, "RequestPaymentConfiguration"), "Payer", ["BucketOwner", "Requester"]),
  write: (value) => value as Xml,
  missing: { value: { Payer: "BucketOwner" } },
};

/** A static website's settings. */
export const website: Setting<Kept> = {
  name: "website",
  operation: "BucketWebsite",
  root: "WebsiteConfiguration",
  read(text) {
    const node = readXml(text, "WebsiteConfiguration");
    const [index] = many(node, "IndexDocument");
    if (index === undefined && many(node, "RedirectAllRequestsTo").length === 0) throw malformedXml();
    if (index !== undefined && !textOf(index, "Suffix")) {
      throw new S3Fault("InvalidArgument", { message: "The IndexDocument Suffix is not well formed" });
    }
    return node;
  },
  write: (value) => value as Xml,
  missing: {
    code: "NoSuchWebsiteConfiguration",
    message: "The specified bucket does not have a website configuration",
  },
};
