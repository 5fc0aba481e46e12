import type { Graph, Resource } from "../graph/graph.ts";
import type { MapNode } from "./map.ts";

// Pulumi type → what the map calls it. Functions are drawn from their specs.
const KINDS: Record<string, string> = {
  "aws:cloudfront/distribution:Distribution": "edge",
  "aws:apigateway/restApi:RestApi": "api",
  "aws:apigatewayv2/api:Api": "api",
  "aws:dynamodb/table:Table": "table",
  "aws:sqs/queue:Queue": "queue",
  "aws:cloudwatch/eventBus:EventBus": "bus",
  "aws:scheduler/schedule:Schedule": "schedule",
  "aws:cognito/userPool:UserPool": "users",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:s3/bucketV2:BucketV2": "bucket",
  "aws:sns/topic:Topic": "topic",
  "aws:sesv2/emailIdentity:EmailIdentity": "mail",
};

/** A string, or nothing. */
export const text = (value: unknown) => (typeof value === "string" ? value : undefined);
/** How spans name a resource. */
export const arnOf = (resource: Resource) => text(resource.outputs.arn) ?? resource.urn;

/** The nearest component's name: `OrdersTable` rather than its physical child. */
const labelOf = (graph: Graph, resource: Resource): string => {
  const parent = graph.resources.find((r) => r.urn === resource.parent);
  return parent?.type.startsWith("sst:") && !parent.type.endsWith("Cdn") ? parent.name : resource.name;
};

const SETTINGS: Record<string, readonly string[]> = {
  table: ["billingMode", "hashKey", "rangeKey", "streamViewType"],
  queue: ["visibilityTimeoutSeconds", "messageRetentionSeconds", "fifoQueue", "delaySeconds"],
  schedule: ["scheduleExpression", "scheduleExpressionTimezone", "state"],
  api: ["endpointConfiguration", "routeSelectionExpression"],
};

const settingsOf = (kind: string, resource: Resource): Record<string, string> =>
  Object.fromEntries(
    (SETTINGS[kind] ?? []).flatMap((name) => {
      const value = resource.outputs[name];
      if (value === undefined || value === null || value === "") return [];
      return [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
    }),
  );

/** Every resource that has a place on the map. */
export const resourceNodes = (graph: Graph): MapNode[] =>
  graph.resources.flatMap((resource) => {
    const kind = KINDS[resource.type];
    if (kind === undefined) return [];
    return [
      {
        id: arnOf(resource),
        type: kind,
        label: labelOf(graph, resource),
        group: groupOf(resource.source),
        ...(resource.source && { file: resource.source }),
        settings: settingsOf(kind, resource),
      },
    ];
  });

/** `stacks/orders.ts:24` → `orders`. */
const groupOf = (source: string | undefined) => /([\w-]+)\.ts/.exec(source ?? "")?.[1] ?? "app";

/** Every function, named by its component. */
export const functionNodes = (graph: Graph): MapNode[] =>
  graph.functions.map((fn) => ({
    id: fn.arn,
    type: "function",
    label: fn.component,
    group: groupOf(fn.source),
    file: fn.handler.replace(/\.\w+$/, ".ts"),
    settings: {
      memory: `${fn.memoryMb} MB`,
      timeout: `${fn.timeoutSeconds} s`,
      runtime: fn.runtime,
      logs: fn.logGroup,
      ...(fn.reservedConcurrency !== undefined && { concurrency: String(fn.reservedConcurrency) }),
      ...(fn.source && { declared: fn.source }),
    },
  }));
