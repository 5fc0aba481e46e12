import { type Metric, ofRoute, ours, type Signal } from "./metrics.ts";

const FOLLOW = "GET /{hash}";
const SHORTEN = "POST /api/v1/shorten";

/** What the shortener watches of its own. The thresholds are its targets: p99 below 100 ms, 99.9 % answered. */
export const shortenerSignals = (api: sst.aws.ApiGatewayV1): Signal[] => {
  const percentiles = (route: string): Record<string, Metric> =>
    Object.fromEntries(["p50", "p95", "p99"].map((stat) => [stat, ofRoute(api, route, "Latency", stat)]));
  return [
    {
      name: "ShortenerRequests",
      title: "Requests",
      metrics: {
        followed: ofRoute(api, FOLLOW, "Count", "Sum"),
        shortened: ofRoute(api, SHORTEN, "Count", "Sum"),
      },
    },
    {
      name: "ShortenerRedirectLatency",
      title: "Redirect latency (ms)",
      metrics: percentiles(FOLLOW),
      alarm: { on: "p99", threshold: 100, minutes: 5 },
    },
    { name: "ShortenerShortenLatency", title: "Shorten latency (ms)", metrics: percentiles(SHORTEN) },
    {
      name: "ShortenerFaults",
      title: "Share of redirects that are 5xx",
      metrics: { faults: ofRoute(api, FOLLOW, "5XXError", "Average") },
      alarm: { on: "faults", threshold: 0.001, minutes: 5 },
    },
    {
      // A miss reads the table. At low traffic most requests miss, rightly; 5,000 a second do not.
      name: "ShortenerCache",
      title: "Cache hit ratio",
      metrics: { hits: ours("LinkCacheHit", "Sum"), misses: ours("LinkCacheMiss", "Sum") },
      expression: "hits / (hits + misses)",
      alarm: { on: "misses", threshold: 1_500_000, minutes: 5 },
    },
    {
      // A year of random codes at the design's load makes 1 % collide, 3,500 in five minutes. Three times that is news.
      name: "ShortenerCollisions",
      title: "Codes that collided",
      metrics: { collisions: ours("CodeCollisions", "Sum") },
      alarm: { on: "collisions", threshold: 10_000, minutes: 5 },
    },
    {
      // The counter is one item: DynamoDB gives it 1,000 writes/s. Half of that, and leases must grow.
      name: "ShortenerLeases",
      title: "Leases of codes",
      metrics: { leases: ours("CodeLeases", "Sum") },
      alarm: { on: "leases", threshold: 30_000, minutes: 1 },
    },
    {
      name: "ShortenerCodesUsed",
      title: "Codes of this length used (%)",
      metrics: { used: ours("CodeSpaceUsed", "Maximum") },
      alarm: { on: "used", threshold: 80, minutes: 5 },
    },
    {
      name: "ShortenerClicks",
      title: "Clicks counted, and too late to count",
      metrics: { counted: ours("ClicksCounted", "Sum"), late: ours("ClicksTooLate", "Sum") },
    },
  ];
};
