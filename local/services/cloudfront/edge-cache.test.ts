import { expect, test } from "vitest";
import type { Header } from "../../front/exchange.ts";
import { systemClock } from "../../kit/clock.ts";
import { createEdgeCache, ttlOf } from "./edge-cache.ts";
import { encodingsOf } from "./origin-request.ts";
import type { CachePolicy, Choice } from "./policies.ts";

const none: Choice = { behavior: "none", names: new Set() };
const policy = (minTtl: number, defaultTtl: number, maxTtl: number): CachePolicy => ({
  minTtl,
  defaultTtl,
  maxTtl,
  headers: none,
  cookies: none,
  query: none,
  gzip: true,
  brotli: true,
});
const NOW = Date.parse("2026-01-01T00:00:00Z");
const control = (value?: string): Header[] => (value === undefined ? [] : [["Cache-Control", value]]);

test.each([
  [policy(0, 60, 100), 200, undefined, 60],
  [policy(0, 60, 100), 200, "max-age=30", 30],
  [policy(0, 60, 100), 200, "max-age=30, s-maxage=40", 40],
  [policy(0, 60, 100), 200, "max-age=3000", 100],
  [policy(50, 60, 100), 200, "max-age=10", 50],
  [policy(0, 60, 100), 200, "no-store", 0],
  [policy(0, 60, 100), 200, "Private", 0],
  [policy(5, 60, 100), 200, "no-cache", 5],
  [policy(0, 0, 0), 200, "s-maxage=60", 0],
  [policy(0, 60, 100), 302, undefined, 0],
  [policy(0, 60, 100), 302, "max-age=5", 5],
  [policy(0, 60, 100), 301, undefined, 60],
  [policy(0, 60, 100), 204, "max-age=60", 0],
  [policy(0, 60, 100), 404, "no-store", 10],
  [policy(0, 60, 100), 404, "max-age=30", 30],
  [policy(0, 60, 100), 410, undefined, 0],
  [policy(0, 60, 100), 410, "max-age=30", 30],
  [policy(0, 60, 100), 401, "max-age=30", 0],
  [policy(0, 0, 0), 503, undefined, 10],
])("%o keeps a %i that says %s for %i seconds", (cache, status, said, seconds) => {
  expect(ttlOf(cache, status, control(said), NOW, undefined)).toBe(seconds);
});

test("an error's own minimum replaces the ten seconds", () => {
  expect(ttlOf(policy(0, 0, 100), 404, control("no-store"), NOW, 0)).toBe(0);
  expect(ttlOf(policy(0, 0, 100), 403, control(), NOW, 3)).toBe(3);
});

test("Expires counts where Cache-Control says nothing", () => {
  const headers: Header[] = [["Expires", "Thu, 01 Jan 2026 00:00:20 GMT"]];
  expect(ttlOf(policy(0, 60, 100), 200, headers, NOW, undefined)).toBe(20);
});

test("the cache stays within its size", async () => {
  const cache = createEdgeCache(systemClock());
  const entry = { status: 200, headers: [], storedMs: Date.now(), ttlMs: 60_000 };
  for (let i = 0; i < 20; i++) cache.set(`0 /${i}\n`, { ...entry, body: Buffer.alloc(8 * 1024 * 1024) });
  expect(await cache.get("0 /0\n")).toBeUndefined();
  expect(await cache.get("0 /19\n")).toBeDefined();
});

test.each([
  ["gzip, deflate, br", "br,gzip"],
  ["gzip;q=1.0, br;q=0", "gzip"],
  ["gzip;q=0.5", "gzip"],
  ["identity", ""],
  ["xbr", ""],
  [undefined, ""],
])("Accept-Encoding %s becomes '%s'", (accept, encodings) => {
  expect(encodingsOf(policy(0, 0, 1), accept)).toBe(encodings);
});
