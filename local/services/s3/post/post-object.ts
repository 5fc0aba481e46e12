import { Transform } from "node:stream";
import { unknownS3Key } from "../../../gateway/authenticate-s3.ts";
import { readSignature, sameSignature, signText } from "../../../gateway/sigv4.ts";
import type { Caller } from "../../../kit/credentials.ts";
import { anonymousMay } from "../config/access.ts";
import type { ExtensionFactory, Handler, S3Answer, S3Context, S3Request } from "../contract.ts";
import { fault, S3Fault } from "../fault.ts";
import { putObject } from "../put-object.ts";
import { parseTagging } from "../tags.ts";
import { writeXml } from "../xml.ts";
import { type Form, readForm } from "./form.ts";
import { checkForm, readPolicy } from "./policy.ts";

type Fields = ReadonlyMap<string, string>;

const mismatch = (accessKeyId: string, signature: string) =>
  new S3Fault("SignatureDoesNotMatch", {
    status: 403,
    message:
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    detail: { AWSAccessKeyId: accessKeyId, SignatureProvided: signature },
  });

const need = (fields: Fields, name: string): string => {
  const value = fields.get(name);
  if (value !== undefined) return value;
  const message = `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`;
  throw fault("InvalidArgument", { ArgumentName: name, ArgumentValue: "" }, message);
};

/** Who signed a form's policy. Throws where nobody known did. */
const signerOf = (fields: Fields, { cloud }: S3Context): Caller => {
  const token = fields.get("x-amz-security-token");
  const signature = readSignature(
    {},
    new URLSearchParams({
      "X-Amz-Algorithm": need(fields, "x-amz-algorithm"),
      "X-Amz-Credential": need(fields, "x-amz-credential"),
      "X-Amz-Date": need(fields, "x-amz-date"),
      "X-Amz-Signature": need(fields, "x-amz-signature"),
      "X-Amz-SignedHeaders": "policy",
      ...(token && { "X-Amz-Security-Token": token }),
    }),
  );
  if (!signature || signature === "malformed") {
    throw fault("InvalidArgument", { ArgumentName: "x-amz-credential" }, "The credential is malformed.");
  }
  const caller = cloud.credentials.find(signature.accessKeyId);
  if (!caller || caller.sessionToken !== token) {
    const { status, code, message, fields: detail = {} } = unknownS3Key(signature.accessKeyId, token);
    throw new S3Fault(code, { status, message, detail });
  }
  if (!sameSignature(signature.signature, signText(caller, signature, need(fields, "policy")))) {
    throw mismatch(signature.accessKeyId, signature.signature);
  }
  return caller;
};

const HEADER =
  /^(cache-control|content-disposition|content-encoding|content-language|content-type|expires|x-amz-meta-.*|x-amz-checksum-.*|x-amz-sdk-checksum-algorithm|x-amz-storage-class|x-amz-server-side-encryption.*|x-amz-website-redirect-location|x-amz-acl)$/;

/** The form's fields as the headers a PUT would have had. */
const headersOf = (request: S3Request, fields: Fields): Record<string, string> => {
  const kept = [...fields].filter(([name]) => HEADER.test(name));
  const [acl, tagging] = [fields.get("acl"), fields.get("tagging")];
  return {
    ...Object.fromEntries(kept),
    ...(acl && { "x-amz-acl": acl }),
    ...(tagging && { "x-amz-tagging": new URLSearchParams(parseTagging(tagging, 10)).toString() }),
    host: request.headers.host ?? "",
  };
};

/** Passes a file on while it keeps within its range. */
const within = ({ least, most }: { least: number; most: number }) => {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      const over = size > most;
      done(over ? fault("EntityTooLarge", { ProposedSize: size, MaxSizeAllowed: most }) : null, chunk);
    },
    flush(done) {
      done(size < least ? fault("EntityTooSmall", { ProposedSize: size, MinSizeAllowed: least }) : null);
    },
  });
};

const locationOf = ({ headers }: S3Request, bucket: string, key: string) =>
  `http://${headers.host ?? "127.0.0.1"}/${bucket}/${encodeURIComponent(key)}`;

const answerFor = (request: S3Request, fields: Fields, key: string, stored: S3Answer): S3Answer => {
  const etag = stored.headers?.etag ?? "";
  const { bucket } = request;
  const location = locationOf(request, bucket, key);
  const headers = { ...stored.headers, location };
  const to = fields.get("success_action_redirect") ?? fields.get("redirect");
  if (to && URL.canParse(to)) {
    const url = new URL(to);
    for (const [name, value] of Object.entries({ bucket, key, etag })) url.searchParams.append(name, value);
    return { status: 303, headers: { ...headers, location: url.href } };
  }
  const status = fields.get("success_action_status");
  if (status !== "201") return { status: status === "200" ? 200 : 204, headers };
  const body = writeXml("PostResponse", { Location: location, Bucket: bucket, Key: key, ETag: etag });
  return { status: 201, headers: { ...headers, "content-type": "application/xml" }, body };
};

const store = async (request: S3Request, context: S3Context, form: Form): Promise<S3Answer> => {
  const { fields, filename, file, ended } = form;
  const policy = fields.get("policy");
  const caller = policy === undefined ? undefined : signerOf(fields, context);
  const key = need(fields, "key").replace(/\$\{filename\}/g, () => filename.replace(/^.*[/\\]/, ""));
  if (key === "")
    throw fault("InvalidArgument", { ArgumentName: "key" }, "User key must have a length greater than 0.");
  const bucket = context.store.bucket(request.bucket);
  if (!caller && !(bucket && anonymousMay({ ...request, key }, bucket, "s3:PutObject", key))) {
    throw fault("AccessDenied");
  }
  const said = context.cloud.permissions?.refuses(
    caller,
    "s3:PutObject",
    `arn:aws:s3:::${request.bucket}/${key}`,
  );
  if (said !== undefined) throw fault("AccessDenied", {}, said);
  const open = { least: 0, most: Number.POSITIVE_INFINITY };
  const range =
    policy === undefined
      ? open
      : checkForm(
          readPolicy(policy),
          new Map(fields).set("key", need(fields, "key")),
          context.cloud.clock.now(),
        );
  const stream = file.pipe(within(range));
  file.once("error", (error) => stream.destroy(error));
  ended.catch((error: Error) => stream.destroy(error));
  const put: S3Request = {
    ...request,
    key,
    headers: headersOf(request, fields),
    stream,
    trailers: Promise.resolve({}),
    ...(caller && { caller }),
  };
  return answerFor(request, fields, key, await putObject(put, context));
};

const post: Handler = async (request, context) => {
  const form = await readForm(request);
  try {
    return await store(request, context, form);
  } finally {
    form.file.resume(); // whatever was not stored is read off, so that the answer can be
  }
};

/** Uploads from a page's form, allowed by a policy that somebody signed. */
export const postObject: ExtensionFactory = () => ({
  operations: { PostObject: post },
  allowsAnonymous: (request) => request.operation === "PostObject",
});
