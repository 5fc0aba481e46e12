import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { byType, type Graph } from "../../local/graph/graph.ts";
import { metricsOf } from "./idle.ts";
import { at, input, list, text } from "./kit/read.ts";
import { kinds, loadStages, root } from "./stages.ts";

const graphs = await loadStages();

const sources = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "core", "functions"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /(?<!\.test)\.ts$/.test(file))
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n");

// Whatever the code names in quotes: a metric is written by Powertools, or tallied first (core/kit/tally.ts).
const written = new Set([...sources.matchAll(/"([A-Z]\w+)"/g)].map(([, name]) => name));

const dashboards = (graph: Graph) => byType(graph, "aws:cloudwatch/dashboard:Dashboard");
const alarms = (graph: Graph) => byType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm");

/** Names of our own metrics that alarms and dashboards read. */
const read = (graph: Graph) => [
  ...alarms(graph)
    .filter((alarm) => alarm.inputs.namespace === "tenfold")
    .map((alarm) => text(alarm.inputs.metricName)),
  ...dashboards(graph)
    .flatMap(metricsOf)
    .filter(([namespace]) => namespace === "tenfold")
    .map(([, name]) => text(name)),
];

const serviceOf = (graph: Graph) =>
  new Set(
    byType(graph, "aws:lambda/function:Function").map((fn) =>
      input(fn, "environment", "variables", "POWERTOOLS_SERVICE_NAME"),
    ),
  );

describe.each(kinds)("alarms and dashboards of the %s stage", (kind) => {
  const graph = graphs[kind];

  it("read only metrics that the code writes", () => {
    const names = [...new Set(read(graph))];
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !written.has(name))).toEqual([]);
  });

  it("read the metrics of this stage, and of no other in the account", () => {
    const [service, ...others] = serviceOf(graph);
    expect(others).toEqual([]);
    const alarmed = alarms(graph).flatMap((alarm) => at(alarm.inputs, "dimensions", "service") ?? []);
    const drawn = dashboards(graph)
      .flatMap(metricsOf)
      .filter(([namespace]) => namespace === "tenfold");
    expect(new Set([...alarmed, ...drawn.map((metric) => metric[3])])).toEqual(new Set([service]));
  });

  it("draw widgets that CloudWatch accepts: a region, a title, metrics with distinct ids", () => {
    const widgets = dashboards(graph).flatMap((d) =>
      list(at(JSON.parse(text(d.inputs.dashboardBody)), "widgets")),
    );
    expect(widgets.length).toBeGreaterThan(5);
    for (const widget of widgets) {
      const ids = list(at(widget, "properties", "metrics")).flatMap(
        (metric) => at(list(metric).at(-1), "id") ?? [],
      );
      expect(at(widget, "properties", "region")).toBe("us-east-1");
      expect(text(at(widget, "properties", "title"))).not.toBe("");
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.every((id) => /^[a-z]\w*$/.test(String(id)))).toBe(true);
    }
  });
});

describe("the shortener in production", () => {
  it("has an alarm on latency, errors, cache misses, collisions and leases", () => {
    const watched = alarms(graphs.production).map(
      (a) => `${text(a.inputs.namespace)} ${text(a.inputs.metricName)}`,
    );
    expect(watched).toEqual(
      expect.arrayContaining([
        "AWS/ApiGateway Latency",
        "AWS/ApiGateway 5XXError",
        "tenfold LinkCacheMiss",
        "tenfold CodeCollisions",
        "tenfold CodeLeases",
        "tenfold CodeSpaceUsed",
      ]),
    );
  });

  it("draws requests, latency, errors, the cache, collisions, leases and clicks", () => {
    const titles = dashboards(graphs.production)
      .filter((d) => d.name === "ShortenerDashboard")
      .flatMap((d) => list(at(JSON.parse(text(d.inputs.dashboardBody)), "widgets")))
      .map((widget) => at(widget, "properties", "title"));
    expect(titles).toEqual(
      expect.arrayContaining([
        "Requests",
        "Redirect latency (ms)",
        "Share of redirects that are 5xx",
        "Cache hit ratio",
        "Codes that collided",
        "Leases of codes",
        "Clicks counted, and too late to count",
      ]),
    );
  });
});

describe("the cache in production", () => {
  it("has an alarm on latency, misses, evictions, lag, store errors and writes that wait for their record", () => {
    const watched = alarms(graphs.production).map((a) => text(a.inputs.metricName));
    expect(watched).toEqual(
      expect.arrayContaining([
        "CacheMisses",
        "CacheEvictions",
        "CacheLag",
        "CacheStoreErrors",
        "CacheWriteBehindAge",
      ]),
    );
  });

  it("draws both tiers, and what waits", () => {
    const titles = dashboards(graphs.production)
      .filter((d) => d.name === "CacheDashboard")
      .flatMap((d) => list(at(JSON.parse(text(d.inputs.dashboardBody)), "widgets")))
      .map((widget) => at(widget, "properties", "title"));
    expect(titles).toEqual(
      expect.arrayContaining([
        "Share of reads that miss both tiers",
        "Evictions from memory",
        "Invalidations behind (ms)",
        "Writes waited for their record (ms)",
        "What waits",
      ]),
    );
  });
});
