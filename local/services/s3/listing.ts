import { invalidArgument } from "./fault.ts";
import { after, compareKeys, pastPrefix } from "./order.ts";
import type { KeyEntry, Store } from "./types.ts";

/** What every listing is asked by. */
export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
}

interface Keyed {
  readonly key: string;
}

/** One line of a listing: something, or a common prefix that stands for many. */
export type Line<T> = { readonly item: T } | { readonly commonPrefix: string };

/** A page, and whether there is more. */
export interface Page<T> {
  readonly lines: readonly Line<T>[];
  readonly truncated: boolean;
}

const commonOf = (key: string, { prefix, delimiter }: ListQuery): string | undefined => {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
};

/** Items of keys in order, rolled up into common prefixes; a folder of a million keys is one step. */
function* roll<E extends Keyed, T>(
  entries: (from: string) => Iterable<E>,
  query: ListQuery,
  items: (entry: E) => Iterable<T>,
  from: string,
): Generator<Line<T>, void, undefined> {
  let next: string | undefined = compareKeys(from, query.prefix) < 0 ? query.prefix : from;
  let last: string | undefined;
  while (next !== undefined) {
    const start: string = next;
    next = undefined;
    for (const entry of entries(start)) {
      if (!entry.key.startsWith(query.prefix)) return;
      const common = commonOf(entry.key, query);
      if (common === undefined) for (const item of items(entry)) yield { item };
      // all its keys may be deleted ones: then it stands for nothing yet
      else if (common !== last && !items(entry)[Symbol.iterator]().next().done) {
        yield { commonPrefix: common };
        last = common;
        next = compareKeys(start, pastPrefix(common)) < 0 ? pastPrefix(common) : after(entry.key);
        break;
      }
    }
  }
}

/** A page of a bucket from key `from` on (inclusive). */
export const listPage = <E extends Keyed, T>(
  entries: (from: string) => Iterable<E>,
  query: ListQuery,
  items: (entry: E) => Iterable<T>,
  from: string,
): Page<T> => {
  const lines: Line<T>[] = [];
  if (query.limit === 0) return { lines, truncated: false };
  for (const line of roll(entries, query, items, from)) {
    if (lines.length === query.limit) return { lines, truncated: true };
    lines.push(line);
  }
  return { lines, truncated: false };
};

/** Keys of a bucket, for `listPage`. */
export const keysOf =
  (store: Store, bucket: string) =>
  (from: string): Iterable<KeyEntry> =>
    store.keys(bucket, from);

/** Where to go on after a marker: beyond the common prefix it stands for, or lies in. */
export const startAfter = (marker: string, query: ListQuery): string => {
  if (marker === "") return "";
  const common = marker.startsWith(query.prefix) ? commonOf(marker, query) : undefined;
  return common === undefined ? after(marker) : pastPrefix(common);
};

const MOST = 1_000;

/** Reads a limit such as `max-keys`: at most a thousand are given, whatever is asked. */
export const limitOf = (query: URLSearchParams, name: string): number => {
  const given = query.get(name);
  if (given === null || given === "") return MOST;
  if (!/^[+-]?\d+$/.test(given)) {
    throw invalidArgument(name, given, `Provided ${name} not an integer or within integer range`);
  }
  const limit = Number(given);
  if (limit < 0 || limit > 2 ** 31 - 1) {
    throw invalidArgument(name, given, `Argument ${name} must be an integer between 0 and 2147483647`);
  }
  return Math.min(limit, MOST);
};

// S3 encodes as Java's URLEncoder does, and leaves slashes: a space becomes a plus.
const urlEncode = (text: string) =>
  encodeURIComponent(text)
    .replace(/%20/g, "+")
    .replace(/%2F/g, "/")
    .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** How keys are written in the answer: `encoding-type=url` spares what XML cannot say. */
export const encoderOf = (query: URLSearchParams): ((text: string) => string) => {
  const given = query.get("encoding-type");
  if (given === null || given === "") return (text) => text;
  if (given === "url") return urlEncode;
  throw invalidArgument("encoding-type", given, "Invalid Encoding Method specified in Request");
};

/** Prefix, delimiter and limit of a listing. */
export const listQueryOf = (query: URLSearchParams, limitName: string): ListQuery => ({
  prefix: query.get("prefix") ?? "",
  delimiter: query.get("delimiter") ?? "",
  limit: limitOf(query, limitName),
});
