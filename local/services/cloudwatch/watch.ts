import { randomUUID } from "node:crypto";
import type { Cloud } from "../../kit/cloud.ts";
import { newSpanId, newTraceId, traceHeader } from "../../kit/recorder.ts";
import { type Alarm, evaluate, type State } from "./alarm.ts";
import { holds } from "./composite.ts";
import { MathError } from "./math-tokens.ts";
import type { MetricStore } from "./series.ts";

/** One change of an alarm's state. */
export interface Change {
  readonly alarm: string;
  readonly from: State;
  readonly to: State;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The alarms, and what became of them. */
export interface Alarms {
  readonly all: Map<string, Alarm>;
  /** Oldest first. */
  readonly history: Change[];
}

type WatchCloud = Pick<Cloud, "clock" | "deliver" | "lambda" | "recorder" | "graph" | "print">;

/** CloudWatch keeps two weeks; a process that runs for long must not grow. */
const MAX_HISTORY = 1_000;
const EVERY_MS = 60_000;
/** An action that fails is tried again, and then given up. */
const ATTEMPTS = 3;

const notification = ({ graph }: WatchCloud, alarm: Alarm, change: Change): string => {
  const { settings, rule } = alarm;
  const [metric] = rule?.queries.flatMap((query) => (query.metric ? [query.metric] : [])) ?? [];
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: settings.AlarmDescription ?? null,
    AWSAccountId: graph.accountId,
    AlarmConfigurationUpdatedTimestamp: amazonTime(alarm.updatedAt),
    NewStateValue: change.to,
    NewStateReason: change.reason,
    StateChangeTime: amazonTime(change.at),
    Region: graph.region,
    AlarmArn: alarm.arn,
    OldStateValue: change.from,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    ...(alarm.composite ? { AlarmRule: alarm.composite } : {}),
    ...(metric && rule && { Trigger: triggerOf(rule, metric) }),
  });
};

const amazonTime = (at: number) => new Date(at).toISOString().replace("Z", "+0000");

const triggerOf = (
  rule: NonNullable<Alarm["rule"]>,
  {
    name,
    namespace,
    dimensions,
    statistic,
  }: { name: string; namespace: string; dimensions: object; statistic: string },
) => ({
  MetricName: name,
  Namespace: namespace,
  StatisticType: statistic.startsWith("p") ? "ExtendedStatistic" : "Statistic",
  Statistic: statistic.startsWith("p") ? statistic : statistic.toUpperCase(),
  Unit: null,
  Dimensions: Object.entries(dimensions).map(([key, value]) => ({ value, name: key })),
  Period: rule.periodMs / 1_000,
  EvaluationPeriods: rule.evaluationPeriods,
  DatapointsToAlarm: rule.datapointsToAlarm,
  ComparisonOperator: rule.comparison,
  Threshold: rule.threshold,
  TreatMissingData: rule.treatMissing,
});

const busEvent = ({ graph }: WatchCloud, alarm: Alarm, change: Change) => ({
  version: "0",
  id: randomUUID(),
  "detail-type": "CloudWatch Alarm State Change",
  source: "aws.cloudwatch",
  account: graph.accountId,
  time: new Date(change.at).toISOString().replace(/\.\d+Z$/, "Z"),
  region: graph.region,
  resources: [alarm.arn],
  detail: {
    alarmName: alarm.name,
    state: { value: change.to, reason: change.reason, timestamp: amazonTime(change.at) },
    previousState: { value: change.from, timestamp: amazonTime(alarm.changedAt) },
    configuration: { description: alarm.settings.AlarmDescription },
  },
});

const act = async (cloud: WatchCloud, alarm: Alarm, target: string, body: string, trace: string) => {
  const subject = `${alarm.state}: "${alarm.name}" in ${cloud.graph.region}`.slice(0, 100);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      await cloud.deliver(target, { body, sourceArn: alarm.arn, trace, subject });
      return;
    } catch (error) {
      if (attempt < ATTEMPTS) continue;
      const why = error instanceof Error ? error.message : String(error);
      cloud.print(`✗ alarm ${alarm.name}: its action ${target} failed: ${why}`);
    }
  }
};

/** Puts an alarm in a state, keeps the change, and runs the actions of the new state. */
export const change = (cloud: WatchCloud, alarms: Alarms, name: string, to: State, reason: string): void => {
  const before = alarms.all.get(name);
  if (!before || before.state === to) return;
  const at = cloud.clock.now();
  const alarm = { ...before, state: to, reason, changedAt: at };
  const made: Change = { alarm: name, from: before.state, to, reason, at };
  alarms.all.set(name, alarm);
  alarms.history.push(made);
  if (alarms.history.length > MAX_HISTORY * 1.25)
    alarms.history.splice(0, alarms.history.length - MAX_HISTORY);
  const [traceId, id] = [newTraceId(at), newSpanId()];
  const span = { traceId, id, kind: "deliver" as const, node: alarm.arn, name: `cloudwatch:${to}` };
  cloud.recorder.record({ ...span, start: at, durationMs: 0, detail: { reason } });
  if (to === "ALARM") cloud.print(`▲ ALARM ${name}: ${reason}`);
  else if (before.state === "ALARM") cloud.print(`▼ ${to} ${name}: ${reason}`);
  const bus = `arn:aws:events:${cloud.graph.region}:${cloud.graph.accountId}:event-bus/default`;
  const trace = traceHeader(traceId, id);
  void act(cloud, alarm, bus, JSON.stringify(busEvent(cloud, before, made)), trace);
  if (!alarm.actionsEnabled) return;
  for (const target of alarm.actions[to])
    void act(cloud, alarm, target, notification(cloud, alarm, made), trace);
};

const judgeAll = (cloud: WatchCloud, alarms: Alarms, store: MetricStore) => {
  for (const { name, rule } of [...alarms.all.values()]) {
    if (!rule) continue;
    try {
      const found = evaluate(store, rule, cloud.clock.now());
      if (found) change(cloud, alarms, name, found.state, found.reason);
    } catch (error) {
      if (!(error instanceof MathError)) throw error;
      change(cloud, alarms, name, "INSUFFICIENT_DATA", error.message);
    }
  }
  const stateOf = (name: string) => alarms.all.get(name)?.state;
  for (const { name, composite } of [...alarms.all.values()]) {
    if (composite === undefined) continue;
    const raised = holds(composite, stateOf);
    const to = raised === undefined ? "INSUFFICIENT_DATA" : raised ? "ALARM" : "OK";
    change(cloud, alarms, name, to, `The rule ${composite} is ${raised ? "met" : "not met"}`);
  }
};

/** Evaluates every alarm each minute of the cloud's clock; `sample` reads gauges just before. Returns a stop. */
export const watch = (
  cloud: WatchCloud,
  alarms: Alarms,
  store: MetricStore,
  sample: (now: number) => void,
): (() => void) => {
  let cancel = () => {};
  const next = () => {
    const now = cloud.clock.now();
    // Just past the minute, when its data are whole.
    cancel = cloud.clock.after(EVERY_MS - (now % EVERY_MS) + 1, () => {
      sample(cloud.clock.now() - EVERY_MS);
      judgeAll(cloud, alarms, store);
      next();
    });
  };
  next();
  return () => cancel();
};
