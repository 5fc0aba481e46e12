import { randomBytes, randomUUID } from "node:crypto";
import { type EdgeRequest, type Header, headerOf, parseQuery } from "../../front/exchange.ts";
import { parseTraceHeader } from "../../kit/recorder.ts";
import { integrationHeaders } from "./integration-headers.ts";
import type { Method, RestApi, Stage } from "./model.ts";

/** One value per name (the last) and all values per name. */
export interface Multi {
  readonly single: Record<string, string> | null;
  readonly multi: Record<string, string[]> | null;
}

/** Everything known about one call while it passes through the API. */
export interface Call {
  readonly api: RestApi;
  readonly stage: Stage;
  readonly request: EdgeRequest;
  /** Without the stage. */
  readonly path: string;
  /** As `$context.path`: with the stage. */
  readonly fullPath: string;
  readonly domainName: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly timeMs: number;
  readonly headers: readonly Header[];
  readonly headerValues: Multi;
  readonly query: Multi;
  method?: Method;
  pathParameters: Readonly<Record<string, string>> | null;
  authorizer?: Record<string, unknown>;
  apiKey?: string;
  apiKeyId?: string;
  identity?: Record<string, unknown>;
  error?: { readonly type: string; readonly message: string | null; readonly validation?: string };
  integration?: { status?: number; latencyMs?: number; requestId?: string };
}

/** Values by name, each name once: the last value, and all of them. `fold` reads names whatever their case. */
export const gather = (pairs: readonly Header[], fold: boolean): Multi => {
  if (pairs.length === 0) return { single: null, multi: null };
  const multi = new Map<string, string[]>();
  const spelling = new Map<string, string>();
  for (const [sent, value] of pairs) {
    const lower = fold ? sent.toLowerCase() : sent;
    let name = spelling.get(lower);
    if (name === undefined) {
      name = sent;
      spelling.set(lower, name);
    }
    const values = multi.get(name);
    if (values) values.push(value);
    else multi.set(name, [value]);
  }
  // Names come from the client: `constructor` and `__proto__` among them. Entries define, they never assign.
  return {
    single: Object.fromEntries([...multi].map(([name, values]) => [name, values.at(-1) ?? ""])),
    multi: Object.fromEntries(multi),
  };
};

/** Starts the record of one call. */
export const openCall = (
  api: RestApi,
  stage: Stage,
  request: EdgeRequest,
  paths: { path: string; fullPath: string; domainName: string },
  nowMs: number,
  country: string,
): Call => {
  const headers = integrationHeaders(api, request, paths.domainName, country);
  return {
    api,
    stage,
    request,
    ...paths,
    requestId: randomUUID(),
    extendedRequestId: randomBytes(11).toString("base64"),
    timeMs: nowMs,
    headers,
    headerValues: gather(headers, true),
    query: gather(parseQuery(request.query), false),
    pathParameters: null,
  };
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n: number) => (n < 10 ? `0${n}` : String(n));

/** `10/Mar/2020:00:03:59 +0000`, as `$context.requestTime`. */
export const requestTime = (ms: number): string => {
  const t = new Date(ms);
  const date = `${two(t.getUTCDate())}/${MONTHS[t.getUTCMonth()]}/${t.getUTCFullYear()}`;
  return `${date}:${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())} +0000`;
};

/** The v1 `requestContext`, which is also `$context` in templates. */
export const requestContext = (call: Call): Record<string, unknown> => ({
  resourceId: call.method?.resourceId,
  ...(call.authorizer ? { authorizer: call.authorizer } : {}),
  resourcePath: call.method?.resourcePath,
  httpMethod: call.request.method,
  extendedRequestId: call.extendedRequestId,
  requestTime: requestTime(call.timeMs),
  path: call.fullPath,
  accountId: call.api.accountId,
  protocol: "HTTP/1.1",
  stage: call.stage.name,
  domainPrefix: call.domainName.split(".", 1)[0],
  requestTimeEpoch: call.timeMs,
  requestId: call.requestId,
  identity: {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    sourceIp: call.request.sourceIp,
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    userAgent: headerOf(call.headers, "user-agent") ?? null,
    user: null,
    ...(call.apiKey === undefined ? {} : { apiKey: call.apiKey }),
    ...(call.apiKeyId === undefined ? {} : { apiKeyId: call.apiKeyId }),
    ...call.identity,
  },
  domainName: call.domainName,
  deploymentId: call.stage.deploymentId,
  apiId: call.api.id,
});

/** `arn:aws:execute-api:…/stage/GET/path`: what policies speak of. */
export const methodArn = (call: Call): string =>
  `arn:aws:execute-api:${call.api.region}:${call.api.accountId}:${call.api.id}/${call.stage.name}/${call.request.method}${call.path === "/" ? "/" : call.path}`;

/** The trace id alone, for `$context.xrayTraceId`. */
export const xrayTraceId = (call: Call): string => parseTraceHeader(call.request.trace).traceId ?? "";
