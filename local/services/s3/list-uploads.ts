import type { Handler } from "./contract.ts";
import { quoted, xmlDate } from "./description.ts";
import { checksumElement } from "./digests.ts";
import { invalidArgument } from "./fault.ts";
import { encoderOf, limitOf, listPage, listQueryOf, startAfter } from "./listing.ts";
import { bucketOf } from "./lookup.ts";
import { compareKeys } from "./order.ts";
import { ownerOf } from "./owner.ts";
import type { Part, Upload } from "./types.ts";
import { uploadOf } from "./uploads.ts";
import { writeXml, type XmlElements } from "./xml.ts";

const XML_TYPE = { "content-type": "application/xml" };

const initiatorOf = (account: string, upload: Upload): XmlElements => ({
  ID: upload.initiator,
  DisplayName: account,
});

const checksumElements = ({ algorithm, checksumType }: Upload): XmlElements =>
  algorithm ? { ChecksumAlgorithm: algorithm, ChecksumType: checksumType } : {};

const partElements = (part: Part, { algorithm }: Upload): XmlElements => ({
  PartNumber: part.number,
  LastModified: xmlDate(part.modified),
  ETag: quoted(part.etag),
  Size: part.size,
  ...(algorithm ? { [checksumElement(algorithm)]: part.checksum } : {}),
});

const listParts: Handler = (request, context) => {
  bucketOf(request, context);
  const upload = uploadOf(request, context);
  const { query } = request;
  const limit = limitOf(query, "max-parts");
  const marker = query.get("part-number-marker") ?? "0";
  if (!/^\d+$/.test(marker)) {
    throw invalidArgument(
      "part-number-marker",
      marker,
      "Provided part-number-marker not an integer or within integer range",
    );
  }
  const all = [...upload.parts.values()]
    .sort((a, b) => a.number - b.number)
    .filter(({ number }) => number > Number(marker));
  const parts = all.slice(0, limit);
  const account = context.cloud.graph.accountId;
  const body = writeXml("ListPartsResult", {
    Bucket: request.bucket,
    Key: encoderOf(query)(request.key),
    UploadId: upload.id,
    Initiator: initiatorOf(account, upload),
    Owner: ownerOf(account),
    StorageClass: upload.storageClass ?? "STANDARD",
    PartNumberMarker: Number(marker),
    NextPartNumberMarker: parts.at(-1)?.number ?? 0,
    MaxParts: limit,
    IsTruncated: all.length > parts.length,
    ...checksumElements(upload),
    Part: parts.map((part) => partElements(part, upload)),
  });
  return { status: 200, headers: XML_TYPE, body };
};

/** Uploads of one key in the order of their beginning. */
interface KeyUploads {
  readonly key: string;
  readonly uploads: readonly Upload[];
}

const byKey = (uploads: Iterable<Upload>): KeyUploads[] => {
  const keys = Map.groupBy(uploads, ({ key }) => key);
  return [...keys]
    .map(([key, all]) => ({
      key,
      uploads: all.sort((a, b) => a.initiated - b.initiated || (a.id < b.id ? -1 : 1)),
    }))
    .sort((a, b) => compareKeys(a.key, b.key));
};

/** What is left after the markers: keys beyond the one, and of that key itself the uploads beyond the other. */
const beyond = (all: readonly KeyUploads[], keyMarker: string, idMarker: string): KeyUploads[] =>
  all.flatMap(({ key, uploads }) => {
    const order = compareKeys(key, keyMarker);
    if (keyMarker === "" || order > 0) return [{ key, uploads }];
    if (order < 0 || idMarker === "") return [];
    const at = uploads.findIndex(({ id }) => id === idMarker);
    return at >= 0 && at + 1 < uploads.length ? [{ key, uploads: uploads.slice(at + 1) }] : [];
  });

const listUploads: Handler = (request, context) => {
  bucketOf(request, context);
  const { query } = request;
  const [list, encode] = [listQueryOf(query, "max-uploads"), encoderOf(query)];
  const [keyMarker, idMarker] = [query.get("key-marker") ?? "", query.get("upload-id-marker") ?? ""];
  const all = beyond(byKey(context.store.uploads(request.bucket).values()), keyMarker, idMarker);
  const from = (start: string) => all.filter(({ key }) => compareKeys(key, start) >= 0);
  // the marker's own key may have more uploads, but a common prefix has been told
  const start = idMarker ? keyMarker : startAfter(keyMarker, list);
  const { lines, truncated } = listPage(from, list, ({ uploads }) => uploads, start);
  const last = lines.at(-1);
  const account = context.cloud.graph.accountId;
  const body = writeXml("ListMultipartUploadsResult", {
    Bucket: request.bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: truncated && last ? encode("item" in last ? last.item.key : last.commonPrefix) : undefined,
    NextUploadIdMarker: truncated && last && "item" in last ? last.item.id : undefined,
    Prefix: encode(list.prefix),
    Delimiter: list.delimiter ? encode(list.delimiter) : undefined,
    EncodingType: query.get("encoding-type") || undefined,
    MaxUploads: list.limit,
    IsTruncated: truncated,
    Upload: lines.flatMap((line) => {
      if (!("item" in line)) return [];
      const upload = line.item;
      return [
        {
          Key: encode(upload.key),
          UploadId: upload.id,
          Initiator: initiatorOf(account, upload),
          Owner: ownerOf(account),
          StorageClass: upload.storageClass ?? "STANDARD",
          Initiated: xmlDate(upload.initiated),
          ...checksumElements(upload),
        },
      ];
    }),
    CommonPrefixes: lines.flatMap((line) => ("item" in line ? [] : [{ Prefix: encode(line.commonPrefix) }])),
  });
  return { status: 200, headers: XML_TYPE, body };
};

/** Listings of uploads and of their parts. */
export const listUploadOperations: Readonly<Record<string, Handler>> = {
  ListParts: listParts,
  ListMultipartUploads: listUploads,
};
