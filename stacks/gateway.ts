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
export function gatewayProblems(api: sst.aws.ApiGatewayV1) {
  for (const [responseType, kind] of Object.entries(gatewayAnswers)) {
    const { status, title } = problemKinds[kind];
    new aws.apigateway.Response(`ApiProblem${responseType}`, {
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
  }
}

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
  const settings = { metricsEnabled: true, loggingLevel: "ERROR", dataTraceEnabled: false };
  const base = { restApi: api.nodes.api.id, stageName: stage.stageName };
  new aws.apigateway.MethodSettings("ApiSettings", {
    ...base,
    methodPath: "*/*",
    settings: { ...settings, throttlingRateLimit: rates.read.rate, throttlingBurstLimit: rates.read.burst },
  });
  for (const { method, path, limit } of operations) {
    new aws.apigateway.MethodSettings(`ApiSettings${method}${path.replace(/\W+/g, "-")}`, {
      ...base,
      methodPath: `${path.slice(1).replaceAll("/", "~1")}/${method}`,
      settings: {
        ...settings,
        throttlingRateLimit: rates[limit].rate,
        throttlingBurstLimit: rates[limit].burst,
      },
    });
  }
}
