import type { Handler, S3Answer, S3Context, S3Request } from "../contract.ts";
import { S3Fault } from "../fault.ts";
import { readDocument } from "../intake.ts";
import type { Bucket } from "../types.ts";
import { writeXml, type Xml } from "../xml.ts";

/** A sub-resource of a bucket that is put, read and deleted whole. `Value` is what is kept: plain JSON. */
export interface Setting<Value> {
  /** Name among the bucket's settings. */
  readonly name: string;
  /** As operations are called: `BucketCors`. */
  readonly operation: string;
  /** Of the deletion where it is called otherwise. */
  readonly deletion?: string;
  /** Root element of its document. */
  readonly root: string;
  /** Most bytes of the document. */
  readonly limit?: number;
  /** Reads a document; throws S3Fault for what S3 refuses. */
  read(text: string, request: S3Request, bucket: Bucket): Value | Promise<Value>;
  write(value: Value): Xml;
  /** What a bucket has that was never told otherwise; a fault's code and message where S3 answers one. */
  readonly missing: { readonly value: Value } | { readonly code: string; readonly message: string };
}

/** What a bucket's setting was; `null` when it was deleted, which for some is not the same as never set. */
export const kept = <Value>(bucket: Bucket, { name }: Setting<Value>): Value | null | undefined =>
  bucket.settings.config[name] as Value | null | undefined;

/** Keeps a setting, or forgets it. */
export const keep = <Value>(
  { store, cloud }: S3Context,
  bucket: string,
  { name }: Setting<Value>,
  value: Value | null,
): void => {
  store.configure(bucket, (settings) => ({ ...settings, config: { ...settings.config, [name]: value } }));
  // whoever calls with keys of a role is judged by the bucket's policy too
  if (name === "policy") cloud.permissions?.setResourcePolicy(`arn:aws:s3:::${bucket}`, value ?? undefined);
};

/** The bucket of a call, or the refusal. */
export const bucketOf = (request: S3Request, { store }: S3Context): Bucket => {
  const bucket = store.bucket(request.bucket);
  if (bucket) return bucket;
  throw new S3Fault("NoSuchBucket", { detail: { BucketName: request.bucket } });
};

/** An answer with a document. */
export const documentAnswer = (root: string, elements: Xml): S3Answer => ({
  status: 200,
  headers: { "content-type": "application/xml" },
  body: writeXml(root, elements),
});

/** Reads a document that may not be as long as any. */
export const readLimited = async (request: S3Request, limit = Number.POSITIVE_INFINITY): Promise<string> => {
  const text = await readDocument(request);
  if (text.length > limit) {
    throw new S3Fault("MaxMessageLengthExceeded", { message: "Your request was too big." });
  }
  return text;
};

const get =
  <Value>(setting: Setting<Value>): Handler =>
  (request, context) => {
    const bucket = bucketOf(request, context);
    const value = kept(bucket, setting);
    if (value !== undefined && value !== null) return documentAnswer(setting.root, setting.write(value));
    const { missing } = setting;
    if ("value" in missing) return documentAnswer(setting.root, setting.write(missing.value));
    const { code, message } = missing;
    throw new S3Fault(code, { status: 404, message, detail: { BucketName: bucket.name } });
  };

const put =
  <Value>(setting: Setting<Value>): Handler =>
  async (request, context) => {
    const bucket = bucketOf(request, context);
    const text = await readLimited(request, setting.limit);
    keep(context, bucket.name, setting, await setting.read(text, request, bucket));
    return { status: 200 };
  };

const remove =
  <Value>(setting: Setting<Value>): Handler =>
  (request, context) => {
    keep(context, bucketOf(request, context).name, setting, null);
    return { status: 204 };
  };

/** The handlers of a setting; a deletion that S3 does not know is on no route. */
export const settingOperations = <Value>(setting: Setting<Value>): Record<string, Handler> => ({
  [`Get${setting.operation}`]: get(setting),
  [`Put${setting.operation}`]: put(setting),
  [setting.deletion ?? `Delete${setting.operation}`]: remove(setting),
});
