import { fields, list, number, text, textMap, texts } from "../../front/read.ts";
import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import type { GatewayResponse, Integration, IntegrationResponse, Method, RestApi, Stage } from "./model.ts";
import { buildTree } from "./resources.ts";

const TYPE = "aws:apigateway/";
const DEFAULT_TIMEOUT_MS = 29_000;

const flags = (value: unknown): Record<string, boolean> =>
  Object.fromEntries(Object.entries(fields(value)).map(([key, flag]) => [key, flag === true]));

const readResponse = (resource: Resource): IntegrationResponse => ({
  status: number(resource.inputs.statusCode) ?? 200,
  ...(text(resource.inputs.selectionPattern)
    ? { selectionPattern: String(resource.inputs.selectionPattern) }
    : {}),
  headers: textMap(resource.inputs.responseParameters),
  templates: textMap(resource.inputs.responseTemplates),
});

const readIntegration = (resource: Resource, responses: readonly Resource[]): Integration => ({
  type: text(resource.inputs.type) ?? "MOCK",
  uri: text(resource.inputs.uri) ?? "",
  httpMethod: text(resource.inputs.integrationHttpMethod) ?? "",
  timeoutMs: number(resource.inputs.timeoutMilliseconds) ?? DEFAULT_TIMEOUT_MS,
  passthrough: text(resource.inputs.passthroughBehavior) ?? "WHEN_NO_MATCH",
  requestTemplates: textMap(resource.inputs.requestTemplates),
  requestParameters: textMap(resource.inputs.requestParameters),
  responses: responses.map(readResponse),
});

const methodKey = (resource: Resource) =>
  `${resource.inputs.resourceId} ${String(resource.inputs.httpMethod).toUpperCase()}`;

/** `path/to/{x}/GET`, as the provider writes it, or `~1path~1to/GET`, as the API does. */
const settingFor = (settings: readonly Resource[], path: string, method: string) => {
  const wanted = [`${path}/${method}`, "*/*"];
  for (const key of wanted) {
    for (const setting of settings) {
      const raw = (text(setting.inputs.methodPath) ?? "").replaceAll("~1", "/").replace(/^\//, "");
      if (raw !== key.replace(/^\//, "")) continue;
      const values = fields(setting.inputs.settings);
      const rate = number(values.throttlingRateLimit);
      const burst = number(values.throttlingBurstLimit);
      // -1 means the account's limit.
      if (rate !== undefined && burst !== undefined && rate >= 0 && burst >= 0) return { rate, burst };
    }
  }
  return undefined;
};

const readStage = (resource: Resource): Stage => {
  const log = fields(resource.inputs.accessLogSettings);
  const destinationArn = text(log.destinationArn);
  const variables = textMap(resource.inputs.variables);
  return {
    name: text(resource.inputs.stageName) ?? "",
    deploymentId: text(resource.inputs.deployment) ?? "",
    variables: Object.keys(variables).length > 0 ? variables : null,
    ...(destinationArn ? { accessLog: { destinationArn, format: text(log.format) ?? "" } } : {}),
  };
};

const readGatewayResponse = (resource: Resource): GatewayResponse => {
  const status = number(resource.inputs.statusCode);
  return {
    type: text(resource.inputs.responseType) ?? "",
    ...(status === undefined ? {} : { status }),
    headers: textMap(resource.inputs.responseParameters),
    templates: textMap(resource.inputs.responseTemplates),
  };
};

const readValidator = (validators: readonly Resource[], id: unknown): Method["validator"] => {
  const inputs = validators.find((r) => r.id === id)?.inputs;
  if (!inputs) return undefined;
  return { body: inputs.validateRequestBody === true, parameters: inputs.validateRequestParameters === true };
};

const readMethod = (
  resource: Resource,
  path: string,
  owned: (type: string) => readonly Resource[],
  settings: readonly Resource[],
): Method => {
  const { inputs } = resource;
  const key = methodKey(resource);
  const httpMethod = String(inputs.httpMethod).toUpperCase();
  const integration = owned("integration:Integration").find((r) => methodKey(r) === key);
  const responses = owned("integrationResponse:IntegrationResponse").filter((r) => methodKey(r) === key);
  const validator = readValidator(owned("requestValidator:RequestValidator"), inputs.requestValidatorId);
  const authorizerId = text(inputs.authorizerId);
  const throttle = settingFor(settings, path, httpMethod);
  return {
    httpMethod,
    resourceId: String(inputs.resourceId),
    resourcePath: path,
    authorization: text(inputs.authorization) ?? "NONE",
    ...(authorizerId ? { authorizerId } : {}),
    scopes: texts(inputs.authorizationScopes),
    apiKeyRequired: inputs.apiKeyRequired === true,
    requestParameters: flags(inputs.requestParameters),
    requestModels: textMap(inputs.requestModels),
    ...(validator ? { validator } : {}),
    ...(integration ? { integration: readIntegration(integration, responses) } : {}),
    ...(throttle ? { throttle } : {}),
  };
};

type Owned = (type: string) => readonly Resource[];

/** The resource tree with the methods of each resource. */
const readTree = (api: Resource, owned: Owned) => {
  const rootId = text(api.outputs.rootResourceId) ?? "";
  const parts = owned("resource:Resource").map((r) => ({
    id: r.id,
    parentId: String(r.inputs.parentId),
    pathPart: String(r.inputs.pathPart),
  }));
  const nodes = buildTree<Method>(rootId, parts);
  const settings = owned("methodSettings:MethodSettings");
  for (const resource of owned("method:Method")) {
    const node = nodes.get(String(resource.inputs.resourceId));
    if (!node) continue;
    const method = readMethod(resource, node.path, owned, settings);
    node.methods.set(method.httpMethod, method);
  }
  const root = nodes.get(rootId);
  if (!root) throw new Error(`REST API ${api.name} has no root resource`);
  return root;
};

const endpointType = (api: Resource): string => {
  const { types } = fields(api.inputs.endpointConfiguration);
  return texts(types)[0] ?? text(types) ?? "EDGE";
};

const readApi = (graph: Graph, api: Resource): RestApi => {
  const owned: Owned = (type) =>
    byType(graph, TYPE + type).filter((r) => r.inputs.restApi === api.id || r.inputs.restApiId === api.id);
  const compression = number(api.inputs.minimumCompressionSize);
  return {
    id: api.id,
    name: text(api.inputs.name) ?? api.name,
    arn: text(api.outputs.arn) ?? `arn:aws:apigateway:${graph.region}::/restapis/${api.id}`,
    accountId: graph.accountId,
    region: graph.region,
    edge: endpointType(api) === "EDGE",
    apiKeySource: text(api.inputs.apiKeySource) ?? "HEADER",
    binaryMediaTypes: texts(list(api.inputs.binaryMediaTypes)),
    ...(compression !== undefined && compression >= 0 ? { minimumCompressionSize: compression } : {}),
    root: readTree(api, owned),
    stages: new Map(owned("stage:Stage").map((r) => [String(r.inputs.stageName), readStage(r)])),
    gatewayResponses: new Map(
      owned("response:Response").map((r) => [String(r.inputs.responseType), readGatewayResponse(r)]),
    ),
    authorizers: new Map(owned("authorizer:Authorizer").map((r) => [r.id, r])),
    models: new Map(owned("model:Model").map((r) => [String(r.inputs.name), String(r.inputs.schema ?? "")])),
  };
};

/** Every REST API of the graph. */
export const readRestApis = (graph: Graph): RestApi[] =>
  byType(graph, `${TYPE}restApi:RestApi`).map((api) => readApi(graph, api));
