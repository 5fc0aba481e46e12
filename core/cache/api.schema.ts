import * as v from "valibot";
import { defineApi } from "../kit/api.schema.ts";
import { CacheStats, Ring } from "./report.schema.ts";

/** The largest value, as JSON. */
export const MAX_VALUE_BYTES = 4 * 1024 * 1024;
/** A namespace: `pages`. Each caller has namespaces of their own. */
export const Namespace = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "Use a-z, 0-9 and -, at most 64"),
);
/** A key: any text up to 1 KB. */
export const CacheKey = v.pipe(
  v.string(),
  v.minBytes(1, "A key is not empty"),
  v.maxBytes(1_024, "A key is at most 1 KB"),
);
/** A tag, by which many entries are dropped at once. */
export const Tag = v.pipe(v.string(), v.minBytes(1), v.maxBytes(128, "A tag is at most 128 bytes"));
const Tags = v.pipe(v.array(Tag), v.maxLength(10, "An entry bears at most 10 tags"));
/** Milliseconds; 0 keeps nothing. */
const Ttl = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0, "A time to live is 0 or more"),
  v.maxValue(31 * 86_400_000),
);

/** How a value gets to the records that the cache stands before; without one, only the cache has it. */
export const strategies = ["cache-aside", "write-through", "write-behind"] as const;

const Any = v.unknown();

export const NewEntry = v.strictObject({
  value: Any,
  ttl: v.optional(Ttl, 60_000),
  tags: v.optional(Tags, []),
  /** Milliseconds it may still be served after its time, while it is loaded anew or its origin fails. */
  grace: v.optional(Ttl, 0),
  strategy: v.optional(v.picklist(strategies)),
  /** `eventual` spares a call: a tag or namespace dropped elsewhere within the last second may take the entry with it. */
  consistency: v.optional(v.picklist(["strong", "eventual"]), "strong"),
});

const digits = (schema: typeof Ttl) =>
  v.pipe(v.string(), v.regex(/^\d{1,12}$/, "Digits only"), v.transform(Number), schema);
const flag = v.pipe(
  v.picklist(["true", "false"]),
  v.transform((text) => text === "true"),
);

export const ReadOptions = v.strictObject({
  /** `strong` asks the primary copy, and never this process's memory. */
  consistency: v.optional(v.picklist(["strong", "eventual"]), "eventual"),
  /** Tags the entry is known to bear, comma separated: they are then checked in the same call. */
  tags: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(",").filter((tag) => tag !== "")),
      Tags,
    ),
    "",
  ),
  /** Load what is missing from the records. */
  origin: v.optional(v.picklist(["records"])),
  /** Of what is loaded. */
  ttl: v.optional(digits(Ttl), "60000"),
  grace: v.optional(digits(Ttl), "0"),
  /** Load anew before the end, at the chance that XFetch gives. */
  refresh_ahead: v.optional(flag, "false"),
  /** `false` lets every miss load by itself: to see a stampede. */
  protect: v.optional(flag, "true"),
  /** Milliseconds the records take longer than they need: to see what a slow origin does. */
  slow: v.optional(v.pipe(digits(Ttl), v.maxValue(1_000)), "0"),
});

/** An entry, and where it came from. */
export const CacheAnswer = v.object({
  key: v.string(),
  value: Any,
  tier: v.picklist(["l1", "l2", "origin"]),
  /** False: past its time, served by grace. */
  fresh: v.boolean(),
  /** Whether this very request asked the origin. */
  loaded: v.boolean(),
  version: v.number(),
  /** RFC 3339. */
  expires_at: v.string(),
  tags: v.array(v.string()),
  took_ms: v.number(),
});
export type CacheAnswer = v.InferOutput<typeof CacheAnswer>;

const onEntry = {
  path: "/api/v1/cache/{namespace}/{key}",
  auth: "required",
  params: v.strictObject({ namespace: Namespace, key: CacheKey }),
} as const;
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));

/** The HTTP API of the cache. */
export const cacheApi = defineApi({
  get: {
    ...onEntry,
    method: "GET",
    handler: "cache/get",
    summary: "Read an entry; with `origin=records`, load it where it is missing.",
    limit: "read",
    query: ReadOptions,
    replies: { 200: CacheAnswer },
    problems: ["not-found"],
  },
  put: {
    ...onEntry,
    method: "PUT",
    handler: "cache/put",
    summary: "Write an entry; with `strategy`, the record behind it too.",
    limit: "write",
    maxBodyBytes: MAX_VALUE_BYTES + 4_096,
    body: NewEntry,
    replies: { 200: v.object({ key: v.string(), version: v.number(), expires_at: v.string() }) },
    problems: ["value-too-large"],
  },
  remove: {
    ...onEntry,
    method: "DELETE",
    handler: "cache/remove",
    summary: "Drop an entry. What loads meanwhile cannot bring it back.",
    limit: "write",
    replies: { 204: null },
  },
  record: {
    method: "GET",
    path: "/api/v1/cache/{namespace}/{key}/record",
    handler: "cache/record",
    summary:
      "The record behind an entry, as it stands: to see what a strategy wrote. Loads and caches nothing.",
    auth: "required",
    limit: "read",
    params: onEntry.params,
    replies: { 200: v.object({ key: v.string(), value: Any }) },
    problems: ["not-found"],
  },
  invalidate: {
    method: "POST",
    path: "/api/v1/cache/invalidate",
    handler: "cache/invalidate",
    summary: "Drop a key, all entries with a tag, or a whole namespace: one write, however many they are.",
    auth: "required",
    limit: "write",
    body: v.pipe(
      v.strictObject({ namespace: Namespace, key: v.optional(CacheKey), tag: v.optional(Tag) }),
      v.check(
        ({ key, tag }) => key === undefined || tag === undefined,
        "Name a key or a tag, or neither for the whole namespace",
      ),
    ),
    replies: { 200: v.object({ version: v.number() }) },
  },
  stats: {
    method: "GET",
    path: "/api/v1/cache/stats",
    handler: "cache/stats",
    summary: "Hits, misses, evictions and times by tier, of one of the own namespaces or of the app's own.",
    auth: "optional",
    limit: "read",
    query: v.strictObject({
      namespace: v.optional(Namespace),
      of: v.optional(v.picklist(["you", "app"]), "you"),
    }),
    replies: { 200: CacheStats },
  },
  ring: {
    method: "GET",
    path: "/api/v1/cache/ring",
    handler: "cache/ring",
    summary: "Which node owns which keys: of the nodes configured, or of any named, comma separated.",
    auth: "none",
    limit: "read",
    query: v.strictObject({
      nodes: v.optional(text(2_000)),
      keys: v.optional(text(8_000)),
      points: v.optional(v.pipe(v.string(), v.regex(/^\d{1,4}$/))),
    }),
    replies: { 200: Ring },
  },
});
