import { createHmac } from "node:crypto";
import type { Handler, S3Context, S3Request } from "./contract.ts";
import { quoted, xmlDate } from "./description.ts";
import { invalidArgument } from "./fault.ts";
import {
  encoderOf,
  keysOf,
  type Line,
  type ListQuery,
  listPage,
  listQueryOf,
  startAfter,
} from "./listing.ts";
import { bucketOf } from "./lookup.ts";
import { after } from "./order.ts";
import { ownerOf } from "./owner.ts";
import { currentOf } from "./store.ts";
import type { KeyEntry, ObjectVersion } from "./types.ts";
import { writeXml, type XmlElements } from "./xml.ts";

const XML_TYPE = { "content-type": "application/xml" };

const currentItems = ({ versions }: KeyEntry): ObjectVersion[] => {
  const current = currentOf(versions);
  return current ? [current] : [];
};

/** Checksum of an object as listings tell it. */
const checksumElements = ({ checksum }: ObjectVersion): XmlElements =>
  checksum ? { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type } : {};

/** An object as listings tell it, after key and version. */
export const objectElements = (object: ObjectVersion, owner: XmlElements | undefined): XmlElements => ({
  LastModified: xmlDate(object.modified),
  ETag: quoted(object.etag),
  ...checksumElements(object),
  Size: object.size,
  Owner: owner,
  StorageClass: object.storageClass ?? "STANDARD",
});

interface Asked {
  readonly list: ListQuery;
  readonly encode: (text: string) => string;
  readonly owner: XmlElements | undefined;
}

const content = (lines: readonly Line<ObjectVersion>[], { encode, owner }: Asked) => ({
  Contents: lines.flatMap((line) =>
    "item" in line ? [{ Key: encode(line.item.key), ...objectElements(line.item, owner) }] : [],
  ),
  CommonPrefixes: lines.flatMap((line) => ("item" in line ? [] : [{ Prefix: encode(line.commonPrefix) }])),
});

const page = ({ bucket }: S3Request, { store }: S3Context, { list }: Asked, from: string) =>
  listPage(keysOf(store, bucket), list, currentItems, from);

const lastOf = (lines: readonly Line<ObjectVersion>[]): string => {
  const last = lines.at(-1);
  if (!last) return "";
  return "item" in last ? last.item.key : last.commonPrefix;
};

const listObjects: Handler = (request, context) => {
  bucketOf(request, context);
  const { query, bucket } = request;
  const owner = ownerOf(context.cloud.graph.accountId);
  const asked = { list: listQueryOf(query, "max-keys"), encode: encoderOf(query), owner };
  const { prefix, delimiter, limit } = asked.list;
  const marker = query.get("marker") ?? "";
  const { lines, truncated } = page(request, context, asked, startAfter(marker, asked.list));
  const body = writeXml("ListBucketResult", {
    Name: bucket,
    Prefix: asked.encode(prefix),
    Marker: asked.encode(marker),
    // without a delimiter the last key is the marker, and S3 leaves it at that
    NextMarker: truncated && delimiter ? asked.encode(lastOf(lines)) : undefined,
    MaxKeys: limit,
    Delimiter: delimiter ? asked.encode(delimiter) : undefined,
    EncodingType: query.get("encoding-type") || undefined,
    IsTruncated: truncated,
    ...content(lines, asked),
  });
  return { status: 200, headers: XML_TYPE, body };
};

// A token says where to go on, and is nobody's to make: it is signed with what names the bucket.
const seal = (bucket: string, key: string) =>
  createHmac("sha256", `continuation:${bucket}`).update(key).digest().subarray(0, 9);

const tokenOf = (bucket: string, key: string) =>
  Buffer.concat([seal(bucket, key), Buffer.from(key)]).toString("base64");

const readToken = (bucket: string, token: string): string => {
  const bytes = Buffer.from(token, "base64");
  const key = bytes.subarray(9).toString();
  if (bytes.length > 9 && seal(bucket, key).equals(bytes.subarray(0, 9))) return key;
  throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
};

const listObjectsV2: Handler = (request, context) => {
  bucketOf(request, context);
  const { query, bucket } = request;
  const owner = query.get("fetch-owner") === "true" ? ownerOf(context.cloud.graph.accountId) : undefined;
  const asked = { list: listQueryOf(query, "max-keys"), encode: encoderOf(query), owner };
  const { prefix, delimiter, limit } = asked.list;
  const [token, first] = [query.get("continuation-token"), query.get("start-after")];
  if (token === "")
    throw invalidArgument("continuation-token", "", "The continuation token provided is incorrect");
  // a common prefix that `start-after` lies in is listed again; one that a page ended with is not
  const from = token === null ? first && after(first) : startAfter(readToken(bucket, token), asked.list);
  const { lines, truncated } = page(request, context, asked, from ?? "");
  const body = writeXml("ListBucketResult", {
    Name: bucket,
    Prefix: asked.encode(prefix),
    StartAfter: first ? asked.encode(first) : undefined,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: truncated ? tokenOf(bucket, lastOf(lines)) : undefined,
    KeyCount: lines.length,
    MaxKeys: limit,
    Delimiter: delimiter ? asked.encode(delimiter) : undefined,
    EncodingType: query.get("encoding-type") || undefined,
    IsTruncated: truncated,
    ...content(lines, asked),
  });
  return { status: 200, headers: XML_TYPE, body };
};

/** Listings of current objects. */
export const listOperations: Readonly<Record<string, Handler>> = {
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
};
