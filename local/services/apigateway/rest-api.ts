import { type EdgeRequest, type EdgeResponse, type Header, headerOf } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Caller } from "../../kit/credentials.ts";
import { writeAccessLog } from "./access-log.ts";
import { type Authorize, cognitoAuthorizer, lambdaAuthorizer } from "./authorizers.ts";
import { cognitoVerifier } from "./cognito.ts";
import { type Call, methodArn, openCall } from "./context.ts";
import { GatewayError, gatewayErrorResponse } from "./gateway-errors.ts";
import { lambdaProxy, spanDetail } from "./lambda-proxy.ts";
import { httpProxy, lambdaMapped, mock } from "./mapped-integrations.ts";
import { type Method, type RestApi, readRestApis, type Stage } from "./model.ts";
import { matchPath } from "./resources.ts";
import { type Take, tokenBucket } from "./throttle.ts";
import { createUsagePlans } from "./usage-plans.ts";
import { createModels, validateRequest } from "./validate.ts";

/** What the REST APIs need from their surroundings. */
export interface RestOptions {
  /** Verifies a SigV4 request for methods with AWS_IAM: who signed it, or why not. */
  readonly verifySigV4?: (request: EdgeRequest) => Promise<{ caller: Caller } | { error: string }>;
  /** Whether a verified caller's policies allow an action; without it a verified caller is allowed. */
  readonly allows?: (caller: Caller, action: string, resource: string) => boolean;
  /** What edge-optimised APIs report as `CloudFront-Viewer-Country`. */
  readonly viewerCountry?: string;
}

/** A REST API ready to answer. */
export interface RestApiHandler {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly stages: readonly string[];
  /** `path` is the request's path after the stage; `fullPath` what the client asked for on the API's own host. */
  handle(request: EdgeRequest, stage: string, path: string): Promise<EdgeResponse>;
}

const iamAuthorizer =
  (options: RestOptions): Authorize =>
  async (call) => {
    if (!options.verifySigV4 || headerOf(call.request.headers, "authorization") === undefined) {
      throw new GatewayError("MISSING_AUTHENTICATION_TOKEN");
    }
    const outcome = await options.verifySigV4(call.request);
    if ("error" in outcome) throw new GatewayError("INVALID_SIGNATURE", { said: outcome.error });
    const { caller } = outcome;
    const arn = methodArn(call);
    if (options.allows?.(caller, "execute-api:Invoke", arn) === false) {
      const who = caller.roleArn ?? caller.accessKeyId;
      throw new GatewayError("ACCESS_DENIED", {
        said: `User: ${who} is not authorized to perform: execute-api:Invoke on resource: ${arn}`,
      });
    }
    call.identity = {
      accountId: call.api.accountId,
      accessKey: caller.accessKeyId,
      caller: caller.accessKeyId,
      user: caller.accessKeyId,
      userArn: caller.roleArn ?? null,
    };
  };

const createAuthorize = (cloud: Cloud, api: RestApi, options: RestOptions) => {
  const verify = cognitoVerifier(cloud);
  const iam = iamAuthorizer(options);
  const byId = new Map<string, Authorize>();
  for (const [id, authorizer] of api.authorizers) {
    const cognito = authorizer.inputs.type === "COGNITO_USER_POOLS";
    byId.set(id, cognito ? cognitoAuthorizer(authorizer, verify) : lambdaAuthorizer(cloud, authorizer));
  }
  return (call: Call, method: Method): Promise<void> | undefined => {
    if (method.authorization === "NONE") return undefined;
    if (method.authorization === "AWS_IAM") return iam(call);
    const authorize = byId.get(method.authorizerId ?? "");
    if (!authorize) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
    return authorize(call);
  };
};

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

const createHandler = (
  cloud: Cloud,
  api: RestApi,
  plans: ReturnType<typeof createUsagePlans>,
  options: RestOptions,
): RestApiHandler => {
  const models = createModels(api);
  const authorize = createAuthorize(cloud, api, options);
  const country = options.viewerCountry ?? "US";
  const buckets = new Map<Method, Take>();
  const throttled = (method: Method): boolean => {
    if (!method.throttle) return false;
    let take = buckets.get(method);
    if (!take) {
      take = tokenBucket(cloud.clock, method.throttle.rate, method.throttle.burst);
      buckets.set(method, take);
    }
    return !take();
  };
  const checkKey = (call: Call, method: Method): void => {
    if (!method.apiKeyRequired) return;
    const value =
      api.apiKeySource === "AUTHORIZER" ? call.apiKey : headerOf(call.request.headers, "x-api-key");
    const verdict = plans(value, api.id, call.stage.name, {
      path: method.resourcePath,
      httpMethod: method.httpMethod,
    });
    if (verdict.kind !== "allowed") throw new GatewayError(REFUSALS[verdict.kind]);
    call.apiKey = value ?? "";
    call.apiKeyId = verdict.keyId;
  };
  const run = async (call: Call): Promise<EdgeResponse> => {
    if (call.request.oversized) throw new GatewayError("REQUEST_TOO_LARGE");
    const method = findMethod(call);
    if (throttled(method)) throw new GatewayError("THROTTLED");
    await authorize(call, method);
    checkKey(call, method);
    if (method.validator) validateRequest(call, method, models);
    return integrate(cloud, call, method);
  };
  const answer = async (stage: Stage, request: EdgeRequest, path: string): Promise<EdgeResponse> => {
    const domainName = `${api.id}.execute-api.${api.region}.amazonaws.com`;
    const paths = { path, fullPath: `/${stage.name}${path}`, domainName };
    const call = openCall(api, stage, request, paths, cloud.clock.now(), country);
    let response: EdgeResponse;
    try {
      response = await run(call);
    } catch (error) {
      const known = error instanceof GatewayError ? error : new GatewayError("DEFAULT_5XX", { status: 500 });
      if (known !== error)
        cloud.print(`apigateway: ${error instanceof Error ? error.message : String(error)}`);
      response = gatewayErrorResponse(call, known);
    }
    writeAccessLog(cloud, call, response.status);
    return finish(call, response);
  };
  return {
    id: api.id,
    name: api.name,
    arn: api.arn,
    stages: [...api.stages.keys()],
    async handle(request, stageName, path) {
      if (headersTooLarge(request)) {
        return {
          status: 431,
          headers: [["Content-Type", "application/json"]],
          body: '{"message":"Request Header Fields Too Large"}',
          node: api.arn,
        };
      }
      const stage = api.stages.get(stageName);
      if (!stage) {
        const headers: Header[] = [
          ["Content-Type", "application/json"],
          ["x-amzn-ErrorType", "ForbiddenException"],
        ];
        return { status: 403, headers, body: '{"message":"Forbidden"}', node: api.arn };
      }
      return answer(stage, request, path === "" ? "/" : path);
    },
  };
};

/** Every REST API of the graph, by id. */
export const createRestApis = (cloud: Cloud, options: RestOptions = {}): Map<string, RestApiHandler> => {
  const plans = createUsagePlans(cloud);
  return new Map(readRestApis(cloud.graph).map((api) => [api.id, createHandler(cloud, api, plans, options)]));
};
