/** One CloudWatch metric as an alarm or a dashboard reads it. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, $util.Input<string>>>;
  /** `Sum`, `Average`, `Maximum`, or a percentile such as `p99`. */
  readonly stat: string;
}

/**
 * Something a pattern watches of its own, drawn as one picture: metrics by id or, given an expression over the ids, its
 * value. An alarm is raised when the metric `on`, or one of several, reaches `threshold` within `minutes`.
 */
export interface Signal {
  /** PascalCase: the alarm is named after it. */
  readonly name: string;
  readonly title: string;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly expression?: string;
  readonly alarm?: {
    readonly on: string | readonly string[];
    readonly threshold: number;
    readonly minutes: number;
  };
}

/** What a stack wants watched. Names are those of its resources. */
export interface Watched {
  /** Value of the `pattern` tag. */
  readonly pattern: string;
  /** By handler: `shortener/shorten`. */
  readonly functions: ReadonlyMap<string, sst.aws.Function>;
  readonly queues?: Readonly<Record<string, sst.aws.Queue>>;
  readonly dlqs?: Readonly<Record<string, sst.aws.Queue>>;
  /** Handlers that read a stream. */
  readonly streams?: readonly string[];
  readonly signals?: readonly Signal[];
}

/** A metric of our own code, as Powertools names it. */
export const ours = (name: string, stat: string): Metric => ({
  namespace: "tenfold",
  name,
  dimensions: { service: `${$app.name}-${$app.stage}` },
  stat,
});

/** A metric of one route, e.g. `GET /{hash}`. */
export const ofRoute = (api: sst.aws.ApiGatewayV1, route: string, name: string, stat: string): Metric => {
  const [method = "", path = ""] = route.split(" ");
  const dimensions = { ApiName: api.nodes.api.name, Stage: $app.stage, Method: method, Resource: path };
  return { namespace: "AWS/ApiGateway", name, dimensions, stat };
};

/** A metric of a whole API. */
export const ofApi = (api: sst.aws.ApiGatewayV1, name: string, stat: string): Metric => ({
  namespace: "AWS/ApiGateway",
  name,
  dimensions: { ApiName: api.nodes.api.name },
  stat,
});

/** A metric of a function; of all functions of the account together without one. */
export const ofFunction = (fn: sst.aws.Function | undefined, name: string, stat: string): Metric => ({
  namespace: "AWS/Lambda",
  name,
  dimensions: fn ? { FunctionName: fn.name } : {},
  stat,
});

/** A metric of a queue. */
export const ofQueue = (queue: sst.aws.Queue, name: string, stat: string): Metric => ({
  namespace: "AWS/SQS",
  name,
  dimensions: { QueueName: queue.nodes.queue.name },
  stat,
});
