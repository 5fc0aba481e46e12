import type { Handler } from "./contract.ts";
import { httpDate } from "./description.ts";
import { checksumElement } from "./digests.ts";
import { invalidArgument } from "./fault.ts";
import { bucketOf, objectOf, versionIdOf } from "./lookup.ts";
import type { ObjectVersion } from "./types.ts";
import { writeXml, type XmlElements } from "./xml.ts";

const KNOWN = new Set(["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]);

const askedOf = (header: string | undefined): Set<string> => {
  const asked = (header ?? "").split(",").map((name) => name.trim());
  if (asked.every((name) => KNOWN.has(name))) return new Set(asked);
  throw invalidArgument("x-amz-object-attributes", header, "Invalid attribute name specified.");
};

const integer = (headers: Readonly<Record<string, string>>, name: string, otherwise: number): number => {
  const given = headers[name];
  if (given === undefined) return otherwise;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw invalidArgument(name, given, `Provided ${name} not an integer or within integer range`);
};

const checksumOf = ({ checksum }: ObjectVersion): XmlElements | undefined =>
  checksum && { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };

// The parts themselves are listed only of objects whose parts had checksums.
const partsOf = (
  { parts, checksum }: ObjectVersion,
  headers: Readonly<Record<string, string>>,
): XmlElements | undefined => {
  if (!parts) return undefined;
  if (!checksum || parts.some((part) => part.checksum === undefined)) return { PartsCount: parts.length };
  const [limit, marker] = [
    integer(headers, "x-amz-max-parts", 1_000),
    integer(headers, "x-amz-part-number-marker", 0),
  ];
  const left = parts.filter(({ number }) => number > marker);
  const page = left.slice(0, Math.min(limit, 1_000));
  return {
    PartsCount: parts.length,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: Math.min(limit, 1_000),
    IsTruncated: left.length > page.length,
    Part: page.map((part) => ({
      [checksumElement(checksum.algorithm)]: part.checksum,
      PartNumber: part.number,
      Size: part.size,
    })),
  };
};

const getAttributes: Handler = (request, context) => {
  const { settings } = bucketOf(request, context);
  const asked = askedOf(request.headers["x-amz-object-attributes"]);
  const object = objectOf(request, context, versionIdOf(request.query));
  return {
    status: 200,
    headers: {
      "content-type": "application/xml",
      "last-modified": httpDate(object.modified),
      ...(settings.versioning ? { "x-amz-version-id": object.versionId } : {}),
    },
    body: writeXml("GetObjectAttributesResponse", {
      ETag: asked.has("ETag") ? object.etag : undefined,
      Checksum: asked.has("Checksum") ? checksumOf(object) : undefined,
      ObjectParts: asked.has("ObjectParts") ? partsOf(object, request.headers) : undefined,
      StorageClass: asked.has("StorageClass") ? (object.storageClass ?? "STANDARD") : undefined,
      ObjectSize: asked.has("ObjectSize") ? object.size : undefined,
    }),
  };
};

/** What is known of an object without reading it. */
export const attributeOperations: Readonly<Record<string, Handler>> = { GetObjectAttributes: getAttributes };
