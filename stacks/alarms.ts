import { nameOf } from "./kit.ts";
import { type Metric, ofApi, ofFunction, ofQueue, type Watched } from "./metrics.ts";
import { production } from "./stage.ts";

/** When to raise an alarm: the metric is at `threshold` or above, in `minutes`. */
export interface Bound {
  readonly threshold: $util.Input<number>;
  readonly minutes: number;
  readonly description: string;
}

/** Raises an alarm. */
export type Raise = (name: string, metric: Metric, bound: Bound) => void;

/** Alarms that tell `topic` when they are raised, and when they are over. */
export const alarms =
  (topic: $util.Input<string>): Raise =>
  (alarm, { namespace, name, dimensions, stat }, { threshold, minutes, description }) => {
    new aws.cloudwatch.MetricAlarm(alarm, {
      namespace,
      metricName: name,
      dimensions,
      ...(stat.startsWith("p") ? { extendedStatistic: stat } : { statistic: stat }),
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold,
      period: minutes * 60,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmDescription: description,
      alarmActions: [topic],
      okActions: [topic],
    });
  };

const once = { threshold: 1, minutes: 5 };

/** An account has ten alarms free of charge: the default stage watches all its functions by one alarm of a kind. */
export const watchFunctions = (watched: readonly Watched[], raise: Raise) => {
  const fails = (name: string, who: string, fn?: sst.aws.Function) => {
    raise(`${name}Errors`, ofFunction(fn, "Errors", "Sum"), { ...once, description: `${who} crashed` });
    raise(`${name}Throttles`, ofFunction(fn, "Throttles", "Sum"), {
      ...once,
      description: `${who} was throttled`,
    });
  };
  if (!production()) return fails("Any", "A function of this account");
  for (const [handler, fn] of watched.flatMap(({ functions }) => [...functions])) {
    fails(nameOf(handler), handler, fn);
    raise(`${nameOf(handler)}Slow`, ofFunction(fn, "Duration", "p99"), {
      threshold: fn.nodes.function.timeout.apply((seconds) => (seconds ?? 3) * 800),
      minutes: 5,
      description: `${handler}: p99 is four fifths of its timeout (ms)`,
    });
  }
};

/** What holds work: queues, where failures end, and streams. How long messages wait is for production to know: it is not free. */
export const watchSources = (watched: readonly Watched[], raise: Raise) => {
  for (const { queues = {}, dlqs = {}, streams = [], functions } of watched) {
    for (const [name, queue] of production() ? Object.entries(queues) : []) {
      const description = `${name}: a message waits for ten minutes`;
      const age = ofQueue(queue, "ApproximateAgeOfOldestMessage", "Maximum");
      raise(`${name}Age`, age, { threshold: 600, minutes: 5, description });
    }
    for (const [name, dlq] of Object.entries(dlqs)) {
      const description = `${name}: something failed for good and waits to be looked at`;
      raise(`${name}Depth`, ofQueue(dlq, "ApproximateNumberOfMessagesVisible", "Maximum"), {
        ...once,
        description,
      });
    }
    for (const handler of streams) {
      const description = `${handler} is a minute behind its stream (ms)`;
      const age = ofFunction(functions.get(handler), "IteratorAge", "Maximum");
      raise(`${nameOf(handler)}Lag`, age, { threshold: 60_000, minutes: 5, description });
    }
  }
};

/** What a pattern watches of its own. */
export const watchSignals = (watched: readonly Watched[], raise: Raise) => {
  for (const { name, title, metrics, alarm } of watched.flatMap(({ signals = [] }) => signals)) {
    const several = [alarm?.on ?? []].flat();
    for (const on of several) {
      const metric = metrics[on];
      const own = several.length > 1 ? nameOf(on) : "";
      if (alarm && metric)
        raise(`${name}${own}Alarm`, metric, { ...alarm, description: `${title}: ${on} is too high` });
    }
  }
};

/** The share of answers that are our fault: the target is 99.9 % without. */
export const watchApi = (api: sst.aws.ApiGatewayV1, raise: Raise) =>
  raise("ApiFaults", ofApi(api, "5XXError", "Average"), {
    threshold: 0.001,
    minutes: 5,
    description: "One answer in a thousand is a 5xx",
  });
