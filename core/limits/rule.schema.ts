import * as v from "valibot";

/** How a rule counts. The first three and GCRA keep one timestamp, the windows a count or two, the log every admission. */
export const algorithms = [
  "token-bucket",
  "leaky-bucket",
  "leaky-queue",
  "gcra",
  "fixed-window",
  "sliding-window-log",
  "sliding-window-counter",
] as const;
export type AlgorithmName = (typeof algorithms)[number];

/** Those that hold a bucket, and so know a burst. */
export const bucketAlgorithms: readonly AlgorithmName[] = [
  "token-bucket",
  "leaky-bucket",
  "leaky-queue",
  "gcra",
];

/** What a rule counts by, from wide to narrow: the order in which a hierarchy is judged. */
export const scopes = ["global", "tenant", "user", "ip", "route"] as const;
export type Scope = (typeof scopes)[number];

/** The largest log a rule may keep: 10 bytes an admission, and an item of a table holds 400 KB. */
export const MAX_LOG = 10_000;
export const MAX_LIMIT = 1_000_000;
export const MAX_WINDOW_SECONDS = 31 * 86_400;
/** An empty bucket is full again within this: the moment, in microseconds since the epoch, stays an exact number (2^53). */
export const MAX_FILL_SECONDS = 100 * 366 * 86_400;

const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));

/** `shorten-anonymous`: the name of a rule, as it stands in `RateLimit-Policy`. */
export const RuleName = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,62}$/, "Use a-z, 0-9 and -, from a letter, at most 63"),
);

/** Who or what is counted: any text up to 1 KB. Halves of characters are none: stores would keep them all as one and the same. */
export const LimitKey = v.pipe(
  v.string(),
  v.check((key) => key.isWellFormed(), "A key is Unicode text"),
  v.minBytes(1, "A key is not empty"),
  v.maxBytes(1_024, "A key is at most 1 KB"),
);

/** A temporary ban: so many denials within a time, and nothing is let through for another. Seconds. */
export const BanPolicy = v.strictObject({
  after: count(100_000),
  within: count(86_400),
  for: count(30 * 86_400),
});

/** `limit` units each `window` seconds, counted by `scope`. */
export const Rule = v.pipe(
  v.strictObject({
    name: RuleName,
    algorithm: v.picklist(algorithms),
    limit: count(MAX_LIMIT),
    /** Seconds. */
    window: count(MAX_WINDOW_SECONDS),
    /** Units that may be taken at once by an algorithm that holds a bucket; `limit` unless told. */
    burst: v.optional(count(MAX_LIMIT)),
    scope: v.picklist(scopes),
    /** `shadow` decides and records, and lets everything through. */
    mode: v.optional(v.picklist(["enforce", "shadow"]), "enforce"),
    /** When the store fails: let through, refuse, or count in this process alone. */
    onFailure: v.optional(v.picklist(["open", "closed", "local"]), "local"),
    /** Units that a process takes at once and spends by itself. 0: each decision asks the store, and is exact at once. */
    lease: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000)), 0),
    ban: v.optional(BanPolicy),
  }),
  v.check(
    ({ algorithm, burst }) => burst === undefined || bucketAlgorithms.includes(algorithm),
    "Only an algorithm that holds a bucket knows a burst",
  ),
  v.check(
    ({ limit, window, burst }) => ((burst ?? limit) * window) / limit <= MAX_FILL_SECONDS,
    "A bucket fills within 100 years: lower the burst or raise the limit",
  ),
  v.check(
    ({ algorithm, limit }) => algorithm !== "sliding-window-log" || limit <= MAX_LOG,
    `A sliding log keeps every admission: at most ${MAX_LOG}`,
  ),
  v.check(
    ({ lease, limit, burst }) => lease <= (burst ?? limit),
    "A lease is at most what may be taken at once",
  ),
);
export type Rule = v.InferOutput<typeof Rule>;
export type NewRule = v.InferInput<typeof Rule>;
