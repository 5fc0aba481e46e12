import { ALGORITHMS, isChecksum } from "./checksums.ts";
import type { S3Context, S3Request } from "./contract.ts";
import { checksumHeader, createDigests, type Sums } from "./digests.ts";
import { fault, S3Fault } from "./fault.ts";
import type { Algorithm, Extent } from "./types.ts";

/** What one PUT may carry, bytes. */
export const PUT_LIMIT = 5 * 1024 ** 3;

const badRequest = (message: string) => fault("InvalidRequest", {}, message);

/** The checksum a caller gives of what it sends: by a header, or after the body. */
export interface Claim {
  readonly algorithm: Algorithm;
  /** Undefined when it follows in a trailer. */
  readonly value?: string;
}

const checkValue = (algorithm: Algorithm, value: string) => {
  if (!isChecksum(algorithm, value))
    throw badRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  return value;
};

/** Which checksum is claimed. Throws where there are several, or one is announced that does not come. */
export const claimOf = (headers: Readonly<Record<string, string>>): Claim | undefined => {
  const given = ALGORITHMS.filter((one) => headers[checksumHeader(one)] !== undefined);
  const trailer = (headers["x-amz-trailer"] ?? "").toLowerCase();
  const announced = ALGORITHMS.filter((one) =>
    trailer.split(",").some((name) => name.trim() === checksumHeader(one)),
  );
  if (given.length + announced.length > 1) {
    throw badRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  const [header, later] = [given[0], announced[0]];
  if (header) return { algorithm: header, value: checkValue(header, headers[checksumHeader(header)] ?? "") };
  if (later) return { algorithm: later };
  if (headers["x-amz-sdk-checksum-algorithm"] === undefined) return undefined;
  throw badRequest(
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
  );
};

const md5Claim = (headers: Readonly<Record<string, string>>): string | undefined => {
  const given = headers["content-md5"];
  if (given === undefined) return undefined;
  const bytes = Buffer.from(given, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== given.trim())
    throw fault("InvalidDigest", { "Content-MD5": given });
  return bytes.toString("hex");
};

const lengthOf = (headers: Readonly<Record<string, string>>, limit: number): number => {
  const given = headers["content-length"];
  if (given === undefined || !/^\d+$/.test(given)) throw fault("MissingContentLength");
  const length = Number(given);
  if (length > limit) throw fault("EntityTooLarge", { ProposedSize: length, MaxSizeAllowed: limit });
  return length;
};

const verify = async (
  request: S3Request,
  claim: Claim | undefined,
  md5: string | undefined,
  actual: { md5: string; values: Sums },
) => {
  if (md5 !== undefined && md5 !== actual.md5) {
    const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
    throw fault("BadDigest", { ExpectedDigest: md5, CalculatedDigest: base64(actual.md5) });
  }
  if (!claim) return;
  const { algorithm } = claim;
  const trailer = claim.value === undefined ? (await request.trailers)[checksumHeader(algorithm)] : undefined;
  if (claim.value === undefined && trailer === undefined)
    throw new S3Fault("MalformedTrailerError", {
      message:
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    });
  const value = claim.value ?? checkValue(algorithm, trailer ?? "");
  if (value === actual.values[algorithm]) return;
  throw fault("BadDigest", {}, `The ${algorithm} you specified did not match the calculated checksum.`);
};

/** Bytes that came in and are what the caller said they are. */
export interface Taken {
  readonly extents: readonly Extent[];
  readonly size: number;
  readonly md5: string;
  readonly values: Sums;
  readonly claim?: Claim;
}

/**
 * Takes a body to disk, verifying length, MD5 and checksum; `extra` are summed too, and `accept` may refuse the checksum
 * that is claimed. Leaves nothing when it throws.
 */
export const takeBody = async (
  request: S3Request,
  { store }: S3Context,
  extra: readonly Algorithm[],
  accept: (claim: Claim | undefined) => void = () => {},
): Promise<Taken> => {
  const { headers, bucket, stream } = request;
  // a form's file ends where the form says: no header tells its length
  const length = request.operation === "PostObject" ? undefined : lengthOf(headers, PUT_LIMIT);
  const [claim, md5] = [claimOf(headers), md5Claim(headers)];
  accept(claim);
  const digests = createDigests(claim ? [claim.algorithm, ...extra] : extra);
  const extents = await store.receive(bucket, stream, (chunk) => digests.update(chunk));
  try {
    const size = extents[0]?.size ?? 0;
    if (length !== undefined && size !== length) throw fault("IncompleteBody");
    const actual = await digests.finish();
    await verify(request, claim, md5, actual);
    return { extents, size, ...actual, ...(claim ? { claim } : {}) };
  } catch (error) {
    store.discard(bucket, extents);
    throw error;
  }
};

/** A document's size, bytes: a thousand keys of a kilobyte each, written as entities. */
const DOCUMENT_LIMIT = 8 * 1024 * 1024;

/** Reads a body that is a document, verified like an object's. Throws where it is too large, or has no checksum and needs one. */
export const readDocument = async (
  request: S3Request,
  options: { checksum?: "required" } = {},
): Promise<string> => {
  const { headers, stream } = request;
  const [claim, md5] = [claimOf(headers), md5Claim(headers)];
  if (options.checksum && !claim && md5 === undefined) {
    throw badRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  }
  const digests = createDigests(claim ? [claim.algorithm] : []);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > DOCUMENT_LIMIT)
      throw new S3Fault("MaxMessageLengthExceeded", { message: "Your request was too big." });
    digests.update(chunk);
    chunks.push(chunk);
  }
  await verify(request, claim, md5, await digests.finish());
  return Buffer.concat(chunks).toString("utf8");
};
