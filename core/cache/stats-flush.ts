import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { LRUCache } from "lru-cache";
import type { User } from "#core/identity/user.schema.ts";
import { now, nowSeconds } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import { log } from "#core/kit/log.ts";
import { metrics } from "#core/kit/metrics.ts";
import { Problem } from "#core/kit/problem.ts";
import { within } from "./breaker.ts";
import type { Figures, Stats } from "./options.ts";
import type { CacheStats } from "./report.schema.ts";

/** A process adds its figures at most this often: 1 WCU in ten seconds, whatever its traffic. */
const FLUSH_MS = 10_000;
const KEPT_S = 30 * 86_400;
const PATIENCE_MS = 500;

/** Whose namespace it is, and what they call it. Those of users begin with `u/<id>/`; all others are the app's own. */
const split = (namespace: string) => {
  const [, owner, own] = /^(u\/[^/]+)\/(.+)$/.exec(namespace) ?? [];
  return owner !== undefined && own !== undefined
    ? { owner, own }
    : { owner: "app", own: namespace.replace(/^app\//, "") };
};

/** Sums, flat, as a statistics item holds them. */
const toSums = ({ l1, l2, origin, ...rest }: Figures) => ({
  l1Hits: l1.hits,
  l1Misses: l1.misses,
  l1Evictions: l1.evictions,
  l2Hits: l2.hits,
  l2Misses: l2.misses,
  l2ReadMs: l2.readMs,
  loads: origin.loads,
  failures: origin.failures,
  loadMs: origin.loadMs,
  staleServed: rest.staleServed,
  waited: rest.waited,
  storeErrors: rest.storeErrors,
});
type Sums = ReturnType<typeof toSums>;

const last = new LRUCache<string, { readonly at: number; readonly sums: Sums }>({ max: 1_000 });

/** The cache of a namespace is gone: what counts for it next counts from nothing. */
export const forgetReported = (namespace: string): void => void last.delete(namespace);

/**
 * Adds what this process counted since the last time to the figures of all, every ten seconds of use. Approximate: what an
 * environment counted in its last seconds is lost with it, and what is added twice after a lost answer counts twice.
 */
export const report = async (namespace: string, stats: Stats): Promise<void> => {
  const before = last.get(namespace);
  if (before && now() - before.at < FLUSH_MS) return;
  const sums = toSums(stats);
  last.set(namespace, { at: now(), sums });
  const grown = Object.entries(sums).map(
    ([name, sum]) => [name, sum - (before?.sums[name as keyof Sums] ?? 0)] as const,
  );
  const added = grown.filter(([, by]) => by > 0);
  if (added.length === 0) return;
  measure(new Map(added), stats.lagMs);
  try {
    await within(PATIENCE_MS, (abortSignal) => add(namespace, stats, added, abortSignal));
  } catch (error) {
    // Figures are no reason to fail who reads, or to have them wait: added with the next ones, or twice if only the answer was lost.
    log.warn("figures of the cache were not added", error as Error);
    if (before) last.set(namespace, { ...before, at: now() });
    else last.delete(namespace);
  }
};

const add = (
  namespace: string,
  stats: Stats,
  added: readonly (readonly [name: string, by: number])[],
  abortSignal: AbortSignal,
) => {
  const { owner, own } = split(namespace);
  return documents().send(
    new UpdateCommand({
      TableName: linked("CacheTable").name,
      Key: { pk: `S#${owner}`, sk: own },
      UpdateExpression: `SET #ttl = :ttl, lagMs = :lag, #store = :store ADD ${added.map(([name]) => `${name} :${name}`).join(", ")}`,
      ExpressionAttributeNames: { "#ttl": "ttl", "#store": "store" },
      ExpressionAttributeValues: {
        ":ttl": nowSeconds() + KEPT_S,
        ":lag": stats.lagMs,
        ":store": stats.store,
        ...Object.fromEntries(added.map(([name, by]) => [`:${name}`, by])),
      },
    }),
    { abortSignal },
  );
};

// Errors of the store and loads are told by every cache, the app's own too (figures.ts): here they would count twice.
const measure = (added: ReadonlyMap<string, number>, lagMs: number) => {
  const count = (metric: string, name: keyof Sums) =>
    metrics.addMetric(metric, "Count", added.get(name) ?? 0);
  count("CacheMemoryHits", "l1Hits");
  count("CacheStoreHits", "l2Hits");
  count("CacheMisses", "l2Misses");
  count("CacheEvictions", "l1Evictions");
  metrics.addMetric("CacheLag", "Milliseconds", lagMs);
};

const mean = (sum: number, over: number) => (over === 0 ? 0 : sum / over);

/** Figures of one namespace, or of all of a user or the app: 1 Query, 0.5 RCU per 4 KB. */
export const stats = async (whose: User | "app" | undefined, own?: string): Promise<CacheStats> => {
  if (whose === undefined) throw new Problem("unauthenticated", "Sign in, or ask for `of=app`");
  const owner = whose === "app" ? "app" : `u/${whose.id}`;
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: linked("CacheTable").name,
      KeyConditionExpression: own === undefined ? "pk = :pk" : "pk = :pk AND sk = :sk",
      ExpressionAttributeValues: { ":pk": `S#${owner}`, ...(own !== undefined && { ":sk": own }) },
    }),
  );
  const sum = (name: keyof Sums) => Items.reduce((total, item) => total + Number(item[name] ?? 0), 0);
  const l2 = { hits: sum("l2Hits"), misses: sum("l2Misses") };
  return {
    l1: { hits: sum("l1Hits"), misses: sum("l1Misses"), evictions: sum("l1Evictions") },
    l2: { ...l2, read_ms: mean(sum("l2ReadMs"), l2.hits + l2.misses) },
    origin: {
      loads: sum("loads"),
      failures: sum("failures"),
      load_ms: mean(sum("loadMs"), sum("loads")),
    },
    stale_served: sum("staleServed"),
    waited: sum("waited"),
    lag_ms: Math.max(0, ...Items.map(({ lagMs }) => Number(lagMs ?? 0))),
    store: process.env.VALKEY_NODES ? "valkey" : "dynamodb",
  };
};
