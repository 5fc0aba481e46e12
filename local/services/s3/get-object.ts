import { checkRead, type Range, readRange } from "./conditions.ts";
import type { Handler, S3Answer, S3Context, S3Request } from "./contract.ts";
import { httpDate, objectHeaders, overrides, quoted } from "./description.ts";
import { fault, invalidArgument } from "./fault.ts";
import { bucketOf, objectOf, versionIdOf } from "./lookup.ts";
import { checksumHeaders } from "./put-object.ts";
import type { Checksum, ObjectVersion } from "./types.ts";

interface Selection {
  /** Undefined for all of it. */
  readonly range?: Range;
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
}

/** Reads a part number. Throws where it is none. */
export const partNumberOf = (given: string): number => {
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= 10_000) return number;
  throw invalidArgument("partNumber", given, "Part number must be an integer between 1 and 10000, inclusive");
};

const selectPart = (object: ObjectVersion, given: string): Selection => {
  const number = partNumberOf(given);
  const parts = object.parts ?? [{ number: 1, size: object.size, checksum: object.checksum?.value }];
  // parts of an object are counted in their order, whatever numbers they were uploaded by
  const part = parts[number - 1];
  if (!part) throw fault("InvalidPartNumber", { ActualPartCount: parts.length, PartNumberRequested: number });
  const start = parts.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  const checksum =
    object.checksum && part.checksum !== undefined ? { ...object.checksum, value: part.checksum } : undefined;
  return {
    ...(part.size > 0 ? { range: { start, end: start + part.size - 1 } } : {}),
    headers: object.parts ? { "x-amz-mp-parts-count": String(parts.length) } : {},
    ...(checksum ? { checksum } : {}),
  };
};

const select = ({ query, headers }: S3Request, object: ObjectVersion): Selection => {
  const part = query.get("partNumber");
  if (part !== null && headers.range !== undefined) {
    throw fault("InvalidRequest", {}, "Cannot specify both Range header and partNumber query parameter");
  }
  if (part !== null) return selectPart(object, part);
  const range = readRange(headers.range, object.size);
  // the checksum of the whole says nothing of a piece
  if (range) return { range, headers: {} };
  return { headers: {}, ...(object.checksum ? { checksum: object.checksum } : {}) };
};

const notModified = (object: ObjectVersion): S3Answer => {
  const kept = ["cache-control", "expires"].flatMap((name) => {
    const value = object.system[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const own = { etag: quoted(object.etag), "last-modified": httpDate(object.modified) };
  return { status: 304, headers: { ...own, ...Object.fromEntries(kept) } };
};

const read = (request: S3Request, context: S3Context): S3Answer => {
  const { settings } = bucketOf(request, context);
  const instead = overrides(request);
  const object = objectOf(request, context, versionIdOf(request.query));
  const failed = checkRead(request.headers, object);
  if (failed?.status === 304) return notModified(object);
  if (failed) throw fault("PreconditionFailed", { Condition: failed.condition });
  const { range, headers, checksum } = select(request, object);
  const asked = request.headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED";
  const length = range ? range.end - range.start + 1 : object.size;
  return {
    status: range ? 206 : 200,
    headers: {
      ...objectHeaders(object, settings),
      ...headers,
      ...(asked ? checksumHeaders(checksum) : {}),
      ...(range ? { "content-range": `bytes ${range.start}-${range.end}/${object.size}` } : {}),
      ...instead,
      "content-length": String(length),
    },
    ...(request.method === "HEAD" || length === 0
      ? {}
      : { body: context.store.read(request.bucket, object.extents, range) }),
  };
};

/** Reads an object: all of it, a range or a part, if the conditions hold. */
export const getObject: Handler = read;

/** What GET would answer, without the bytes. */
export const headObject: Handler = read;
