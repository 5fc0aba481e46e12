import { LRUCache } from "lru-cache";
import { type Header, headerOf } from "../../front/exchange.ts";
import type { Clock } from "../../kit/clock.ts";
import type { CachePolicy } from "./policies.ts";

/** An answer kept at the edge. */
export interface CachedResponse {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  readonly storedMs: number;
  readonly ttlMs: number;
  readonly stillValid?: () => Promise<boolean>;
}

const CACHE_BYTES = 64 * 1024 * 1024;
const CACHEABLE = new Set([200, 203, 206, 300, 301, 302, 307, 308]);
// "HTTP 4xx and 5xx status codes that CloudFront caches", CloudFront developer guide: these always …
const ERRORS = new Set([404, 414, 500, 501, 502, 503, 504]);
// … and these only when the origin says for how long.
const ERRORS_IF_TOLD = new Set([400, 403, 405, 410, 412, 415]);
/** "CloudFront caches error responses for a default duration of 10 seconds." */
export const DEFAULT_ERROR_TTL_S = 10;

const directive = (header: string, name: string): number | undefined => {
  const value = new RegExp(`(?:^|[\\s,])${name}\\s*=\\s*"?(\\d+)`, "i").exec(header)?.[1];
  return value === undefined ? undefined : Number(value);
};

/** How long the origin lets an answer live, in seconds; undefined when it says nothing. */
const statedTtl = (headers: readonly Header[], nowMs: number): number | undefined => {
  const control = headerOf(headers, "cache-control") ?? "";
  const seconds = directive(control, "s-maxage") ?? directive(control, "max-age");
  if (seconds !== undefined) return seconds;
  const expires = Date.parse(headerOf(headers, "expires") ?? "");
  return Number.isNaN(expires) ? undefined : Math.max(0, (expires - nowMs) / 1000);
};

/** Seconds an answer stays at the edge: the policy's bounds around what Cache-Control says; 0 is not at all. */
export const ttlOf = (
  policy: CachePolicy,
  status: number,
  headers: readonly Header[],
  nowMs: number,
  errorTtl: number | undefined,
): number => {
  const stated = statedTtl(headers, nowMs);
  if (ERRORS.has(status) || ERRORS_IF_TOLD.has(status)) {
    // Other directives than an age leave the error caching TTL in force: even no-store.
    const least = errorTtl ?? DEFAULT_ERROR_TTL_S;
    if (stated !== undefined) return Math.max(least, Math.min(stated, policy.maxTtl));
    return ERRORS.has(status) ? least : (errorTtl ?? 0);
  }
  if (!CACHEABLE.has(status)) return 0;
  const control = (headerOf(headers, "cache-control") ?? "").toLowerCase();
  if (/(^|[\s,])(no-store|no-cache|private)([\s,=]|$)/.test(control)) return policy.minTtl;
  const wanted = stated ?? policy.defaultTtl;
  // A redirect that names no lifetime is kept only if it is permanent.
  if (stated === undefined && (status === 302 || status === 307) && policy.minTtl === 0) return 0;
  return Math.min(Math.max(wanted, policy.minTtl), policy.maxTtl);
};

const sizeOf = (entry: CachedResponse): number =>
  entry.body.length + entry.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 64);

/** The cache of one distribution: least recently used goes first, within 64 MB. */
export const createEdgeCache = (clock: Clock) => {
  const entries = new LRUCache<string, CachedResponse>({
    maxSize: CACHE_BYTES,
    sizeCalculation: sizeOf,
    maxEntrySize: CACHE_BYTES / 4,
  });
  return {
    async get(key: string): Promise<CachedResponse | undefined> {
      const entry = entries.get(key);
      if (!entry) return undefined;
      const fresh =
        clock.now() - entry.storedMs < entry.ttlMs && (!entry.stillValid || (await entry.stillValid()));
      if (!fresh) entries.delete(key);
      return fresh ? entry : undefined;
    },
    set: (key: string, entry: CachedResponse) => void entries.set(key, entry),
    /** Forgets paths, as an invalidation does: `/*`, `/images/*`, `/index.html`. */
    invalidate(paths: readonly string[]) {
      for (const key of [...entries.keys()]) {
        const path = key.slice(key.indexOf(" ") + 1).split("\n", 1)[0] ?? "";
        const hit = paths.some((p) => (p.endsWith("*") ? path.startsWith(p.slice(0, -1)) : path === p));
        if (hit) entries.delete(key);
      }
    },
  };
};
