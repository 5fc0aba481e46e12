import { ALGORITHMS, combineChecksums, combines, compositeOf, isChecksum } from "./checksums.ts";
import type { S3Request } from "./contract.ts";
import { checksumElement, checksumHeader } from "./digests.ts";
import { fault, invalidArgument } from "./fault.ts";
import type { Algorithm, Checksum, Part, Upload } from "./types.ts";
import { algorithmOf } from "./uploads.ts";
import { textOf, type XmlRead } from "./xml.ts";

/** Least size of a part that is not the last, bytes. */
const PART_LEAST = 5 * 1024 * 1024;

/** What a completion says of a part. */
export interface Claimed {
  readonly number: number;
  readonly etag: string;
  readonly checksum?: { readonly algorithm: Algorithm; readonly value: string };
}

const bad = (message: string) => fault("InvalidRequest", {}, message);

/** A part as the completion names it. */
export const claimedOf = (node: XmlRead): Claimed => {
  const [given, etag] = [textOf(node, "PartNumber"), textOf(node, "ETag")];
  if (given === undefined || etag === undefined || !/^\s*\d+\s*$/.test(given)) throw fault("MalformedXML");
  const number = Number(given);
  if (number < 1 || number > 10_000) {
    throw invalidArgument("PartNumber", given.trim(), "PartNumber must be >= 1");
  }
  const algorithm = ALGORITHMS.find((one) => textOf(node, checksumElement(one)) !== undefined);
  const value = algorithm && textOf(node, checksumElement(algorithm));
  return {
    number,
    etag: etag.trim().replace(/^"(.*)"$/, "$1"),
    ...(algorithm && value !== undefined ? { checksum: { algorithm, value } } : {}),
  };
};

const checkChecksum = (upload: Upload, part: Part, { number, checksum }: Claimed, invalid: () => Error) => {
  const { algorithm, checksumType } = upload;
  if (!checksum) {
    if (algorithm === undefined || checksumType !== "COMPOSITE") return;
    throw bad(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    );
  }
  // what was not asked for at the start is not kept with the part, and says nothing here
  if (checksum.algorithm === algorithmOf(upload) && checksum.value !== part.checksum) throw invalid();
};

/** The parts an upload is made of, in order. Throws as S3 does where one is missing, wrong, too small or out of order. */
export const choose = (upload: Upload, claimed: readonly Claimed[]): Part[] => {
  const chosen = claimed.map((claim, at) => {
    if (at > 0 && claim.number <= (claimed[at - 1]?.number ?? 0))
      throw fault("InvalidPartOrder", { UploadId: upload.id });
    const invalid = () =>
      fault("InvalidPart", { UploadId: upload.id, PartNumber: claim.number, ETag: claim.etag });
    const part = upload.parts.get(claim.number);
    if (!part || part.etag !== claim.etag) throw invalid();
    checkChecksum(upload, part, claim, invalid);
    return part;
  });
  const small = chosen.slice(0, -1).find(({ size }) => size < PART_LEAST);
  if (small) {
    const { size, number, etag } = small;
    throw fault("EntityTooSmall", {
      ProposedSize: size,
      MinSizeAllowed: PART_LEAST,
      PartNumber: number,
      ETag: etag,
    });
  }
  return chosen;
};

/** The checksum of the whole, out of the parts'. */
export const checksumOf = async (upload: Upload, parts: readonly Part[]): Promise<Checksum | undefined> => {
  const algorithm = algorithmOf(upload);
  const values = parts.flatMap(({ checksum, size }) =>
    checksum === undefined ? [] : [{ value: checksum, size }],
  );
  if (values.length < parts.length) return undefined;
  if (upload.checksumType === "COMPOSITE" || !combines(algorithm)) {
    return {
      algorithm,
      type: "COMPOSITE",
      value: await compositeOf(
        algorithm,
        values.map(({ value }) => value),
      ),
    };
  }
  return { algorithm, type: "FULL_OBJECT", value: combineChecksums(algorithm, values) };
};

/** Refuses a completion that says otherwise of the whole. */
export const checkWhole = (
  { headers }: S3Request,
  { size, checksum }: { size: number; checksum?: Checksum | undefined },
) => {
  const stated = headers["x-amz-mp-object-size"];
  if (stated !== undefined && Number(stated) !== size) {
    throw bad(
      `The provided 'x-amz-mp-object-size' header value ${stated} does not match what was computed: ${size}`,
    );
  }
  const type = headers["x-amz-checksum-type"]?.toUpperCase();
  if (type !== undefined && checksum && type !== checksum.type) {
    throw bad(
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  for (const algorithm of ALGORITHMS) {
    const given = headers[checksumHeader(algorithm)];
    if (given === undefined) continue;
    if (!isChecksum(algorithm, given.replace(/-\d+$/, "")))
      throw bad(`Value for ${checksumHeader(algorithm)} header is invalid.`);
    if (
      checksum?.algorithm === algorithm &&
      [checksum.value, checksum.value.replace(/-\d+$/, "")].includes(given)
    )
      continue;
    throw fault(
      "BadDigest",
      {},
      `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
    );
  }
};
