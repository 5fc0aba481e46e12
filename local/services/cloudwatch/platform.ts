import type { Recorder, Span } from "../../kit/recorder.ts";
import { type Dimensions, type MetricStore, record } from "./series.ts";

/** What a queue holds now. */
export interface QueueGauge {
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly oldestSeconds: number;
}

/** What is known of a function's throttles since the start. */
export interface FunctionGauge {
  readonly arn: string;
  readonly throttles: number;
  readonly busy: number;
}

/** Where the gauges of each minute are read. */
export interface Gauges {
  queues(): readonly QueueGauge[];
  functions(): readonly FunctionGauge[];
}

/** Writes one value to a metric of AWS's own, under each of several sets of dimensions. */
type Write = (
  namespace: string,
  sets: readonly Dimensions[],
  values: Readonly<Record<string, number>>,
  unit: string,
) => void;

const lastOf = (arn: string) => arn.split(":").at(-1) ?? "";

const invocation = (span: Span, write: Write) => {
  const FunctionName = lastOf(span.node);
  const sets: Dimensions[] = [{ FunctionName }, {}];
  write("AWS/Lambda", sets, { Invocations: 1, Errors: span.error === undefined ? 0 : 1 }, "Count");
  write("AWS/Lambda", sets, { Duration: span.durationMs }, "Milliseconds");
  const { iteratorAgeMs } = span.detail;
  if (typeof iteratorAgeMs === "number")
    write("AWS/Lambda", sets, { IteratorAge: iteratorAgeMs }, "Milliseconds");
};

const request = (span: Span, write: Write) => {
  const { apiName, stage, resourcePath, method } = span.detail;
  if (typeof apiName !== "string") return;
  const { status = 0 } = span.detail;
  const ApiName = apiName;
  const sets: Dimensions[] = [{ ApiName }];
  if (typeof stage === "string") {
    sets.push({ ApiName, Stage: stage });
    if (typeof resourcePath === "string" && typeof method === "string")
      sets.push({ ApiName, Stage: stage, Method: method, Resource: resourcePath });
  }
  const counts = {
    Count: 1,
    "4XXError": status >= 400 && status < 500 ? 1 : 0,
    "5XXError": status >= 500 ? 1 : 0,
  };
  write("AWS/ApiGateway", sets, counts, "Count");
  write("AWS/ApiGateway", sets, { Latency: span.durationMs }, "Milliseconds");
};

const table = (span: Span, write: Write) => {
  const TableName = /:table\/([^/]+)/.exec(span.node)?.[1];
  if (!TableName) return;
  const { readUnits = 0, writeUnits = 0, status = 0 } = span.detail;
  if (readUnits) write("AWS/DynamoDB", [{ TableName }], { ConsumedReadCapacityUnits: readUnits }, "Count");
  if (writeUnits) write("AWS/DynamoDB", [{ TableName }], { ConsumedWriteCapacityUnits: writeUnits }, "Count");
  const Operation = span.name.split(":")[1] ?? "";
  if (status < 400)
    write(
      "AWS/DynamoDB",
      [{ TableName, Operation }],
      { SuccessfulRequestLatency: span.durationMs },
      "Milliseconds",
    );
  else
    write(
      "AWS/DynamoDB",
      [{ TableName, Operation }],
      { [status < 500 ? "UserErrors" : "SystemErrors"]: 1 },
      "Count",
    );
};

const SENT: Readonly<Record<string, string>> = {
  "sqs:SendMessage": "NumberOfMessagesSent",
  "sqs:Deliver": "NumberOfMessagesSent",
  "sqs:DeleteMessage": "NumberOfMessagesDeleted",
};

const call = (span: Span, write: Write) => {
  if (span.name.startsWith("dynamodb:")) return table(span, write);
  const metric = SENT[span.name];
  if (metric && span.error === undefined)
    write("AWS/SQS", [{ QueueName: lastOf(span.node) }], { [metric]: 1 }, "Count");
};

/** Turns spans into the metrics AWS's own services publish, from now on. Returns a stop. */
export const observe = (recorder: Recorder, store: MetricStore, now: () => number): (() => void) => {
  const write: Write = (namespace, sets, values, unit) => {
    for (const dimensions of sets)
      for (const [name, value] of Object.entries(values))
        record(store, { namespace, name, dimensions }, { at: now(), values: [value], unit }, now());
  };
  return recorder.subscribe((span) => {
    if (span.kind === "invoke") invocation(span, write);
    else if (span.kind === "http") request(span, write);
    else call(span, write);
  });
};

/** Makes the reader of gauges: what queues hold, and how often functions were throttled since the last reading. */
export const gaugeReader = (gauges: Gauges, store: MetricStore) => {
  const seen = new Map<string, number>();
  return (at: number): void => {
    const put = (
      namespace: string,
      dimensions: Dimensions,
      values: Readonly<Record<string, number>>,
      unit: string,
    ) => {
      for (const [name, value] of Object.entries(values))
        record(store, { namespace, name, dimensions }, { at, values: [value], unit }, at);
    };
    for (const { name, ready, inFlight, delayed, oldestSeconds } of gauges.queues()) {
      const counts = {
        ApproximateNumberOfMessagesVisible: ready,
        ApproximateNumberOfMessagesNotVisible: inFlight,
        ApproximateNumberOfMessagesDelayed: delayed,
      };
      put("AWS/SQS", { QueueName: name }, counts, "Count");
      put("AWS/SQS", { QueueName: name }, { ApproximateAgeOfOldestMessage: oldestSeconds }, "Seconds");
    }
    for (const { arn, throttles, busy } of gauges.functions()) {
      const more = throttles - (seen.get(arn) ?? 0);
      seen.set(arn, throttles);
      for (const dimensions of [{ FunctionName: lastOf(arn) }, {}] as Dimensions[])
        put("AWS/Lambda", dimensions, { Throttles: more, ConcurrentExecutions: busy }, "Count");
    }
  };
};
