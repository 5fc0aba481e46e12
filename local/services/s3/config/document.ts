import { createHash } from "node:crypto";
import { ALGORITHMS, checksumOf, isChecksum } from "../checksums.ts";
import type { S3Request } from "../contract.ts";
import { fault, S3Fault } from "../fault.ts";

/** More than any configuration S3 takes; bytes. */
const LIMIT = 1_048_576;

const collect = async (request: S3Request, limit: number) => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new S3Fault("MaxMessageLengthExceeded", { message: "Your request was too big." });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const checkMd5 = (body: Buffer, stated: string | undefined) => {
  if (stated === undefined) return;
  if (Buffer.from(stated, "base64").length !== 16) throw fault("InvalidDigest", { "Content-MD5": stated });
  const computed = createHash("md5").update(body).digest("base64");
  if (computed !== stated) {
    throw fault("BadDigest", { ExpectedDigest: stated, CalculatedDigest: computed });
  }
};

/** The whole body of a request for a bucket's configuration, checked by whatever digest comes with it. */
export const readDocument = async (request: S3Request, limit = LIMIT): Promise<string> => {
  const body = await collect(request, limit);
  checkMd5(body, request.headers["content-md5"]);
  const trailers = await request.trailers;
  for (const algorithm of ALGORITHMS) {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
    const stated = trailers[name] ?? request.headers[name];
    if (stated === undefined) continue;
    if (!isChecksum(algorithm, stated)) {
      throw fault("InvalidRequest", {}, `Value for ${name} header is invalid.`);
    }
    if ((await checksumOf(algorithm, body)) !== stated) {
      throw fault("BadDigest", {}, `The ${algorithm} you specified did not match the calculated checksum.`);
    }
  }
  return body.toString("utf8");
};
