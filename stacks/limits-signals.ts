import { ofRoute, ours, type Signal } from "./metrics.ts";

const CHECK = "POST /api/v1/limits/check";

/** What the limiter watches of its own. The threshold of its latency is a decision of the store, far from an address far away. */
export const limitsSignals = (api: sst.aws.ApiGatewayV1): Signal[] => [
  {
    name: "LimitsDecisions",
    title: "Requests let through and refused",
    metrics: {
      allowed: ours("LimitAllowed", "Sum"),
      denied: ours("LimitDenied", "Sum"),
      shadow: ours("LimitShadowDenied", "Sum"),
    },
    // A limit that refuses 200 requests a second for five minutes is an attack, or set wrong.
    alarm: { on: "denied", threshold: 60_000, minutes: 5 },
  },
  {
    // Each rule then says what happens: open, closed, or counted by each process alone.
    name: "LimitsStoreErrors",
    title: "Decisions the store failed, and rules unread",
    metrics: { errors: ours("LimitStoreError", "Sum"), unread: ours("LimitRulesUnread", "Sum") },
    alarm: { on: "errors", threshold: 1, minutes: 5 },
  },
  {
    name: "LimitsUnread",
    title: "Rules served stale",
    metrics: { unread: ours("LimitRulesUnread", "Sum") },
    alarm: { on: "unread", threshold: 10, minutes: 5 },
  },
  {
    name: "LimitsLatency",
    title: "Check latency (ms)",
    metrics: {
      p50: ofRoute(api, CHECK, "Latency", "p50"),
      p99: ofRoute(api, CHECK, "Latency", "p99"),
    },
    alarm: { on: "p99", threshold: 200, minutes: 5 },
  },
  {
    name: "LimitsLeases",
    title: "Decisions by lease, by the store, remembered, and by this process alone",
    metrics: {
      lease: ours("LimitByLease", "Sum"),
      store: ours("LimitByStore", "Sum"),
      memory: ours("LimitByMemory", "Sum"),
      local: ours("LimitByLocal", "Sum"),
    },
    // 300,000 calls a second to the table: leases are too small for the load.
    alarm: { on: "store", threshold: 3_000_000, minutes: 5 },
  },
  {
    name: "LimitsBans",
    title: "Bans given",
    metrics: { bans: ours("LimitBanned", "Sum") },
    alarm: { on: "bans", threshold: 1_000, minutes: 5 },
  },
];
