import { evaluateQueries, type Query } from "./queries.ts";
import type { MetricStore } from "./series.ts";

export type State = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What an alarm watches, and when it is raised. */
export interface MetricRule {
  readonly queries: readonly Query[];
  readonly periodMs: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissing: string;
}

/** A metric alarm or, with `composite`, one over other alarms. */
export interface Alarm {
  readonly name: string;
  readonly arn: string;
  /** As given, in the API's words: what DescribeAlarms answers beside the state. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly rule?: MetricRule;
  /** `ALARM("a") AND NOT OK("b")` */
  readonly composite?: string;
  readonly actions: Readonly<Record<State, readonly string[]>>;
  readonly actionsEnabled: boolean;
  readonly state: State;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly changedAt: number;
  readonly updatedAt: number;
  /** Where the graph declares it. */
  readonly source?: string;
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Whether an alarm can compare so here; anomaly detection bands are not served. */
export const isComparison = (name: string): boolean => Object.hasOwn(COMPARISONS, name);

const WORDS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

/** A point of an alarm's window: undefined is missing. */
type Point = number | undefined;

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** CloudWatch looks a little beyond the evaluation periods for points that are missing there. */
const LOOK_BACK = 2;

const pointsOf = (store: MetricStore, rule: MetricRule, now: number): Point[] => {
  const { queries, periodMs, evaluationPeriods } = rule;
  const step = periodMs % HOUR === 0 ? HOUR : MINUTE;
  const to = Math.floor(now / step) * step;
  const from = to - (evaluationPeriods + LOOK_BACK) * periodMs;
  const [result] = evaluateQueries(store, queries, { from, to, periodMs });
  return Array.from({ length: evaluationPeriods + LOOK_BACK }, (_, i) =>
    result?.points.get(from + i * periodMs),
  );
};

/**
 * The state that points (oldest first, two more than the evaluation periods) put an alarm in; undefined keeps it as it is.
 * Source: the tables of "Configuring how CloudWatch alarms treat missing data", Amazon CloudWatch user guide.
 */
export const judge = (
  rule: Omit<MetricRule, "queries" | "periodMs">,
  points: readonly Point[],
): State | undefined => {
  const { evaluationPeriods, datapointsToAlarm, treatMissing, threshold, comparison } = rule;
  const breaches = (value: number) => COMPARISONS[comparison]?.(value, threshold) ?? false;
  const known = points.filter((point) => point !== undefined).slice(-evaluationPeriods);
  const breaching = known.filter(breaches).length;
  const missing = evaluationPeriods - known.length;
  if (missing === 0) return breaching >= datapointsToAlarm ? "ALARM" : "OK";
  if (treatMissing === "breaching") return breaching + missing >= datapointsToAlarm ? "ALARM" : "OK";
  if (treatMissing === "notBreaching") return breaching >= datapointsToAlarm ? "ALARM" : "OK";
  if (treatMissing === "ignore") {
    if (breaching >= datapointsToAlarm) return "ALARM";
    return breaching < known.length ? "OK" : undefined;
  }
  if (known.length === 0) return "INSUFFICIENT_DATA";
  return breaching >= Math.min(datapointsToAlarm, known.length) ? "ALARM" : "OK";
};

/** What an alarm's metrics say now, and why, in CloudWatch's words; undefined where nothing changes. */
export const evaluate = (
  store: MetricStore,
  rule: MetricRule,
  now: number,
): { state: State; reason: string } | undefined => {
  const points = pointsOf(store, rule, now);
  const state = judge(rule, points);
  if (!state) return undefined;
  const known = points.filter((point) => point !== undefined).slice(-rule.evaluationPeriods);
  if (state === "INSUFFICIENT_DATA" || known.length === 0) {
    const count = rule.evaluationPeriods;
    const reason = `${count} missing datapoint${count === 1 ? " was" : "s were"} treated as [${state === "INSUFFICIENT_DATA" ? "Missing" : state === "ALARM" ? "Breaching" : "NonBreaching"}].`;
    return {
      state,
      reason: state === "INSUFFICIENT_DATA" ? "Insufficient Data" : `Threshold Crossed: ${reason}`,
    };
  }
  const values = known.join(", ");
  const verb = state === "ALARM" ? "was" : "was not";
  const many =
    known.length === 1
      ? `1 datapoint [${values}] ${verb}`
      : `${known.length} datapoints [${values}] ${verb.replace("was", "were")}`;
  return {
    state,
    reason: `Threshold Crossed: ${many} ${WORDS[rule.comparison]} the threshold (${rule.threshold}).`,
  };
};
