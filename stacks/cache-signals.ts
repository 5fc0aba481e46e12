import { type Metric, ofRoute, ours, type Signal } from "./metrics.ts";

const READ = "GET /api/v1/cache/{namespace}/{key}";

/** What the cache watches of its own. Its targets: hits within a millisecond of the function, 99.99 % answered. */
export const cacheSignals = (api: sst.aws.ApiGatewayV1): Signal[] => {
  const percentiles = (route: string): Record<string, Metric> =>
    Object.fromEntries(["p50", "p99"].map((stat) => [stat, ofRoute(api, route, "Latency", stat)]));
  return [
    {
      name: "CacheReadLatency",
      title: "Read latency (ms)",
      metrics: percentiles(READ),
      alarm: { on: "p99", threshold: 100, minutes: 5 },
    },
    {
      // At the design's load, a million reads a second, a tenth that misses is 30 million in five minutes.
      name: "CacheMissRate",
      title: "Share of reads that miss both tiers",
      metrics: {
        memory: ours("CacheMemoryHits", "Sum"),
        store: ours("CacheStoreHits", "Sum"),
        misses: ours("CacheMisses", "Sum"),
      },
      expression: "misses / (memory + store + misses)",
      alarm: { on: "misses", threshold: 30_000_000, minutes: 5 },
    },
    {
      // Memory that is thrown out before its time: the namespaces of a process need more than it has.
      name: "CacheEvictions",
      title: "Evictions from memory",
      metrics: { evictions: ours("CacheEvictions", "Sum") },
      alarm: { on: "evictions", threshold: 1_000_000, minutes: 5 },
    },
    {
      name: "CacheLag",
      title: "Invalidations behind (ms)",
      metrics: { lag: ours("CacheLag", "Maximum") },
      alarm: { on: "lag", threshold: 10_000, minutes: 5 },
    },
    {
      name: "CacheStoreErrors",
      title: "Calls the store failed",
      metrics: { errors: ours("CacheStoreErrors", "Sum") },
      alarm: { on: "errors", threshold: 10, minutes: 5 },
    },
    {
      name: "CacheWriteBehind",
      title: "Writes waited for their record (ms)",
      metrics: { age: ours("CacheWriteBehindAge", "Maximum"), flushes: ours("CacheFlushes", "Sum") },
      alarm: { on: "age", threshold: 60_000, minutes: 5 },
    },
  ];
};
