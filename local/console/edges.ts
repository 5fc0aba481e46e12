import { byType, functionByArn, type Graph, type Resource } from "../graph/graph.ts";
import type { MapEdge, MapNode } from "./map.ts";
import { arnOf, text } from "./nodes.ts";

/** One arrow; its id is the pair. */
export const edge = (from: string, to: string, label?: string): MapEdge => ({
  id: `${from}→${to}`,
  from,
  to,
  ...(label !== undefined && { label }),
});

const routeEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:apigateway/integration:Integration").flatMap((integration) => {
    const fn = functionByArn(graph, String(integration.inputs.uri ?? ""));
    const api = byType(graph, "aws:apigateway/restApi:RestApi").find(
      (r) => r.id === integration.inputs.restApi,
    );
    return fn && api ? [edge(arnOf(api), fn.arn, String(integration.inputs.httpMethod))] : [];
  });

const authorizerEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:apigateway/authorizer:Authorizer").flatMap((authorizer) => {
    const fn = functionByArn(graph, String(authorizer.inputs.authorizerUri ?? ""));
    const api = byType(graph, "aws:apigateway/restApi:RestApi").find(
      (r) => r.id === authorizer.inputs.restApi,
    );
    return fn && api ? [edge(arnOf(api), fn.arn, "authorizes")] : [];
  });

/** Routes and authorizers of WebSocket and HTTP APIs. */
const socketEdges = (graph: Graph): MapEdge[] => {
  const to = (apiId: unknown, uri: unknown, label: string): MapEdge[] => {
    const api = byType(graph, "aws:apigatewayv2/api:Api").find((r) => r.id === apiId);
    const fn = functionByArn(graph, String(uri ?? ""));
    return fn && api ? [edge(arnOf(api), fn.arn, label)] : [];
  };
  const integrations = byType(graph, "aws:apigatewayv2/integration:Integration");
  return [
    ...byType(graph, "aws:apigatewayv2/route:Route").flatMap(({ inputs }) => {
      const integration = integrations.find((r) => inputs.target === `integrations/${r.id}`);
      return to(inputs.apiId, integration?.inputs.integrationUri, String(inputs.routeKey));
    }),
    ...byType(graph, "aws:apigatewayv2/authorizer:Authorizer").flatMap(({ inputs }) =>
      to(inputs.apiId, inputs.authorizerUri, "authorizes"),
    ),
  ];
};

const edgeOrigins = (graph: Graph): MapEdge[] => {
  const distributions = byType(graph, "aws:cloudfront/distribution:Distribution");
  const apis = byType(graph, "aws:apigateway/restApi:RestApi");
  return distributions.flatMap((d) => apis.map((api) => edge(arnOf(d), arnOf(api))));
};

const mappingEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping").flatMap((mapping) => {
    const fn = functionByArn(graph, String(mapping.inputs.functionName ?? ""));
    const source = String(mapping.inputs.eventSourceArn ?? "").replace(/\/stream\/.*$/, "");
    return fn ? [edge(source, fn.arn, source.includes(":dynamodb:") ? "stream" : "batch")] : [];
  });

const ruleEdges = (graph: Graph): MapEdge[] => {
  const buses = byType(graph, "aws:cloudwatch/eventBus:EventBus");
  return byType(graph, "aws:cloudwatch/eventTarget:EventTarget").flatMap((target) => {
    const bus = buses.find((b) => b.outputs.name === target.inputs.eventBusName);
    const rule = byType(graph, "aws:cloudwatch/eventRule:EventRule").find(
      (r) => r.outputs.name === target.inputs.rule,
    );
    const pattern = text(rule?.inputs.eventPattern);
    const kinds = pattern ? (JSON.parse(pattern) as { "detail-type"?: unknown[] })["detail-type"] : undefined;
    return bus ? [edge(arnOf(bus), String(target.inputs.arn), kinds?.filter(text).join(", "))] : [];
  });
};

const scheduleEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:scheduler/schedule:Schedule").map((schedule) => {
    const target = schedule.inputs.target as { arn?: unknown } | undefined;
    return edge(arnOf(schedule), String(target?.arn), text(schedule.inputs.scheduleExpression));
  });

const redriveEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:sqs/queue:Queue").flatMap((queue) => {
    const policy = queue.outputs.redrivePolicy;
    const parsed = (typeof policy === "string" && policy ? JSON.parse(policy) : policy) as
      | { deadLetterTargetArn?: string }
      | undefined;
    return parsed?.deadLetterTargetArn ? [edge(arnOf(queue), parsed.deadLetterTargetArn, "gives up")] : [];
  });

const logEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter").flatMap((filter) => {
    const from = graph.functions.find((fn) => fn.logGroup === filter.inputs.logGroup);
    const to = functionByArn(graph, String(filter.inputs.destinationArn ?? ""));
    return from && to ? [edge(from.arn, to.arn, "log lines")] : [];
  });

/** What a function is linked to: `SST_RESOURCE_<Name>` names the component. */
const linkEdges = (graph: Graph, nodes: readonly MapNode[]): MapEdge[] =>
  graph.functions.flatMap((fn) =>
    Object.keys(fn.environment).flatMap((name) => {
      const component = /^SST_RESOURCE_(.+)$/.exec(name)?.[1];
      const to = nodes.find((node) => node.label === component && node.type !== "function");
      return to ? [edge(fn.arn, to.id)] : [];
    }),
  );

/** Functions told of a user pool by its id: in the issuer's address, say. */
const poolEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:cognito/userPool:UserPool").flatMap((pool) =>
    graph.functions
      .filter((fn) => Object.values(fn.environment).some((value) => value.includes(pool.id)))
      .map((fn) => edge(fn.arn, arnOf(pool))),
  );

/** Sites behind the edge: the bucket is a child of the site, whose files a distribution serves. */
const siteEdges = (graph: Graph): MapEdge[] => {
  const [distribution] = byType(graph, "aws:cloudfront/distribution:Distribution");
  const isSite = (urn: string | undefined): boolean => {
    const parent = graph.resources.find((one) => one.urn === urn);
    return parent !== undefined && (parent.type === "sst:aws:StaticSite" || isSite(parent.parent));
  };
  return byType(graph, "aws:s3/bucket:Bucket")
    .filter((bucket) => distribution && isSite(bucket.parent))
    .map((bucket) => edge(arnOf(distribution as Resource), arnOf(bucket), "files"));
};

const failureEdges = (graph: Graph): MapEdge[] =>
  graph.functions.flatMap((fn) =>
    fn.async.onFailureArn ? [edge(fn.arn, fn.async.onFailureArn, "gives up")] : [],
  );

const endpointOf = (graph: Graph, arn: string): string => functionByArn(graph, arn)?.arn ?? arn;

const topicEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) =>
    edge(String(inputs.topic), endpointOf(graph, String(inputs.endpoint)), text(inputs.protocol)),
  );

interface Notified {
  readonly events?: readonly string[];
  readonly lambdaFunctionArn?: string;
  readonly queueArn?: string;
  readonly topicArn?: string;
}

/** Whom a bucket tells of its objects. */
const notificationEdges = (graph: Graph): MapEdge[] =>
  byType(graph, "aws:s3/bucketNotification:BucketNotification").flatMap(({ inputs }) => {
    const buckets = [...byType(graph, "aws:s3/bucket:Bucket"), ...byType(graph, "aws:s3/bucketV2:BucketV2")];
    const bucket = buckets.find(({ id, outputs }) => [id, outputs.bucket].includes(inputs.bucket));
    const told = [inputs.lambdaFunctions, inputs.queues, inputs.topics].flatMap((list) =>
      Array.isArray(list) ? (list as Notified[]) : [],
    );
    if (!bucket) return [];
    return told.map(({ lambdaFunctionArn, queueArn, topicArn, events }) => {
      const target = lambdaFunctionArn ?? queueArn ?? topicArn ?? "";
      const kinds = events?.map((event) => event.replace(/^s3:/, "")).join(", ");
      return edge(arnOf(bucket), endpointOf(graph, target), kinds);
    });
  });

/** Every arrow the graph states, in no order, pairs repeated. */
export const allEdges = (graph: Graph, nodes: readonly MapNode[]): MapEdge[] => [
  ...edgeOrigins(graph),
  ...routeEdges(graph),
  ...authorizerEdges(graph),
  ...socketEdges(graph),
  ...mappingEdges(graph),
  ...ruleEdges(graph),
  ...scheduleEdges(graph),
  ...redriveEdges(graph),
  ...logEdges(graph),
  ...linkEdges(graph, nodes),
  ...poolEdges(graph),
  ...siteEdges(graph),
  ...failureEdges(graph),
  ...topicEdges(graph),
  ...notificationEdges(graph),
];
