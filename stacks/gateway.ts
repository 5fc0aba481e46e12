import type { Operation } from "#core/kit/api.schema.ts";
import { type ProblemKind, problemKinds, problemType } from "#core/kit/problem.ts";

// What API Gateway itself may answer, as the problem documents that functions answer with.
const gatewayAnswers: Record<string, ProblemKind> = {
  UNAUTHORIZED: "unauthenticated",
  ACCESS_DENIED: "forbidden",
  INVALID_API_KEY: "api-key-required",
  MISSING_AUTHENTICATION_TOKEN: "not-found",
  BAD_REQUEST_PARAMETERS: "invalid-request",
  BAD_REQUEST_BODY: "invalid-request",
  REQUEST_TOO_LARGE: "payload-too-large",
  UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
  THROTTLED: "quota-exceeded",
  QUOTA_EXCEEDED: "quota-exceeded",
  DEFAULT_5XX: "internal",
  INTEGRATION_TIMEOUT: "unavailable",
};

// Where API Gateway knows more than the kind says.
const details: Record<string, string> = {
  INVALID_API_KEY: "Send the key of the usage plan as x-api-key: GET /api/v1/limits/api-key answers it",
  BAD_REQUEST_BODY: "The body must be a JSON object",
  BAD_REQUEST_PARAMETERS: "A parameter is missing",
  QUOTA_EXCEEDED: "The usage plan of the API key grants no more requests today",
};

/** Makes every answer that comes from API Gateway itself a problem document too. */
export const gatewayProblems = (api: sst.aws.ApiGatewayV1) =>
  Object.entries(gatewayAnswers).map(([responseType, kind]) => {
    const { status, title } = problemKinds[kind];
    return new aws.apigateway.Response(`ApiProblem${responseType}`, {
      restApiId: api.nodes.api.id,
      responseType,
      statusCode: String(status),
      responseTemplates: {
        "application/json": JSON.stringify({
          type: problemType(kind),
          title,
          status,
          detail: details[responseType] ?? title,
        }),
      },
      responseParameters: {
        "gatewayresponse.header.Content-Type": "'application/problem+json'",
        "gatewayresponse.header.Cache-Control": "'no-store'",
        // A bucket of requests a second has one in a second; when a day's quota begins anew, API Gateway does not say here.
        ...(responseType === "THROTTLED" && { "gatewayresponse.header.Retry-After": "'1'" }),
      },
    });
  });

/**
 * What a request must look like to reach a function: its path parameters there, a JSON body an object. What the object
 * holds is the function's to judge: API Gateway would name the mistake, but not where it is.
 */
export const requestShape = (api: sst.aws.ApiGatewayV1) => {
  const restApi = api.nodes.api.id;
  const validator = new aws.apigateway.RequestValidator("ApiValidator", {
    restApi,
    validateRequestBody: true,
    validateRequestParameters: true,
  });
  const object = new aws.apigateway.Model("ApiObject", {
    restApi,
    name: "JsonObject",
    contentType: "application/json",
    schema: JSON.stringify({ $schema: "http://json-schema.org/draft-04/schema#", type: "object" }),
  });
  return ({ path, body, accepts }: Operation) => ({
    requestValidatorId: validator.id,
    requestParameters: Object.fromEntries(
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [`method.request.path.${name}`, true]),
    ),
    ...(body && accepts !== "form" && { requestModels: { "application/json": object.name } }),
  });
};
