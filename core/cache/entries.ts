import { setTimeout as wait } from "node:timers/promises";
import type * as v from "valibot";
import { now, rfc3339 } from "#core/kit/clock.ts";
import { Problem } from "#core/kit/problem.ts";
import { MAX_VALUE_BYTES, type NewEntry, type ReadOptions } from "./api.schema.ts";
import { writingAside, writingThrough } from "./direct.ts";
import type { Answer, Cache } from "./options.ts";
import { assertFits, readRecord } from "./records.ts";
import type { CacheStore } from "./store.ts";
import { cacheOf, counted, journal, tierOf, writerOf } from "./tiers.ts";
import { readOwed, settling } from "./write-behind.ts";

/** An entry by its address: whose, in which of their namespaces, under which key. */
export interface EntryName {
  readonly user: string;
  readonly namespace: string;
  readonly key: string;
}

/** Each user has namespaces of their own: no name of one is a name of another, as neither part holds a `:`. */
export const namespaceOf = (user: string, namespace: string): string => `u/${user}/${namespace}`;

// What is cached is the JSON text: as large as it was sent, and sent again as it is.
const toText = (value: unknown): string => {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    // a hundred thousand brackets overflow the stack
    throw new Problem("invalid-request", "body /value: It is nested too deeply", { cause });
  }
  const size = Buffer.byteLength(text);
  if (size > MAX_VALUE_BYTES)
    throw new Problem(
      "value-too-large",
      `A value takes at most ${MAX_VALUE_BYTES} bytes as JSON, and this ${size}`,
    );
  return text;
};

const missing = ({ key }: EntryName) =>
  new Problem("not-found", `Nothing is kept under “${[...key].slice(0, 80).join("")}”`);

/** Reads an entry; with `origin`, loads it from its record where it is missing. The answer as JSON text. */
export const read = async (name: EntryName, options: v.InferOutput<typeof ReadOptions>): Promise<string> => {
  const started = performance.now();
  const { consistency, tags } = options;
  const answer = await counted(namespaceOf(name.user, name.namespace), (cache) =>
    options.origin
      ? load(cache, name.key, options)
      : cache.getWithInfo<string | undefined>(name.key, { consistency, tags }),
  );
  if (answer?.value === undefined || answer.value === null) throw missing(name);
  return toJson(name.key, answer, performance.now() - started);
};

const load = (cache: Cache, key: string, options: v.InferOutput<typeof ReadOptions>) => {
  const { consistency, tags, ttl, grace, protect, slow } = options;
  const loader = async (signal: AbortSignal) => {
    if (slow > 0) await wait(slow, undefined, { signal });
    return readNewest(`${cache.namespace}:${key}`);
  };
  return cache.getOrSetWithInfo<string | undefined>(key, loader, {
    consistency,
    tags,
    ttl,
    grace,
    protect,
    refreshAhead: options.refresh_ahead,
  });
};

// Where Valkey serves the reads, the table may still owe the record what is newer.
const readNewest = async (name: string): Promise<string | undefined> =>
  (tierOf() === "dynamodb" ? undefined : await readOwed(journal(), name)) ?? readRecord(name);

const toJson = (key: string, answer: Answer<string | undefined>, tookMs: number): string => {
  const { tier, fresh, loaded, version, freshUntil, tags } = answer;
  const rest = {
    tier,
    fresh,
    loaded,
    version,
    expires_at: toTime(freshUntil),
    tags,
    took_ms: Math.round(tookMs * 1_000) / 1_000,
  };
  return `{"key":${JSON.stringify(key)},"value":${answer.value},${JSON.stringify(rest).slice(1)}`;
};

const MAX_DATE_MS = 8.64e15; // ECMAScript's last day: "for ever"
const toTime = (ms: number) => rfc3339(Math.min(ms, MAX_DATE_MS));

/** Writes an entry, by a strategy its record too. */
export const write = async (name: EntryName, entry: v.InferOutput<typeof NewEntry>) => {
  const text = toText(entry.value);
  const namespace = namespaceOf(name.user, name.namespace);
  if (entry.strategy !== undefined) return writeRecorded(namespace, name.key, text, entry);
  const { ttl, tags, grace, consistency } = entry;
  const cache = cacheOf(namespace);
  // Strong: a tag that was dropped a moment ago, by another process, does not take this entry with it. One call more, which nothing
  // makes good: entry and marks are items apart, only a transaction writes one by what the other is now, and for twice the units
  // of each (4 instead of 1, and 1 to read).
  const version = await cache.set(name.key, text, { ttl, tags, grace, consistency });
  return { key: name.key, version, expires_at: toTime(now() + ttl) };
};

const behind = {
  "write-behind": (store: CacheStore) => store,
  "write-through": writingThrough,
  "cache-aside": writingAside,
} as const;

const writeRecorded = async (
  namespace: string,
  key: string,
  text: string,
  { strategy = "write-behind", ttl, tags, grace }: v.InferOutput<typeof NewEntry>,
) => {
  assertFits(text);
  const dirty = strategy === "write-behind";
  // To keep nothing is to write nothing: what is to reach its record is kept until it has.
  const keep = { ttl: Math.max(1, ttl), tags, grace };
  const writer = writerOf(namespace, behind[strategy](journal(), text));
  const version = await writer.set(key, text, { ...keep, dirty });
  await shown(namespace, key);
  return { key, version, expires_at: toTime(now() + (strategy === "cache-aside" ? 0 : ttl)) };
};

/** Where another store serves the reads than the one that owes the record, its copy goes: the next reader loads the new one. */
const shown = async (namespace: string, key: string) => {
  if (tierOf() !== "dynamodb") await cacheOf(namespace).delete(key);
};

/** Drops an entry. */
export const remove = async ({ user, namespace, key }: EntryName): Promise<void> => {
  await drop(namespaceOf(user, namespace), (cache) => cache.delete(key));
};

/** Drops a key, what bears a tag, or a namespace: one write. */
export const invalidate = async (
  user: string,
  what: { readonly namespace: string; readonly key?: string | undefined; readonly tag?: string | undefined },
) => {
  const { key, tag } = what;
  const act = (cache: Cache) => {
    if (key !== undefined) return cache.delete(key);
    return tag === undefined ? cache.clear() : cache.invalidateTag(tag);
  };
  return { version: await drop(namespaceOf(user, what.namespace), act) };
};

const drop = async (namespace: string, act: (cache: Cache) => Promise<number>): Promise<number> => {
  const version = await act(cacheOf(namespace));
  // Where Valkey serves the reads, the table is told as well: its stream tells the bus.
  if (tierOf() !== "dynamodb") await act(writerOf(namespace, settling(journal())));
  return version;
};
