import { type Metric, ofFunction, ofQueue, type Signal, type Watched } from "./metrics.ts";

interface Line extends Metric {
  readonly label: string;
  readonly id?: string;
  readonly visible?: boolean;
}

const WIDTH = 8; // of 24 columns
const HEIGHT = 6;

const toLine = ({ namespace, name, dimensions, stat, label, id, visible }: Line) => [
  namespace,
  name,
  ...Object.entries(dimensions).flat(),
  { stat, label, ...(id && { id }), ...(visible === false && { visible }) },
];

const widget = (title: string, lines: readonly Line[], expression?: string) => ({
  type: "metric",
  width: WIDTH,
  height: HEIGHT,
  properties: {
    title,
    region: aws.getRegionOutput().region,
    view: "timeSeries",
    period: 60,
    metrics: [...lines.map(toLine), ...(expression ? [[{ expression, label: title, id: "value" }]] : [])],
  },
});

const ofSignal = ({ title, metrics, expression }: Signal) =>
  widget(
    title,
    Object.entries(metrics).map(([id, metric]) => ({
      ...metric,
      label: `${metric.name} ${metric.stat}`,
      id,
      visible: expression === undefined,
    })),
    expression,
  );

const perFunction = (title: string, watched: readonly Watched[], name: string, stat: string) =>
  widget(
    title,
    watched.flatMap(({ functions }) =>
      [...functions].map(([handler, fn]) => ({ ...ofFunction(fn, name, stat), label: handler })),
    ),
  );

const backlog = (watched: readonly Watched[]) =>
  watched.flatMap(({ queues = {}, dlqs = {}, streams = [], functions }) => [
    ...Object.entries(queues).map(([label, queue]) => ({
      ...ofQueue(queue, "ApproximateAgeOfOldestMessage", "Maximum"),
      label: `${label}: age (s)`,
    })),
    ...Object.entries(dlqs).map(([label, dlq]) => ({
      ...ofQueue(dlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
      label: `${label}: messages`,
    })),
    ...streams.map((handler) => ({
      ...ofFunction(functions.get(handler), "IteratorAge", "Maximum"),
      label: `${handler}: behind (ms)`,
    })),
  ]);

/** One dashboard for a pattern: what it watches of its own, then its functions, then what waits. */
export const dashboard = (pattern: string, watched: readonly Watched[]) => {
  const waiting = backlog(watched);
  const widgets = [
    ...watched.flatMap(({ signals = [] }) => signals.map(ofSignal)),
    perFunction("Duration p99 (ms)", watched, "Duration", "p99"),
    perFunction("Crashes and timeouts", watched, "Errors", "Sum"),
    ...(waiting.length > 0 ? [widget("What waits", waiting)] : []),
  ];
  const title = pattern.replace(/^./, (letter) => letter.toUpperCase());
  return new aws.cloudwatch.Dashboard(`${title}Dashboard`, {
    dashboardName: `${$app.name}-${$app.stage}-${pattern}`,
    dashboardBody: $util.jsonStringify({ widgets }),
  });
};
