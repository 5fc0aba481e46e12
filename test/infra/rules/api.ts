import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { arn, at, input, json, number, refersTo, text } from "../kit/read.ts";
import { each, rule, together } from "../kit/rule.ts";
import { publicRoutes } from "../public-routes.ts";

const STAGE = "aws:apigateway/stage:Stage";
const SETTINGS = "aws:apigateway/methodSettings:MethodSettings";

const stages = (graph: Graph) => byType(graph, STAGE);
const socketStages = (graph: Graph) => byType(graph, "aws:apigatewayv2/stage:Stage");

const pathOf = (graph: Graph, resourceId: unknown): string => {
  const resource = byType(graph, "aws:apigateway/resource:Resource").find((r) => r.id === resourceId);
  return resource ? `${pathOf(graph, resource.inputs.parentId)}/${text(resource.inputs.pathPart)}` : "";
};

/** Methods of REST APIs by what a caller would write, e.g. `GET /api/v1/links`. */
const methods = (graph: Graph) =>
  byType(graph, "aws:apigateway/method:Method").map((method) => {
    const path = pathOf(graph, method.inputs.resourceId) || "/";
    const verb = text(method.inputs.httpMethod);
    return { name: `${verb} ${path}`, key: `${path.slice(1).replaceAll("/", "~1")}/${verb}`, method };
  });

const settingsOf = (graph: Graph, stage: Resource) =>
  byType(graph, SETTINGS).filter(
    (settings) =>
      settings.inputs.restApi === stage.inputs.restApi &&
      settings.inputs.stageName === stage.inputs.stageName,
  );

const isThrottled = (settings: Resource | undefined) =>
  settings !== undefined &&
  number(input(settings, "settings", "throttlingRateLimit")) > 0 &&
  number(input(settings, "settings", "throttlingBurstLimit")) > 0;

const logsJson = (stage: Resource) => {
  const format = json(text(input(stage, "accessLogSettings", "format")));
  return typeof format === "object" && JSON.stringify(format).includes("$context.requestId");
};

const logsExecution = (graph: Graph, stage: Resource) => {
  const all = settingsOf(graph, stage);
  const base = all.find((settings) => settings.inputs.methodPath === "*/*");
  return [
    !["ERROR", "INFO"].includes(text(base && input(base, "settings", "loggingLevel"))) && "logs no execution",
    all.some((s) => input(s, "settings", "dataTraceEnabled") !== false) && "does not rule out logging bodies",
    all.some((s) => input(s, "settings", "loggingLevel") === "OFF") && "switches logging off for a method",
  ];
};

const isGuarded = (graph: Graph, resourceArn: string) =>
  byType(graph, "aws:wafv2/webAclAssociation:WebAclAssociation").some(
    (a) => a.inputs.resourceArn === resourceArn,
  );

const validates = (graph: Graph, method: Resource) => {
  const validator = byType(graph, "aws:apigateway/requestValidator:RequestValidator").find((v) =>
    refersTo(method.inputs.requestValidatorId, v),
  );
  const hasBody = ["POST", "PUT", "PATCH"].includes(text(method.inputs.httpMethod));
  return [
    validator?.inputs.validateRequestParameters !== true && "parameters are not validated",
    validator?.inputs.validateRequestBody !== true && "bodies are not validated",
    hasBody && Object.keys(method.inputs.requestModels ?? {}).length === 0 && "has no model of its body",
  ];
};

const CORS_RESPONSES = [
  "aws:apigateway/integrationResponse:IntegrationResponse",
  "aws:apigateway/response:Response",
];

/** What a response, API or policy says of CORS, whichever of AWS's four ways it is written in. */
const corsOf = (resource: Resource) => {
  const parameters = Object.entries(resource.inputs.responseParameters ?? {});
  const header = (name: string) =>
    text(parameters.find(([key]) => key.toLowerCase().endsWith(`header.${name}`))?.[1]).replaceAll("'", "");
  const config = resource.inputs.corsConfiguration ?? resource.inputs.cors ?? resource.inputs.corsConfig;
  const all = JSON.stringify(config ?? "").toLowerCase();
  const origins = at(config, "allowOrigins") ?? at(config, "accessControlAllowOrigins", "items");
  const headers = at(config, "allowHeaders") ?? at(config, "accessControlAllowHeaders", "items");
  return {
    origin: header("access-control-allow-origin") || (config ? JSON.stringify(origins ?? "") : ""),
    credentials:
      header("access-control-allow-credentials") === "true" ||
      /\*|authorization/i.test(header("access-control-allow-headers") + JSON.stringify(headers ?? "")) ||
      /credentials":true/.test(all),
  };
};

const withCors = (graph: Graph) =>
  [
    ...CORS_RESPONSES,
    "aws:apigatewayv2/api:Api",
    "aws:lambda/functionUrl:FunctionUrl",
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
  ]
    .flatMap((type) => byType(graph, type))
    .filter((resource) => corsOf(resource).origin !== "");

const modernTls = (policy: unknown) => /^(TLS_1_2|SecurityPolicy_TLS13_)/.test(text(policy));

export const apiRules = [
  rule(30, "Stages write JSON access logs", (graph) =>
    each([...stages(graph), ...socketStages(graph)], (stage) => [
      text(input(stage, "accessLogSettings", "destinationArn")) === "" && "writes no access log",
      !logsJson(stage) && "does not log requests as JSON with their id",
    ]),
  ),
  rule(31, "Stages log execution, never bodies", (graph) =>
    each(stages(graph), (stage) => logsExecution(graph, stage)),
  ),
  rule(32, "Stages and routes are throttled", (graph) =>
    together(
      each(stages(graph), (stage) => [
        !isThrottled(settingsOf(graph, stage).find((s) => s.inputs.methodPath === "*/*")) &&
          "is not throttled",
      ]),
      each(methods(graph), ({ key, method }) => [
        !byType(graph, SETTINGS).some(
          (s) => s.inputs.restApi === method.inputs.restApi && s.inputs.methodPath === key && isThrottled(s),
        ) && "has no throttle of its own",
      ]),
    ),
  ),
  rule(33, "REST stages are traced", (graph) =>
    each(stages(graph), (stage) => [stage.inputs.xrayTracingEnabled !== true && "X-Ray is not active"]),
  ),
  rule(34, "A firewall stands before every API in production", (graph) =>
    each(graph.stage === "production" ? stages(graph) : [], (stage) => [
      !isGuarded(graph, arn(stage)) && "has no web ACL",
    ]),
  ),
  rule(35, "Every route is authorized or on the public list", (graph) =>
    together(
      each(methods(graph), ({ name, method }) => [
        method.inputs.authorization === "NONE" && !(name in publicRoutes) && "anyone may call it",
        method.inputs.authorization !== "NONE" && name in publicRoutes && "is listed as public but is not",
      ]),
      each(
        byType(graph, "aws:apigatewayv2/route:Route").filter(
          (r) => !/^\$(default|disconnect)$/.test(text(r.inputs.routeKey)),
        ),
        (route) => [
          (route.inputs.authorizationType ?? "NONE") === "NONE" &&
            (route.inputs.routeKey === "$connect" || /^[A-Z]+ \//.test(text(route.inputs.routeKey))) &&
            "anyone may connect",
        ],
      ),
    ),
  ),
  rule(36, "Requests are validated before a function runs", (graph) =>
    each(methods(graph), ({ method }) => validates(graph, method)),
  ),
  rule(37, "Own domains speak TLS 1.2 or later", (graph) =>
    together(
      each(byType(graph, "aws:apigateway/domainName:DomainName"), (domain) => [
        !modernTls(domain.inputs.securityPolicy) && "takes TLS older than 1.2",
      ]),
      each(byType(graph, "aws:apigatewayv2/domainName:DomainName"), (domain) => [
        !modernTls(input(domain, "domainNameConfiguration", "securityPolicy")) && "takes TLS older than 1.2",
      ]),
    ),
  ),
  rule(38, "No answer lets every origin in with credentials", (graph) =>
    each(withCors(graph), (resource) => [
      corsOf(resource).origin.includes("*") &&
        corsOf(resource).credentials &&
        "every origin may send credentials",
    ]),
  ),
];

/** The methods of the graph's REST APIs, as a caller would write them. */
export const routesOf = (graph: Graph): string[] => methods(graph).map(({ name }) => name);
