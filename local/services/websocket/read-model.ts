import { fields, number, text, textMap, texts } from "../../front/read.ts";
import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import {
  type Authorizer,
  type Integration,
  LIMITS,
  type Mapping,
  type Route,
  type SocketApi,
  type Stage,
  type Throttle,
} from "./model.ts";

const TYPE = "aws:apigatewayv2/";

const of = (graph: Graph, kind: string, apiId: string) =>
  byType(graph, TYPE + kind).filter((r) => r.inputs.apiId === apiId);

const readThrottle = (value: unknown): Throttle | undefined => {
  const { throttlingRateLimit, throttlingBurstLimit } = fields(value);
  const [rate, burst] = [number(throttlingRateLimit), number(throttlingBurstLimit)];
  return rate !== undefined && burst !== undefined && rate >= 0 && burst >= 0 ? { rate, burst } : undefined;
};

const readStage = ({ id, inputs }: Resource): Stage => {
  const log = fields(inputs.accessLogSettings);
  const destinationArn = text(log.destinationArn);
  const throttle = readThrottle(inputs.defaultRouteSettings);
  const settings = Array.isArray(inputs.routeSettings) ? inputs.routeSettings : [];
  return {
    name: text(inputs.name) ?? id,
    variables: textMap(inputs.stageVariables),
    ...(destinationArn ? { accessLog: { destinationArn, format: text(log.format) ?? "" } } : {}),
    ...(throttle ? { throttle } : {}),
    routeThrottles: new Map(
      settings.flatMap((one) => {
        const [key, own] = [text(fields(one).routeKey), readThrottle(one)];
        return key && own ? [[key, own] as const] : [];
      }),
    ),
  };
};

const readIntegration = (resource: Resource, responses: readonly Resource[]): Integration => {
  const { inputs } = resource;
  const answer = responses.find(
    (r) => r.inputs.integrationId === resource.id && r.inputs.integrationResponseKey === "$default",
  );
  const templates = textMap(answer?.inputs.responseTemplates);
  const selected = text(answer?.inputs.templateSelectionExpression)?.replace(/^\\/, "");
  const responseTemplate = templates[selected ?? "$default"] ?? Object.values(templates)[0];
  return {
    type: text(inputs.integrationType) ?? "AWS_PROXY",
    uri: text(inputs.integrationUri) ?? "",
    method: text(inputs.integrationMethod) ?? "POST",
    timeoutMs: Math.min(number(inputs.timeoutMilliseconds) ?? LIMITS.integrationMs, LIMITS.integrationMs),
    requestTemplates: textMap(inputs.requestTemplates),
    requestParameters: textMap(inputs.requestParameters),
    ...(responseTemplate === undefined ? {} : { responseTemplate }),
  };
};

const at = (source: string | undefined) => (source ? ` (${source})` : "");

const readAuthorizer = (resource: Resource): Authorizer => {
  const { inputs } = resource;
  // What CreateAuthorizer refuses must not pass here: it would be an open door after `sst deploy`.
  if (inputs.authorizerType !== "REQUEST") {
    throw new Error(
      `${resource.name}${at(resource.source)}: a WebSocket API takes Lambda authorizers (REQUEST) only, not ${text(inputs.authorizerType) ?? "none"}`,
    );
  }
  return {
    id: resource.id,
    uri: text(inputs.authorizerUri) ?? "",
    identitySources: texts(inputs.identitySources),
  };
};

interface Parts {
  readonly integrations: ReadonlyMap<string, Integration>;
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  readonly responses: readonly Resource[];
}

const SERVED = new Set(["AWS_PROXY", "MOCK", "HTTP_PROXY"]);

const remarksOn = (
  { inputs }: Resource,
  integration: Integration | undefined,
  two: { readonly selects: boolean; readonly answers: boolean },
): string[] => {
  const { selects, answers } = two;
  const remarks: string[] = [];
  if (!integration) remarks.push("it has no integration, and answers nothing");
  else if (!SERVED.has(integration.type))
    remarks.push(`nothing local serves ${integration.type} integrations`);
  if (selects && !answers) remarks.push("it has no route response: nothing is sent back");
  if (answers && !selects) {
    remarks.push("its response is never selected (routeResponseSelectionExpression): nothing is sent back");
  }
  if (inputs.modelSelectionExpression) remarks.push("messages are not checked against its models here");
  return remarks;
};

const readRoute = (resource: Resource, { integrations, authorizers, responses }: Parts): Route => {
  const { inputs, id, source } = resource;
  const key = text(inputs.routeKey) ?? "";
  const authorization = text(inputs.authorizationType) ?? "NONE";
  const authorizer = authorizers.get(text(inputs.authorizerId) ?? "");
  const integration = integrations.get(text(inputs.target)?.replace(/^integrations\//, "") ?? "");
  if (authorization !== "NONE" && key !== "$connect") {
    throw new Error(`Route ${key}${at(source)}: only $connect can be authorized`);
  }
  if (!["NONE", "AWS_IAM", "CUSTOM"].includes(authorization)) {
    throw new Error(`Route ${key}${at(source)}: a WebSocket API knows no ${authorization} authorization`);
  }
  if (authorization === "CUSTOM" && !authorizer) {
    throw new Error(`Route ${key}${at(source)} names an authorizer that its API does not have`);
  }
  // Both are needed for two-way communication: the response, and the expression that selects it.
  const selects = inputs.routeResponseSelectionExpression === "$default";
  const answers = responses.some((r) => r.inputs.routeId === id && r.inputs.routeResponseKey === "$default");
  return {
    key,
    authorization,
    ...(authorizer ? { authorizer } : {}),
    ...(integration ? { integration } : {}),
    responds: selects && answers,
    apiKeyRequired: inputs.apiKeyRequired === true,
    remarks: remarksOn(resource, integration, { selects, answers }),
    ...(source ? { source } : {}),
  };
};

const BY_AUTHORIZER = "$context.authorizer.usageIdentifierKey";

const readApi = (graph: Graph, api: Resource): SocketApi => {
  const replies = of(graph, "integrationResponse:IntegrationResponse", api.id);
  const parts: Parts = {
    integrations: new Map(
      of(graph, "integration:Integration", api.id).map((r) => [r.id, readIntegration(r, replies)]),
    ),
    authorizers: new Map(of(graph, "authorizer:Authorizer", api.id).map((r) => [r.id, readAuthorizer(r)])),
    responses: of(graph, "routeResponse:RouteResponse", api.id),
  };
  const routes = of(graph, "route:Route", api.id).map((r) => readRoute(r, parts));
  const stages = of(graph, "stage:Stage", api.id).map(readStage);
  return {
    id: api.id,
    name: text(api.inputs.name) ?? api.name,
    arn: text(api.outputs.arn) ?? `arn:aws:apigateway:${graph.region}::/apis/${api.id}`,
    executionArn: `arn:aws:execute-api:${graph.region}:${graph.accountId}:${api.id}`,
    region: graph.region,
    keySource: api.inputs.apiKeySelectionExpression === BY_AUTHORIZER ? "authorizer" : "header",
    selection: text(api.inputs.routeSelectionExpression) ?? "$request.body.action",
    routes: new Map(routes.map((route) => [route.key, route])),
    stages: new Map(stages.map((stage) => [stage.name, stage])),
  };
};

/** Every WebSocket API of the graph. */
export const readSocketApis = (graph: Graph): SocketApi[] =>
  byType(graph, `${TYPE}api:Api`)
    .filter((api) => api.inputs.protocolType === "WEBSOCKET")
    .map((api) => readApi(graph, api));

/** Custom domains of WebSocket APIs, the longest path first. */
export const readMappings = (graph: Graph): Mapping[] => {
  const sockets = new Set(readSocketApis(graph).map((api) => api.id));
  return byType(graph, `${TYPE}apiMapping:ApiMapping`)
    .map(({ inputs }) => ({
      host: (text(inputs.domainName) ?? "").toLowerCase(),
      key: text(inputs.apiMappingKey) ?? "",
      apiId: text(inputs.apiId) ?? "",
      stage: text(inputs.stage) ?? "",
    }))
    .filter((mapping) => sockets.has(mapping.apiId))
    .sort((a, b) => b.key.length - a.key.length);
};
