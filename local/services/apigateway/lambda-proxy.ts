import { type EdgeResponse, type Header, headerOf } from "../../front/exchange.ts";
import type { Cloud, Invocation } from "../../kit/cloud.ts";
import { type Call, methodArn } from "./context.ts";
import { proxyEvent } from "./event.ts";
import { GatewayError } from "./gateway-errors.ts";
import { isBinary } from "./media.ts";
import type { Integration } from "./model.ts";

const KNOWN = new Set(["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"]);

// "Important notes": the client gets these under another name, or not at all.
const REMAPPED = new Set([
  "authorization",
  "connection",
  "content-length",
  "content-md5",
  "date",
  "host",
  "max-forwards",
  "server",
  "user-agent",
  "www-authenticate",
]);
const DROPPED = new Set([
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Lambda takes 6 MB in a synchronous call. */
const MAX_EVENT_BYTES = 6_291_556;

const malformed = () => new GatewayError("DEFAULT_5XX");

const headerValue = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  throw malformed();
};

const validName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const outgoing = (name: string, value: string, into: Header[]) => {
  const lower = name.toLowerCase();
  if (DROPPED.has(lower)) return;
  // Control characters, and what Latin-1 cannot hold, do not fit an HTTP header.
  if (!validName.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw malformed();
  into.push([REMAPPED.has(lower) ? `x-amzn-Remapped-${name}` : name, value]);
};

const responseHeaders = (single: unknown, multi: unknown): Header[] => {
  const headers: Header[] = [];
  const repeated = new Set<string>();
  if (multi !== undefined && multi !== null) {
    if (typeof multi !== "object" || Array.isArray(multi)) throw malformed();
    for (const [name, values] of Object.entries(multi)) {
      repeated.add(name.toLowerCase());
      if (!Array.isArray(values)) throw malformed();
      for (const value of values) outgoing(name, headerValue(value), headers);
    }
  }
  if (single !== undefined && single !== null) {
    if (typeof single !== "object" || Array.isArray(single)) throw malformed();
    for (const [name, value] of Object.entries(single)) {
      // "If the same key is in both, only multiValueHeaders' values appear."
      if (!repeated.has(name.toLowerCase())) outgoing(name, headerValue(value), headers);
    }
  }
  return headers;
};

/** Turns a function's answer into a response; anything but the documented shape is a 502. */
export const proxyResponse = (call: Call, payload: unknown): EdgeResponse => {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) throw malformed();
  const answer = payload as Record<string, unknown>;
  if (Object.keys(answer).some((key) => !KNOWN.has(key))) throw malformed();
  const { statusCode, body, isBase64Encoded } = answer;
  const status = statusCode === undefined || statusCode === null ? 200 : Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) throw malformed();
  if (body !== undefined && body !== null && typeof body !== "string") throw malformed();
  if (isBase64Encoded !== undefined && typeof isBase64Encoded !== "boolean") throw malformed();
  const headers = responseHeaders(answer.headers, answer.multiValueHeaders);
  if (headerOf(headers, "content-type") === undefined) headers.unshift(["Content-Type", "application/json"]);
  const text = body ?? "";
  // The first type of the Accept header decides whether the client is sent bytes.
  const raw =
    isBase64Encoded === true && isBinary(headerOf(call.request.headers, "accept"), call.api.binaryMediaTypes);
  return { status, headers, body: raw ? Buffer.from(text, "base64") : text };
};

const TIMED_OUT = Symbol("timed out");

/** Waits for an invocation, at most as long as the integration allows. */
export const within = async <T>(cloud: Cloud, ms: number, task: Promise<T>): Promise<T> => {
  let cancel = () => {};
  const limit = new Promise<typeof TIMED_OUT>((resolve) => {
    cancel = cloud.clock.after(ms, () => resolve(TIMED_OUT));
  });
  try {
    const outcome = await Promise.race([task, limit]);
    if (outcome === TIMED_OUT) throw new GatewayError("INTEGRATION_TIMEOUT");
    return outcome as T;
  } finally {
    cancel();
  }
};

/** The function an integration or authorizer URI names, with stage variables filled in. */
export const functionArnOf = (call: Call, uri: string): string | undefined => {
  const filled = uri.replace(
    /\$\{stageVariables\.([^}]+)\}/g,
    (_, name) => call.stage.variables?.[name] ?? "",
  );
  return /functions\/(arn:aws[^/]*:lambda:[^/]+)\/(?:invocations|response-streaming-invocations)$/.exec(
    filled,
  )?.[1];
};

/** What a function's policy must name for this method to invoke it: the resource's path, with its parameters unfilled. */
const integrationArn = ({ api, stage, request, method }: Call): string =>
  `arn:aws:execute-api:${api.region}:${api.accountId}:${api.id}/${stage.name}/${request.method}${method?.resourcePath ?? "/"}`;

/** Invokes a function and measures it for the access log. `sourceArn` is what its policy must let in. */
export const invoke = async (
  cloud: Cloud,
  call: Call,
  functionArn: string,
  event: unknown,
  timeoutMs: number,
  sourceArn = integrationArn(call),
): Promise<Invocation> => {
  const started = cloud.clock.now();
  const options = { trace: call.request.trace, from: call.api.arn, sourceArn };
  try {
    const outcome = await within(cloud, timeoutMs, cloud.lambda.invoke(functionArn, event, options));
    call.integration = { status: 200, requestId: outcome.requestId };
    return outcome;
  } finally {
    call.integration = { ...call.integration, latencyMs: cloud.clock.now() - started };
  }
};

/** AWS_PROXY: the event goes in as it came, the answer comes out as the function shaped it. */
export const lambdaProxy = async (
  cloud: Cloud,
  call: Call,
  integration: Integration,
): Promise<EdgeResponse> => {
  const functionArn = functionArnOf(call, integration.uri);
  if (!functionArn || integration.httpMethod.toUpperCase() !== "POST") {
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  const event = proxyEvent(call);
  // Counting costs a serialisation: only bodies that may exceed the limit are counted.
  if (call.request.body.length > 4_000_000 && Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES) {
    throw new GatewayError("REQUEST_TOO_LARGE", { said: "Request Too Long" });
  }
  const outcome = await invoke(cloud, call, functionArn, event, integration.timeoutMs);
  // Throttled by Lambda: API Gateway answers 500, a failing function 502.
  if (outcome.throttled) throw new GatewayError("DEFAULT_5XX", { status: 500 });
  if (outcome.error) throw new GatewayError("DEFAULT_5XX");
  return proxyResponse(call, outcome.payload);
};

/** What the span of a request says about the API: which resource and method it reached. */
export const spanDetail = (call: Call) => ({
  requestId: call.requestId,
  resource: call.method?.resourcePath,
  methodArn: call.method ? methodArn(call) : undefined,
});
