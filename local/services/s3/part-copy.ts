import { slice } from "./blobs.ts";
import { readRange } from "./conditions.ts";
import type { Handler, S3Context } from "./contract.ts";
import { checkSourceSize, copySourceOf } from "./copy-source.ts";
import { quoted, xmlDate } from "./description.ts";
import { checksumElement, createDigests } from "./digests.ts";
import { invalidArgument } from "./fault.ts";
import { bucketOf } from "./lookup.ts";
import type { Algorithm, Extent } from "./types.ts";
import { algorithmOf, keepPart, numberOf, uploadOf } from "./uploads.ts";
import { writeXml } from "./xml.ts";

const RANGE = "x-amz-copy-source-range";

const rangeOf = (given: string | undefined, size: number) => {
  if (given === undefined) return undefined;
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(given) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw invalidArgument(
      RANGE,
      given,
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
    );
  }
  if (Number(to) >= size) {
    throw invalidArgument(RANGE, given, `Range specified is not valid for source object of size: ${size}`);
  }
  return readRange(given, size);
};

const digest = async (
  { store }: S3Context,
  bucket: string,
  extents: readonly Extent[],
  algorithm: Algorithm,
) => {
  const digests = createDigests([algorithm]);
  for await (const chunk of store.read(bucket, extents)) digests.update(chunk as Buffer);
  return digests.finish();
};

/** Makes a part of an object, or of a range of one. The bytes are linked; only their sums are taken. */
export const uploadPartCopy: Handler = async (request, context) => {
  bucketOf(request, context);
  const number = numberOf(request);
  const upload = uploadOf(request, context);
  const source = copySourceOf(request, context);
  const range = rangeOf(request.headers[RANGE], source.object.size);
  const wanted = range ? slice(source.object.extents, range.start, range.end) : source.object.extents;
  const size = wanted.reduce((sum, extent) => sum + extent.size, 0);
  checkSourceSize(size);
  const { store } = context;
  const extents = await store.share(source.bucket, request.bucket, wanted);
  let sums: Awaited<ReturnType<typeof digest>>;
  try {
    sums = await digest(context, request.bucket, extents, algorithmOf(upload));
  } catch (error) {
    store.discard(request.bucket, extents);
    throw error;
  }
  const part = keepPart(request, context, upload, { number, extents, size, ...sums });
  const versioned = store.bucket(source.bucket)?.settings.versioning;
  return {
    status: 200,
    headers: {
      "content-type": "application/xml",
      ...upload.encryption,
      ...(versioned ? { "x-amz-copy-source-version-id": source.object.versionId } : {}),
    },
    body: writeXml("CopyPartResult", {
      LastModified: xmlDate(part.modified),
      ETag: quoted(part.etag),
      ...(upload.algorithm ? { [checksumElement(upload.algorithm)]: part.checksum } : {}),
    }),
  };
};
