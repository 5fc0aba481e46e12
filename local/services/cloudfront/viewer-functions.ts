import type { EdgeRequest, EdgeResponse, Header } from "../../front/exchange.ts";
import { page } from "../../front/reply.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Behavior, Distribution, Origin } from "./distribution.ts";
import type { FunctionOutcome, OriginChange } from "./edge-function.ts";
import {
  fromFunctionRequest,
  fromFunctionResponse,
  toEventHeaders,
  toFunctionRequest,
  type ViewerRequest,
} from "./viewer-event.ts";

/** Everything one exchange carries along. */
export interface Exchange {
  readonly request: EdgeRequest;
  readonly behavior: Behavior;
  readonly generated: ReadonlyMap<string, Header>;
  readonly id: string;
  viewer: ViewerRequest;
  origin: Origin;
}

const changedOrigin = (origin: Origin, change: OriginChange | undefined): Origin => {
  if (!change) return origin;
  const access = change.originAccessControlConfig;
  const port = change.customOriginConfig?.port;
  const protocol = change.customOriginConfig?.protocol ?? origin.protocol;
  const domain = change.domainName ?? origin.domainName;
  const usual = port === undefined || port === (protocol === "https" ? 443 : 80) || domain.includes(":");
  return {
    domainName: usual ? domain : `${domain}:${port}`,
    path: change.originPath ?? (change.domainName === undefined ? origin.path : ""),
    protocol: protocol === "http" ? "http" : "https",
    headers: change.customHeaders ? Object.entries(change.customHeaders) : origin.headers,
    signed: access ? access.enabled === true && access.signingBehavior !== "never" : origin.signed,
  };
};

const isAnswer = (
  result: FunctionOutcome["result"],
): result is Extract<FunctionOutcome["result"], { statusCode: number }> => "statusCode" in result;

/** Runs the viewer-request function: it may answer, or change the request and its origin. */
export const runViewerRequest = async (
  cloud: Cloud,
  distribution: Distribution,
  exchange: Exchange,
): Promise<EdgeResponse | undefined> => {
  const run = exchange.behavior.viewerRequest;
  if (!run) return undefined;
  const event = {
    version: "1.0",
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType: "viewer-request",
      requestId: exchange.id,
    },
    viewer: { ip: exchange.request.sourceIp },
    request: toFunctionRequest(exchange.viewer),
  };
  try {
    const { result, origin } = await run(event);
    if (isAnswer(result)) {
      const answer = fromFunctionResponse(result);
      return {
        ...answer,
        headers: [...answer.headers, ["X-Cache", "FunctionGeneratedResponse from cloudfront"]],
      };
    }
    exchange.viewer = fromFunctionRequest(result, exchange.viewer);
    exchange.origin = changedOrigin(exchange.origin, origin);
    return undefined;
  } catch (error) {
    cloud.print(
      `cloudfront function of ${distribution.id}: ${error instanceof Error ? error.message : String(error)}`,
    );
    const failed = page(
      503,
      "503 Service Unavailable",
      "The CloudFront function of this distribution could not run.",
    );
    return { ...failed, headers: [...failed.headers, ["X-Cache", "FunctionExecutionError from cloudfront"]] };
  }
};

/** Runs the viewer-response function, which may change status and headers. */
export const runViewerResponse = async (
  cloud: Cloud,
  exchange: Exchange,
  response: EdgeResponse,
): Promise<EdgeResponse> => {
  const run = exchange.behavior.viewerResponse;
  if (!run) return response;
  const plain = response.headers.filter(([name]) => name.toLowerCase() !== "set-cookie");
  const headers = toEventHeaders(plain);
  const event = {
    version: "1.0",
    context: { eventType: "viewer-response", requestId: exchange.id },
    viewer: { ip: exchange.request.sourceIp },
    request: toFunctionRequest(exchange.viewer),
    response: { statusCode: response.status, headers, cookies: {} },
  };
  try {
    const { result } = await run(event);
    if (!isAnswer(result)) return response;
    const cookies = response.headers.filter(([name]) => name.toLowerCase() === "set-cookie");
    const changed = fromFunctionResponse(result);
    return {
      ...response,
      status: changed.status,
      headers: [...changed.headers, ...cookies],
      ...(result.body === undefined ? {} : { body: changed.body ?? "" }),
    };
  } catch (error) {
    cloud.print(
      `cloudfront viewer-response function: ${error instanceof Error ? error.message : String(error)}`,
    );
    return page(
      503,
      "503 Service Unavailable",
      "The CloudFront function of this distribution could not run.",
    );
  }
};
