import { type EdgeRequest, type EdgeResponse, type Header, headerOf } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { writeAccessLog } from "./access-log.ts";
import { createAuthorize, type RestOptions } from "./authorization.ts";
import { type Call, openCall } from "./context.ts";
import { faultyRequests } from "./faulty.ts";
import { GatewayError, gatewayErrorResponse } from "./gateway-errors.ts";
import { lambdaProxy, spanDetail } from "./lambda-proxy.ts";
import { httpProxy, lambdaMapped, mock } from "./mapped-integrations.ts";
import type { Method, RestApi, Stage } from "./model.ts";
import { readRestApis } from "./read-model.ts";
import { matchPath } from "./resources.ts";
import { type Take, tokenBucket } from "./throttle.ts";
import { createUsagePlans } from "./usage-plans.ts";
import { createModels, validateRequest } from "./validate.ts";

/** A REST API ready to answer. */
export interface RestApiHandler {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly stages: readonly string[];
  /** `path` is the request's path after the stage; `fullPath` what the client asked for on the API's own host. */
  handle(request: EdgeRequest, stage: string, path: string): Promise<EdgeResponse>;
}

const integrate = (cloud: Cloud, call: Call, method: Method): EdgeResponse | Promise<EdgeResponse> => {
  const { integration } = method;
  if (integration?.type === "AWS_PROXY") return lambdaProxy(cloud, call, integration);
  if (integration?.type === "MOCK") return mock(call, integration);
  if (integration?.type === "HTTP_PROXY" || integration?.type === "HTTP") {
    return httpProxy(cloud, call, integration);
  }
  if (integration?.type === "AWS" && integration.uri.includes(":lambda:path/")) {
    return lambdaMapped(cloud, call, integration);
  }
  cloud.print(`apigateway: nothing local serves ${integration?.type} ${integration?.uri ?? ""}`);
  throw new GatewayError("API_CONFIGURATION_ERROR");
};

const findMethod = (call: Call): Method => {
  const match = matchPath(call.api.root, call.path);
  const method = match?.node.methods.get(call.request.method) ?? match?.node.methods.get("ANY");
  if (!match || !method) throw new GatewayError("MISSING_AUTHENTICATION_TOKEN");
  call.method = method;
  call.pathParameters = match.params;
  return method;
};

const REFUSALS = { unknown: "INVALID_API_KEY", throttled: "THROTTLED", quota: "QUOTA_EXCEEDED" } as const;

/** Request line and headers together may take 10,240 bytes. */
const headersTooLarge = (request: EdgeRequest): boolean => {
  let size = request.method.length + request.path.length + request.query.length + 12;
  for (const [name, value] of request.headers) size += name.length + value.length + 4;
  return size > 10_240;
};

const finish = (call: Call, response: EdgeResponse): EdgeResponse => {
  const headers: Header[] = [
    ...response.headers,
    ["x-amzn-RequestId", call.requestId],
    ["x-amz-apigw-id", call.extendedRequestId],
  ];
  if (!call.error && call.method?.integration?.type !== "HTTP_PROXY") {
    headers.push(["X-Amzn-Trace-Id", call.request.trace]);
  }
  return { ...response, headers, node: call.api.arn, detail: spanDetail(call) };
};

/** What one API needs to answer: everything compiled beforehand. */
interface Runtime {
  readonly cloud: Cloud;
  readonly api: RestApi;
  readonly plans: ReturnType<typeof createUsagePlans>;
  readonly models: ReturnType<typeof createModels>;
  readonly authorize: ReturnType<typeof createAuthorize>;
  readonly country: string;
  readonly buckets: Map<Method, Take>;
}

const throttled = ({ cloud, buckets }: Runtime, method: Method): boolean => {
  if (!method.throttle) return false;
  let take = buckets.get(method);
  if (!take) {
    take = tokenBucket(cloud.clock, method.throttle.rate, method.throttle.burst);
    buckets.set(method, take);
  }
  return !take();
};

const checkKey = ({ api, plans }: Runtime, call: Call, method: Method): void => {
  if (!method.apiKeyRequired) return;
  const value = api.apiKeySource === "AUTHORIZER" ? call.apiKey : headerOf(call.request.headers, "x-api-key");
  const at = { path: method.resourcePath, httpMethod: method.httpMethod };
  const verdict = plans(value, api.id, call.stage.name, at);
  if (verdict.kind !== "allowed") throw new GatewayError(REFUSALS[verdict.kind]);
  call.apiKey = value ?? "";
  call.apiKeyId = verdict.keyId;
};

/** Throttle, authorizer, key, validation, integration: in the order of API Gateway's execution log. */
const run = async (runtime: Runtime, call: Call): Promise<EdgeResponse> => {
  if (call.request.oversized) throw new GatewayError("REQUEST_TOO_LARGE");
  const method = findMethod(call);
  if (throttled(runtime, method)) throw new GatewayError("THROTTLED");
  await runtime.authorize(call, method);
  checkKey(runtime, call, method);
  if (method.validator) validateRequest(call, method, runtime.models);
  return integrate(runtime.cloud, call, method);
};

const answer = async (
  runtime: Runtime,
  stage: Stage,
  request: EdgeRequest,
  path: string,
): Promise<EdgeResponse> => {
  const { api, cloud } = runtime;
  const domainName = `${api.id}.execute-api.${api.region}.amazonaws.com`;
  const paths = { path, fullPath: `/${stage.name}${path}`, domainName };
  const call = openCall(api, stage, request, paths, cloud.clock.now(), runtime.country);
  let response: EdgeResponse;
  try {
    response = await run(runtime, call);
  } catch (error) {
    const known = error instanceof GatewayError ? error : new GatewayError("DEFAULT_5XX", { status: 500 });
    if (known !== error) cloud.print(`apigateway: ${error instanceof Error ? error.message : String(error)}`);
    response = gatewayErrorResponse(call, known);
  }
  writeAccessLog(cloud, call, response.status);
  return finish(call, response);
};

const refuse = (api: RestApi, status: number, errorType: string, message: string): EdgeResponse => ({
  status,
  headers: [
    ["Content-Type", "application/json"],
    ["x-amzn-ErrorType", errorType],
  ],
  body: JSON.stringify({ message }),
  node: api.arn,
});

const createHandler = (runtime: Runtime): RestApiHandler => {
  const { api } = runtime;
  const struck = faultyRequests(runtime.cloud, api);
  return {
    id: api.id,
    name: api.name,
    arn: api.arn,
    stages: [...api.stages.keys()],
    async handle(request, stageName, path) {
      if (headersTooLarge(request)) {
        return refuse(api, 431, "BadRequestException", "Request Header Fields Too Large");
      }
      const stage = api.stages.get(stageName);
      if (!stage) return refuse(api, 403, "ForbiddenException", "Forbidden");
      const at = path === "" ? "/" : path;
      return struck(request, at, () => answer(runtime, stage, request, at));
    },
  };
};

/** Every REST API of the graph, by id. */
export const createRestApis = (cloud: Cloud, options: RestOptions = {}): Map<string, RestApiHandler> => {
  const plans = createUsagePlans(cloud);
  const country = options.viewerCountry ?? "US";
  return new Map(
    readRestApis(cloud.graph).map((api) => {
      const authorize = createAuthorize(cloud, api, options);
      const models = createModels(api);
      return [api.id, createHandler({ cloud, api, plans, models, authorize, country, buckets: new Map() })];
    }),
  );
};
