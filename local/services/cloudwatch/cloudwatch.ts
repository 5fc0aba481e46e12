import { byType } from "../../graph/graph.ts";
import type { AwsRequest, AwsResponse, AwsService, Cloud } from "../../kit/cloud.ts";
import { served } from "../../kit/served.ts";
import type { MetricRule } from "./alarm.ts";
import { declaredAlarms } from "./declared.ts";
import { embeddedMetrics } from "./emf.ts";
import { operations } from "./operations.ts";
import { type Gauges, gaugeReader, observe } from "./platform.ts";
import { keyOf, type MetricId, type MetricStore, periodsOf, record } from "./series.ts";
import type { State } from "./state.ts";
import { watch } from "./watch.ts";
import { CloudWatchError, readCall } from "./wire.ts";

/** CloudWatch metrics and alarms, and the door through which log lines enter. */
export interface CloudWatchService extends AwsService {
  /** Takes the metrics that lines embed. */
  read(lines: readonly { readonly message: string; readonly timestamp: number }[]): void;
  /** Takes one value that a service publishes of itself; `at` is epoch ms. */
  put(value: MetricId & { readonly value: number; readonly at: number; readonly unit?: string }): void;
}

const answer = (state: State, request: AwsRequest): AwsResponse => {
  const call = (() => {
    try {
      return readCall(request);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return error;
    }
  })();
  if (call instanceof Error)
    return {
      status: 400,
      headers: { "content-type": "application/x-amz-json-1.0" },
      body: JSON.stringify({ __type: "SerializationException", message: call.message }),
    };
  const operation = Object.hasOwn(operations, call.operation) ? operations[call.operation] : undefined;
  try {
    if (!operation) {
      const message = `The local cloud does not serve cloudwatch:${call.operation || "(no operation)"}.`;
      throw new CloudWatchError("NotImplemented", message, 501);
    }
    return call.answer(operation(state, call.input));
  } catch (error) {
    if (!(error instanceof CloudWatchError)) throw error;
    return call.refuse(error);
  }
};

const dashboardsOf = ({ graph }: Cloud) =>
  new Map(
    byType(graph, "aws:cloudwatch/dashboard:Dashboard").map(({ inputs, outputs, name }) => [
      String(inputs.dashboardName ?? outputs.dashboardName ?? name),
      typeof inputs.dashboardBody === "string" ? inputs.dashboardBody : JSON.stringify(inputs.dashboardBody),
    ]),
  );

/** Points of one series for a chart. */
const points = (store: MetricStore, query: URLSearchParams, now: number) => {
  const series = store.get(query.get("key") ?? "");
  if (!series) throw new Error("There is no such metric. List the metrics to see which there are.");
  const minutes = Math.min(180, Math.max(1, Number(query.get("minutes") ?? 60)));
  const from = Math.floor(now / 60_000) * 60_000 - minutes * 60_000;
  const found = [...periodsOf(series, from, now + 60_000, 60_000)].sort(([a], [b]) => a - b);
  return {
    unit: series.unit,
    points: found.map(([at, { sum, count, min, max }]) => ({ at, sum, count, min, max })),
  };
};

/** What a metric alarm compares, as far as a person asks. */
const watched = ({
  queries,
  comparison,
  threshold,
  evaluationPeriods,
  datapointsToAlarm,
  periodMs,
}: MetricRule) => ({
  metrics: queries.flatMap(({ metric }) =>
    metric
      ? [{ key: keyOf(metric), namespace: metric.namespace, name: metric.name, statistic: metric.statistic }]
      : [],
  ),
  comparison,
  threshold,
  periods: evaluationPeriods,
  datapoints: datapointsToAlarm,
  periodSeconds: periodMs / 1_000,
});

const viewsOf = ({ store, alarms, cloud }: State): NonNullable<AwsService["views"]> => ({
  metrics: () =>
    [...store].map(([key, { namespace, name, dimensions, unit, updated }]) => ({
      key,
      namespace,
      name,
      dimensions,
      unit,
      updated,
    })),
  series: (query) => points(store, query, cloud.clock.now()),
  alarms: () =>
    [...alarms.all.values()].map((alarm) => ({
      name: alarm.name,
      state: alarm.state,
      reason: alarm.reason,
      changedAt: alarm.changedAt,
      actionsEnabled: alarm.actionsEnabled,
      actions: alarm.actions.ALARM,
      description: alarm.settings.AlarmDescription,
      source: alarm.source,
      ...(alarm.composite !== undefined && { rule: alarm.composite }),
      ...(alarm.rule && { watches: watched(alarm.rule) }),
    })),
  changes: () => alarms.history.toReversed(),
});

/** CloudWatch over the graph's alarms: fed by calls, by embedded metrics, and by what the recorder sees. */
export const cloudwatch = (cloud: Cloud, gauges: Gauges): CloudWatchService => {
  const store: MetricStore = new Map();
  const alarms = { all: declaredAlarms(cloud.graph, cloud.clock.now(), cloud.print), history: [] };
  const state: State = { cloud, store, alarms, dashboards: dashboardsOf(cloud) };
  const stops: (() => void)[] = [];
  return {
    name: "monitoring",
    handle: async (request) => answer(state, request),
    operations: served("monitoring", operations),
    read(lines) {
      const now = cloud.clock.now();
      for (const { message, timestamp } of lines)
        for (const { id, sample } of embeddedMetrics(message, timestamp)) record(store, id, sample, now);
    },
    put({ namespace, name, dimensions, value, at, unit = "Count" }) {
      record(store, { namespace, name, dimensions }, { at, values: [value], unit }, cloud.clock.now());
    },
    views: viewsOf(state),
    actions: {
      "set-state": (input) => operations.SetAlarmState?.(state, input),
    },
    async start() {
      stops.push(observe(cloud.recorder, store, () => cloud.clock.now()));
      stops.push(watch(cloud, alarms, store, gaugeReader(gauges, store)));
    },
    async stop() {
      for (const stop of stops.splice(0)) stop();
    },
  };
};
