import { byType, type FunctionSpec, functionByArn, type Graph } from "../../graph/graph.ts";

/** What invokes a function, and an event such as it sends. */
export interface Trigger {
  readonly kind:
    | "api"
    | "queue"
    | "stream"
    | "rule"
    | "schedule"
    | "bucket"
    | "topic"
    | "socket"
    | "authorizer"
    | "logs";
  /** The route, queue, rule or schedule. */
  readonly name: string;
  readonly event: unknown;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const calls = (graph: Graph, uri: unknown, spec: FunctionSpec) =>
  functionByArn(graph, text(uri))?.arn === spec.arn;

const routeOf = (graph: Graph, method: Readonly<Record<string, unknown>>): string => {
  const resource = byType(graph, "aws:apigateway/resource:Resource").find(
    ({ id }) => id === method.resourceId,
  );
  return text(resource?.outputs.path) || "/";
};

const proxyEvent = (method: string, path: string) => ({
  resource: path,
  path: path.replaceAll(/\{(\w+)\+?\}/g, "$1"),
  httpMethod: method === "ANY" ? "GET" : method,
  headers: { accept: "application/json" },
  multiValueHeaders: { accept: ["application/json"] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: Object.fromEntries([...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => [name, name])),
  stageVariables: null,
  requestContext: {
    stage: "local",
    requestId: "00000000-0000-4000-8000-000000000000",
    identity: { sourceIp: "127.0.0.1" },
  },
  body: null,
  isBase64Encoded: false,
});

const apiTriggers = (graph: Graph, spec: FunctionSpec): Trigger[] =>
  byType(graph, "aws:apigateway/integration:Integration")
    .filter(({ inputs }) => calls(graph, inputs.uri, spec))
    .map(({ inputs }) => {
      const path = routeOf(graph, inputs);
      const method = text(inputs.httpMethod) || "GET";
      return { kind: "api", name: `${method} ${path}`, event: proxyEvent(method, path) };
    });

const queueEvent = (arn: string, region: string) => ({
  Records: [
    {
      messageId: "00000000-0000-4000-8000-000000000000",
      receiptHandle: "sample",
      body: "{}",
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "1700000000000",
        SenderId: "sample",
        ApproximateFirstReceiveTimestamp: "1700000000000",
      },
      messageAttributes: {},
      md5OfBody: "99914b932bd37a50b983c5e7c90ae93b",
      eventSource: "aws:sqs",
      eventSourceARN: arn,
      awsRegion: region,
    },
  ],
});

const streamEvent = (arn: string, region: string) => ({
  Records: [
    {
      eventID: "0",
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: region,
      dynamodb: {
        Keys: {},
        NewImage: {},
        SequenceNumber: "1",
        SizeBytes: 0,
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
      eventSourceARN: arn,
    },
  ],
});

const mappingTriggers = (graph: Graph, spec: FunctionSpec): Trigger[] =>
  byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping")
    .filter(({ inputs }) => [spec.name, spec.arn].includes(text(inputs.functionName)))
    .map(({ inputs }) => {
      const arn = text(inputs.eventSourceArn);
      return arn.includes(":dynamodb:")
        ? { kind: "stream", name: arn.split("/")[1] ?? arn, event: streamEvent(arn, graph.region) }
        : { kind: "queue", name: arn.split(":").at(-1) ?? arn, event: queueEvent(arn, graph.region) };
    });

const ruleTriggers = (graph: Graph, spec: FunctionSpec): Trigger[] =>
  byType(graph, "aws:cloudwatch/eventTarget:EventTarget")
    .filter(({ inputs }) => calls(graph, inputs.arn, spec))
    .map(({ inputs }) => {
      const rule = byType(graph, "aws:cloudwatch/eventRule:EventRule").find(
        ({ outputs }) => outputs.name === inputs.rule,
      );
      const pattern = JSON.parse(text(rule?.inputs.eventPattern) || "{}") as Record<
        string,
        unknown[] | undefined
      >;
      const event = {
        version: "0",
        id: "00000000-0000-4000-8000-000000000000",
        "detail-type": pattern["detail-type"]?.[0] ?? "Sample",
        source: pattern.source?.[0] ?? "console",
        account: graph.accountId,
        time: "2026-01-01T00:00:00Z",
        region: graph.region,
        resources: [],
        detail: {},
      };
      return { kind: "rule", name: text(inputs.rule), event };
    });

const scheduleTriggers = (graph: Graph, spec: FunctionSpec): Trigger[] =>
  byType(graph, "aws:scheduler/schedule:Schedule").flatMap(({ name, inputs }) => {
    const target = inputs.target as { arn?: unknown; input?: unknown } | undefined;
    if (!calls(graph, target?.arn, spec)) return [];
    return [{ kind: "schedule" as const, name, event: JSON.parse(text(target?.input) || "{}") as unknown }];
  });

/** Everything in the graph that invokes a function, each with an event such as it sends. */
export const triggersOf = (graph: Graph, spec: FunctionSpec): Trigger[] => [
  ...apiTriggers(graph, spec),
  ...mappingTriggers(graph, spec),
  ...ruleTriggers(graph, spec),
  ...scheduleTriggers(graph, spec),
];
