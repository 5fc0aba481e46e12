import type { EdgeResponse, Header } from "../../front/exchange.ts";
import { headerOf, withoutHeaders } from "../../front/exchange.ts";
import type { Call } from "./context.ts";
import type { GatewayResponse, RestApi } from "./model.ts";
import { renderSimple } from "./templates.ts";

/** A refusal by the API itself, before or instead of the integration's answer. */
export class GatewayError extends Error {
  readonly type: string;
  readonly status: number;
  readonly errorType: string;
  readonly said: string | null;
  readonly validation?: string;

  constructor(type: keyof typeof KINDS, override: { status?: number; said?: string | null } = {}) {
    const kind = KINDS[type];
    super(type);
    this.type = type;
    this.status = override.status ?? kind.status;
    this.errorType = kind.errorType;
    this.said = override.said === undefined ? kind.message : override.said;
  }
}

// "Gateway response types", API Gateway developer guide.
const KINDS = {
  ACCESS_DENIED: kind(403, "AccessDeniedException", "User is not authorized to access this resource"),
  API_CONFIGURATION_ERROR: kind(500, "InternalServerErrorException", "Internal server error"),
  AUTHORIZER_CONFIGURATION_ERROR: kind(500, "AuthorizerConfigurationException", null),
  AUTHORIZER_FAILURE: kind(500, "AuthorizerFailureException", null),
  BAD_REQUEST_BODY: kind(400, "BadRequestException", "Invalid request body"),
  BAD_REQUEST_PARAMETERS: kind(400, "BadRequestException", "Missing required request parameters"),
  DEFAULT_5XX: kind(502, "InternalServerErrorException", "Internal server error"),
  EXPIRED_TOKEN: kind(403, "ExpiredTokenException", "The security token included in the request is expired"),
  INTEGRATION_FAILURE: kind(504, "InternalServerErrorException", "Internal server error"),
  INTEGRATION_TIMEOUT: kind(504, "InternalServerErrorException", "Endpoint request timed out"),
  INVALID_API_KEY: kind(403, "ForbiddenException", "Forbidden"),
  INVALID_SIGNATURE: kind(
    403,
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided.",
  ),
  MISSING_AUTHENTICATION_TOKEN: kind(
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
  ),
  QUOTA_EXCEEDED: kind(429, "LimitExceededException", "Limit Exceeded"),
  REQUEST_TOO_LARGE: kind(413, "RequestTooLargeException", "HTTP content length exceeded 10485760 bytes."),
  THROTTLED: kind(429, "TooManyRequestsException", "Too Many Requests"),
  UNAUTHORIZED: kind(401, "UnauthorizedException", "Unauthorized"),
  UNSUPPORTED_MEDIA_TYPE: kind(415, "BadRequestException", "Unsupported Media Type"),
} as const;

function kind(status: number, errorType: string, message: string | null) {
  return { status, errorType, message };
}

/** The customised response for an error: its own type first, then the default of its class. */
const customised = (api: RestApi, error: GatewayError): GatewayResponse | undefined =>
  api.gatewayResponses.get(error.type) ??
  api.gatewayResponses.get(error.status >= 500 ? "DEFAULT_5XX" : "DEFAULT_4XX");

const HEADER = "gatewayresponse.header.";

const mapped = (call: Call, expression: string): string | undefined => {
  if (expression.startsWith("'") && expression.endsWith("'")) return expression.slice(1, -1);
  const header = /^method\.request\.header\.(.+)$/.exec(expression)?.[1];
  if (header) return headerOf(call.request.headers, header.toLowerCase());
  const query = /^method\.request\.querystring\.(.+)$/.exec(expression)?.[1];
  if (query) return call.query.single?.[query];
  const path = /^method\.request\.path\.(.+)$/.exec(expression)?.[1];
  if (path) return call.pathParameters?.[path];
  return expression.startsWith("context.") ? renderSimple(call, `$${expression}`) : undefined;
};

/** Writes a gateway error as this API answers it. */
export const gatewayErrorResponse = (call: Call, error: GatewayError): EdgeResponse => {
  call.error = { type: error.type, message: error.said };
  const custom = customised(call.api, error);
  let headers: Header[] = [
    ["Content-Type", "application/json"],
    ["x-amzn-ErrorType", error.errorType],
  ];
  for (const [name, expression] of Object.entries(custom?.headers ?? {})) {
    const value = name.startsWith(HEADER) ? mapped(call, expression) : undefined;
    if (value === undefined) continue;
    const header = name.slice(HEADER.length);
    headers = withoutHeaders(headers, new Set([header.toLowerCase()]));
    headers.push([header, value]);
  }
  const template = custom?.templates["application/json"] ?? Object.values(custom?.templates ?? {})[0];
  // An authorizer's refusal alone is written with a capital M by default.
  const key = error.type === "ACCESS_DENIED" ? "Message" : "message";
  const body = template ? renderSimple(call, template) : JSON.stringify({ [key]: error.said });
  return { status: custom?.status ?? error.status, headers, body };
};
