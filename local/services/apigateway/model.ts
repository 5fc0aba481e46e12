import { fields, list, number, text, textMap, texts } from "../../front/read.ts";
import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { buildTree, type ResourceNode } from "./resources.ts";

/** How a MOCK, AWS or HTTP integration answers for one status. */
export interface IntegrationResponse {
  readonly status: number;
  readonly selectionPattern?: string;
  /** `method.response.header.X` → `'literal'` or `integration.response.header.Y`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}

/** What stands behind a method. */
export interface Integration {
  readonly type: string;
  readonly uri: string;
  readonly httpMethod: string;
  readonly timeoutMs: number;
  readonly passthrough: string;
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly requestParameters: Readonly<Record<string, string>>;
  readonly responses: readonly IntegrationResponse[];
}

/** One method of one resource, with everything looked up beforehand. */
export interface Method {
  readonly httpMethod: string;
  readonly resourceId: string;
  readonly resourcePath: string;
  readonly authorization: string;
  readonly authorizerId?: string;
  readonly scopes: readonly string[];
  readonly apiKeyRequired: boolean;
  /** `method.request.header.X` → required. */
  readonly requestParameters: Readonly<Record<string, boolean>>;
  /** Content type → model name. */
  readonly requestModels: Readonly<Record<string, string>>;
  readonly validator?: { readonly body: boolean; readonly parameters: boolean };
  readonly integration?: Integration;
  readonly throttle?: { readonly rate: number; readonly burst: number };
}

export interface Stage {
  readonly name: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>> | null;
  readonly accessLog?: { readonly destinationArn: string; readonly format: string };
}

/** A customised gateway response. */
export interface GatewayResponse {
  readonly type: string;
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}

/** A REST API, read from the graph once. */
export interface RestApi {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  readonly region: string;
  readonly edge: boolean;
  readonly apiKeySource: string;
  readonly binaryMediaTypes: readonly string[];
  readonly minimumCompressionSize?: number;
  readonly root: ResourceNode<Method>;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
  readonly authorizers: ReadonlyMap<string, Resource>;
  /** Model name → JSON schema text. */
  readonly models: ReadonlyMap<string, string>;
}

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
  const validator = owned("requestValidator:RequestValidator").find(
    (r) => r.id === inputs.requestValidatorId,
  );
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
    ...(validator
      ? {
          validator: {
            body: validator.inputs.validateRequestBody === true,
            parameters: validator.inputs.validateRequestParameters === true,
          },
        }
      : {}),
    ...(integration ? { integration: readIntegration(integration, responses) } : {}),
    ...(throttle ? { throttle } : {}),
  };
};

const readApi = (graph: Graph, api: Resource): RestApi => {
  const owned = (type: string) =>
    byType(graph, TYPE + type).filter((r) => r.inputs.restApi === api.id || r.inputs.restApiId === api.id);
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
  const endpoint = texts(fields(api.inputs.endpointConfiguration).types ?? []);
  const type = endpoint[0] ?? text(fields(api.inputs.endpointConfiguration).types) ?? "EDGE";
  const compression = number(api.inputs.minimumCompressionSize);
  return {
    id: api.id,
    name: text(api.inputs.name) ?? api.name,
    arn: text(api.outputs.arn) ?? `arn:aws:apigateway:${graph.region}::/restapis/${api.id}`,
    accountId: graph.accountId,
    region: graph.region,
    edge: type === "EDGE",
    apiKeySource: text(api.inputs.apiKeySource) ?? "HEADER",
    binaryMediaTypes: texts(list(api.inputs.binaryMediaTypes)),
    ...(compression !== undefined && compression >= 0 ? { minimumCompressionSize: compression } : {}),
    root,
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
