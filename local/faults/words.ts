import type { AwsCall } from "../gateway/gateway.ts";
import { type AwsFault, faultResponse } from "../gateway/protocol.ts";
import type { AwsResponse } from "../kit/cloud.ts";
import type { FaultOf } from "./rule.schema.ts";

// How each service says "too many" and "my fault": code and status from its API reference, so that an SDK takes it for what it
// is and retries as it would on AWS.

const RATE = "Rate exceeded";
const SES_RATE = "Maximum sending rate exceeded.";

const THROTTLES: Readonly<Record<string, AwsFault>> = {
  dynamodb: {
    status: 400,
    code: "ProvisionedThroughputExceededException",
    message:
      "The level of configured provisioned throughput for one or more global secondary indexes or the table was exceeded. Consider increasing your provisioning level.",
  },
  sqs: {
    status: 400,
    code: "RequestThrottled",
    message: "The request was denied due to request throttling.",
  },
  s3: { status: 503, code: "SlowDown", message: "Please reduce your request rate." },
  lambda: { status: 429, code: "TooManyRequestsException", message: "Rate Exceeded." },
  events: { status: 400, code: "ThrottlingException", message: RATE },
  scheduler: { status: 429, code: "ThrottlingException", message: RATE },
  sns: { status: 429, code: "Throttled", message: RATE },
  "cognito-idp": { status: 400, code: "TooManyRequestsException", message: RATE },
  "execute-api": {
    status: 429,
    code: "LimitExceededException",
    message:
      "The client is sending more than the allowed number of requests per unit of time or the WebSocket client side buffer is full.",
  },
  xray: { status: 429, code: "ThrottledException", message: RATE },
};

const FAILURES: Readonly<Record<string, AwsFault>> = {
  dynamodb: { status: 500, code: "InternalServerError", message: "Internal server error" },
  s3: { status: 500, code: "InternalError", message: "We encountered an internal error. Please try again." },
  lambda: { status: 500, code: "ServiceException", message: "Service exception" },
  events: {
    status: 500,
    code: "InternalException",
    message: "This exception occurs due to unexpected causes.",
  },
  scheduler: { status: 500, code: "InternalServerException", message: "Unexpected error" },
  sns: { status: 500, code: "InternalError", message: "Internal service error" },
  "cognito-idp": { status: 500, code: "InternalErrorException", message: "Internal error" },
  logs: {
    status: 500,
    code: "ServiceUnavailableException",
    message: "The service cannot complete the request.",
  },
  secretsmanager: {
    status: 500,
    code: "InternalServiceError",
    message: "An error occurred on the server side.",
  },
  ssm: { status: 500, code: "InternalServerError", message: "An error occurred on the server side." },
};

const ANY_FAILURE: AwsFault = {
  status: 500,
  code: "InternalFailure",
  message: "The request processing has failed because of an unknown error, exception or failure.",
};
const UNAVAILABLE: AwsFault = {
  status: 503,
  code: "ServiceUnavailable",
  message: "The request has failed due to a temporary failure of the server.",
};

/** How a service refuses a call that came too soon. */
export const throttleOf = ({ service, protocol }: Pick<AwsCall, "service" | "protocol">): AwsFault => {
  if (service === "ses")
    return protocol === "query"
      ? { status: 400, code: "Throttling", message: SES_RATE }
      : { status: 429, code: "TooManyRequestsException", message: SES_RATE };
  const known = THROTTLES[service];
  if (known) return known;
  return { status: 400, code: protocol === "query" ? "Throttling" : "ThrottlingException", message: RATE };
};

/** How a service says that it failed, or what the rule has it say. */
export const errorOf = (service: string, { status, code, message }: FaultOf<"error">): AwsFault => {
  const own = FAILURES[service] ?? ANY_FAILURE;
  const usual =
    status === 503 ? { ...(service === "s3" ? (THROTTLES.s3 ?? UNAVAILABLE) : UNAVAILABLE) } : own;
  return { status: status ?? usual.status, code: code ?? usual.code, message: message ?? usual.message };
};

const TRANSACTIONS = /^Transact(?:Write|Get)Items$|^ExecuteTransaction$/;
const READS = /Get|Query|Scan|Select/;

const withFields = (response: AwsResponse, fields: object): AwsResponse => ({
  ...response,
  body: JSON.stringify({ ...(JSON.parse(String(response.body)) as object), ...fields }),
});

/** DynamoDB names what was exceeded, and cancels a transaction item by item. */
const dynamoThrottle = (call: AwsCall, fault: AwsFault, tables: readonly string[]): AwsResponse => {
  const { protocol, operation, request } = call;
  const reason = `Table${READS.test(operation) ? "Read" : "Write"}KeyRangeThroughputExceeded`;
  const prefix = "com.amazonaws.dynamodb.v20120810#";
  if (!TRANSACTIONS.test(operation)) {
    const resource = tables[0] ?? "";
    const response = faultResponse(protocol, { ...fault, code: prefix + fault.code }, request.requestId);
    return withFields(response, { ThrottlingReasons: [{ reason, resource }] });
  }
  const input = JSON.parse(request.body.toString("utf8")) as Record<string, unknown>;
  const items = [input.TransactItems ?? input.TransactStatements ?? []].flat();
  const CancellationReasons = items.map((_, index) =>
    index === 0
      ? {
          Code: "ThrottlingError",
          Message: "Throughput exceeds the current capacity for one or more tables.",
        }
      : { Code: "None" },
  );
  const codes = CancellationReasons.map(({ Code }) => Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  const cancelled = { status: 400, code: `${prefix}TransactionCanceledException`, message };
  const { Message, ...rest } = { Message: message, CancellationReasons };
  return withFields(faultResponse(protocol, cancelled, request.requestId), { ...rest, Message });
};

/** Writes a throttle as the service words it; `tables` are ARNs of what the call is about. */
export const throttleResponse = (call: AwsCall, tables: readonly string[]): AwsResponse => {
  const fault = throttleOf(call);
  if (call.service === "dynamodb" && call.protocol.startsWith("json"))
    return dynamoThrottle(call, fault, tables);
  return faultAnswer(call, fault);
};

/** Writes an error as the service's clients read it. */
export const faultAnswer = (call: AwsCall, fault: AwsFault): AwsResponse => {
  const response = faultResponse(call.protocol, fault, call.request.requestId);
  const headers: Record<string, string> = { ...response.headers };
  if (call.service === "sqs" && call.protocol.startsWith("json"))
    headers["x-amzn-query-error"] = `${fault.code};${fault.status < 500 ? "Sender" : "Receiver"}`;
  if (call.service === "lambda" && fault.status === 429) {
    headers["retry-after"] = "1";
    return withFields({ ...response, headers }, { Type: "User", Reason: "CallerRateLimitExceeded" });
  }
  // The answer to HEAD has no body, not even an error's.
  return call.request.method === "HEAD" ? { ...response, headers, body: "" } : { ...response, headers };
};
