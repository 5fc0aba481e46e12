import { arnOf, but, type Example, made, plus, without } from "../kit/example.ts";

const throttle = { throttlingRateLimit: 10, throttlingBurstLimit: 10 };
const settings = { loggingLevel: "ERROR", dataTraceEnabled: false, ...throttle };
const on = { restApi: "api", stageName: "dev" };
const format = JSON.stringify({ requestId: "$context.requestId", status: "$context.status" });
const accessLogSettings = { destinationArn: arnOf("logs", "access"), format };

const stage = made("aws:apigateway/stage:Stage", "Stage", {
  ...on,
  xrayTracingEnabled: true,
  accessLogSettings,
});
const socketStage = made("aws:apigatewayv2/stage:Stage", "SocketStage", { accessLogSettings });
const all = made("aws:apigateway/methodSettings:MethodSettings", "All", {
  ...on,
  methodPath: "*/*",
  settings,
});

// GET /things/{id} of the API `api`, whose root resource is `root`.
const things = made("aws:apigateway/resource:Resource", "things", { parentId: "root", pathPart: "things" });
const thing = made("aws:apigateway/resource:Resource", "thing", { parentId: "things", pathPart: "{id}" });
const validator = made("aws:apigateway/requestValidator:RequestValidator", "Validator", {
  validateRequestBody: true,
  validateRequestParameters: true,
});
const read = made("aws:apigateway/method:Method", "Read", {
  restApi: "api",
  resourceId: "thing",
  httpMethod: "GET",
  authorization: "CUSTOM",
  requestValidatorId: "Validator",
});
const write = made("aws:apigateway/method:Method", "Write", {
  ...read.inputs,
  httpMethod: "POST",
  requestModels: { "application/json": "Thing" },
});
// The public list names it.
const health = ["api", "v1", "health"].map((pathPart, index, parts) =>
  made("aws:apigateway/resource:Resource", pathPart, { parentId: parts[index - 1] ?? "root", pathPart }),
);
const open = made("aws:apigateway/method:Method", "Open", {
  restApi: "api",
  resourceId: "health",
  httpMethod: "GET",
  authorization: "NONE",
});
const connect = made("aws:apigatewayv2/route:Route", "Connect", {
  routeKey: "$connect",
  authorizationType: "CUSTOM",
});
const own = made("aws:apigateway/methodSettings:MethodSettings", "Own", {
  ...on,
  methodPath: "things~1{id}/GET",
  settings,
});
const guard = made("aws:wafv2/webAclAssociation:WebAclAssociation", "Guard", {
  resourceArn: arnOf("apigateway", "Stage"),
});

const RESPONSE = "aws:apigateway/integrationResponse:IntegrationResponse";
const cors = (name: string, origin: string, more: Record<string, string> = {}) =>
  made(RESPONSE, name, {
    responseParameters: { "method.response.header.Access-Control-Allow-Origin": `'${origin}'`, ...more },
  });
const credentials = { "method.response.header.Access-Control-Allow-Credentials": "'true'" };
const anyHeader = { "method.response.header.Access-Control-Allow-Headers": "'*'" };

const domain = made("aws:apigateway/domainName:DomainName", "Domain", { securityPolicy: "TLS_1_2" });
const socketDomain = made("aws:apigatewayv2/domainName:DomainName", "SocketDomain", {
  domainNameConfiguration: { securityPolicy: "TLS_1_2" },
});

/** REST and WebSocket APIs. */
export const apiExamples: readonly Example[] = [
  {
    rule: 30,
    kept: [stage, socketStage],
    broken: {
      "no access log": but("Stage", { accessLogSettings: undefined }),
      "no JSON": but("Stage", { accessLogSettings: { ...accessLogSettings, format: "$context.requestId" } }),
      "no request id": but("Stage", { accessLogSettings: { ...accessLogSettings, format: "{}" } }),
      "no access log of sockets": but("SocketStage", { accessLogSettings: undefined }),
    },
  },
  {
    rule: 31,
    kept: [stage, all],
    broken: {
      unstated: without("All"),
      off: but("All", { settings: { ...settings, loggingLevel: "OFF" } }),
      "bodies logged": but("All", { settings: { ...settings, dataTraceEnabled: true } }),
      "off for one method": plus({
        ...own,
        inputs: { ...own.inputs, settings: { ...settings, loggingLevel: "OFF" } },
      }),
    },
  },
  {
    rule: 32,
    kept: [stage, all, things, thing, read, own],
    broken: {
      "no throttle of the stage": without("All"),
      "no throttle of the route": without("Own"),
      "a throttle without a burst": but("Own", { settings: { throttlingRateLimit: 10 } }),
    },
  },
  { rule: 33, kept: [stage], broken: { untraced: but("Stage", { xrayTracingEnabled: false }) } },
  { rule: 34, stage: "production", kept: [stage, guard], broken: { unguarded: without("Guard") } },
  {
    rule: 35,
    kept: [things, thing, read, ...health, open, connect],
    broken: {
      "open to anyone": but("Read", { authorization: "NONE" }),
      "public by the list, guarded in fact": but("Open", { authorization: "CUSTOM" }),
      "open sockets": but("Connect", { authorizationType: "NONE" }),
      "sockets that state nothing": but("Connect", { authorizationType: undefined }),
    },
  },
  {
    rule: 36,
    kept: [things, thing, read, write, validator],
    broken: {
      "no validator": but("Read", { requestValidatorId: undefined }),
      "unchecked parameters": but("Validator", { validateRequestParameters: false }),
      "unchecked bodies": but("Validator", { validateRequestBody: false }),
      "no model": but("Write", { requestModels: undefined }),
    },
  },
  {
    rule: 37,
    kept: [domain, socketDomain],
    broken: {
      "TLS 1.0": but("Domain", { securityPolicy: "TLS_1_0" }),
      unstated: but("Domain", { securityPolicy: undefined }),
      "sockets unstated": but("SocketDomain", { domainNameConfiguration: {} }),
    },
  },
  {
    rule: 38,
    kept: [cors("Listed", "https://example.com", credentials), cors("Public", "*")],
    broken: {
      credentials: plus(cors("Broken", "*", credentials)),
      "SST's own: any header, so Authorization too": plus(cors("Broken", "*", anyHeader)),
      "an HTTP API": plus(
        made("aws:apigatewayv2/api:Api", "Broken", {
          corsConfiguration: { allowOrigins: ["*"], allowCredentials: true },
        }),
      ),
      "a function URL": plus(
        made("aws:lambda/functionUrl:FunctionUrl", "Broken", {
          cors: { allowOrigins: ["*"], allowCredentials: true },
        }),
      ),
      "the edge": plus(
        made("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "Broken", {
          corsConfig: { accessControlAllowOrigins: { items: ["*"] }, accessControlAllowCredentials: true },
        }),
      ),
    },
  },
];
