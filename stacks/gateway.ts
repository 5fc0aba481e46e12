import type { Operation } from "#core/kit/api.schema.ts";
import { type ProblemKind, problemKinds, problemType } from "#core/kit/problem.ts";

// What API Gateway itself may answer, as the problem documents that functions answer with.
const gatewayAnswers: Record<string, ProblemKind> = {
  UNAUTHORIZED: "unauthenticated",
  ACCESS_DENIED: "forbidden",
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

/** Makes every answer that comes from API Gateway itself a problem document too. */
export const gatewayProblems = (api: sst.aws.ApiGatewayV1) =>
  Object.entries(gatewayAnswers).map(([responseType, kind]) => {
    const { status, title } = problemKinds[kind];
    return new aws.apigateway.Response(`ApiProblem${responseType}`, {
      restApiId: api.nodes.api.id,
      responseType,
      statusCode: String(status),
      responseTemplates: {
        "application/json": JSON.stringify({ type: problemType(kind), title, status, detail: title }),
      },
      responseParameters: {
        "gatewayresponse.header.Content-Type": "'application/problem+json'",
        "gatewayresponse.header.Cache-Control": "'no-store'",
        ...(status === 429 && { "gatewayresponse.header.Retry-After": "'1'" }),
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

// Requests a second and burst of a whole stage; the limiter pattern enforces the fair share of each caller.
const rates: Record<Operation["limit"], { rate: number; burst: number }> = {
  redirect: { rate: 10_000, burst: 5_000 },
  read: { rate: 2_000, burst: 2_000 },
  write: { rate: 1_200, burst: 1_200 },
};

/** Logs, metrics and throttling of the stage, and the throttle of each route by the class of its operation. */
export function throttles(api: sst.aws.ApiGatewayV1, operations: readonly Operation[]) {
  const stage = api.nodes.stage;
  if (!stage) throw new Error("Deploy the API before it is throttled");
  // API Gateway would make this group by itself, and keep it for ever.
  const log = new aws.cloudwatch.LogGroup("ApiExecutionLog", {
    name: $interpolate`API-Gateway-Execution-Logs_${api.nodes.api.id}/${stage.stageName}`,
    retentionInDays: 30,
  });
  const settings = { metricsEnabled: true, loggingLevel: "ERROR", dataTraceEnabled: false };
  const base = { restApi: api.nodes.api.id, stageName: stage.stageName };
  const throttle = (name: string, methodPath: string, { rate, burst }: { rate: number; burst: number }) =>
    new aws.apigateway.MethodSettings(
      `ApiSettings${name}`,
      {
        ...base,
        methodPath,
        settings: { ...settings, throttlingRateLimit: rate, throttlingBurstLimit: burst },
      },
      { dependsOn: [log] },
    );
  throttle("", "*/*", rates.read);
  for (const { method, path, limit } of operations) {
    const name = `${method}${path.replace(/\W+/g, "-")}`;
    throttle(name, `${path.slice(1).replaceAll("/", "~1")}/${method}`, rates[limit]);
  }
}
