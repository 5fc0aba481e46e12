import type { Handler } from "./contract.ts";
import { xmlDate } from "./description.ts";
import { invalidArgument } from "./fault.ts";
import { objectElements } from "./list-objects.ts";
import { encoderOf, type Line, listPage, listQueryOf, startAfter } from "./listing.ts";
import { bucketOf } from "./lookup.ts";
import { compareKeys } from "./order.ts";
import { ownerOf } from "./owner.ts";
import type { KeyEntry, Version } from "./types.ts";
import { writeXml, type XmlElements } from "./xml.ts";

interface Item {
  readonly version: Version;
  readonly latest: boolean;
}

const itemsOf = ({ versions }: KeyEntry): Item[] =>
  versions.map((version, at) => ({ version, latest: at === 0 }));

// Versions and markers stand in one list, in their order: S3 mixes the elements.
const elements = (lines: readonly Line<Item>[], encode: (text: string) => string, owner: XmlElements) => {
  const common = (item: Item) => ({
    Key: encode(item.version.key),
    VersionId: item.version.versionId,
    IsLatest: item.latest,
  });
  return lines.map((line): XmlElements => {
    if (!("item" in line)) return { CommonPrefixes: { Prefix: encode(line.commonPrefix) } };
    const { version } = line.item;
    if (!version.marker) return { Version: { ...common(line.item), ...objectElements(version, owner) } };
    return { DeleteMarker: { ...common(line.item), LastModified: xmlDate(version.modified), Owner: owner } };
  });
};

/** Items of the marker's own key that come after the marker's version. */
const rest = (entry: KeyEntry, keyMarker: string, idMarker: string): Item[] => {
  const items = itemsOf(entry);
  if (entry.key !== keyMarker) return items;
  const at = items.findIndex(({ version }) => version.versionId === idMarker);
  return at < 0 ? [] : items.slice(at + 1);
};

const nextOf = (last: Line<Item> | undefined): { key?: string; id?: string } => {
  if (!last) return {};
  return "item" in last
    ? { key: last.item.version.key, id: last.item.version.versionId }
    : { key: last.commonPrefix };
};

const listVersions: Handler = (request, context) => {
  bucketOf(request, context);
  const { query, bucket } = request;
  const [list, encode] = [listQueryOf(query, "max-keys"), encoderOf(query)];
  const [keyMarker, idMarker] = [query.get("key-marker") ?? "", query.get("version-id-marker") ?? ""];
  if (idMarker && !keyMarker) {
    throw invalidArgument(
      "version-id-marker",
      idMarker,
      "A version-id marker cannot be specified without a key marker.",
    );
  }
  const start = idMarker ? keyMarker : startAfter(keyMarker, list);
  const { lines, truncated } = listPage(
    (from) => context.store.keys(bucket, from),
    list,
    (entry) =>
      idMarker && compareKeys(entry.key, keyMarker) <= 0 ? rest(entry, keyMarker, idMarker) : itemsOf(entry),
    start,
  );
  const next = truncated ? nextOf(lines.at(-1)) : {};
  const body = writeXml("ListVersionsResult", [
    {
      Name: bucket,
      Prefix: encode(list.prefix),
      KeyMarker: encode(keyMarker),
      VersionIdMarker: idMarker,
      NextKeyMarker: next.key === undefined ? undefined : encode(next.key),
      NextVersionIdMarker: next.id,
      MaxKeys: list.limit,
      Delimiter: list.delimiter ? encode(list.delimiter) : undefined,
      EncodingType: query.get("encoding-type") || undefined,
      IsTruncated: truncated,
    },
    ...elements(lines, encode, ownerOf(context.cloud.graph.accountId)),
  ]);
  return { status: 200, headers: { "content-type": "application/xml" }, body };
};

/** The listing of all versions. */
export const listVersionOperations: Readonly<Record<string, Handler>> = { ListObjectVersions: listVersions };
