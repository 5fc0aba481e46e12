import { type EdgeResponse, type Header, headerOf } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Call } from "./context.ts";
import { GatewayError } from "./gateway-errors.ts";
import { functionArnOf, invoke } from "./lambda-proxy.ts";
import type { Integration, IntegrationResponse } from "./model.ts";
import { renderMapping } from "./templates.ts";

const contentType = (call: Call) =>
  (headerOf(call.request.headers, "content-type") ?? "application/json").split(";", 1)[0]?.trim() ?? "";

/** Content types are the client's words: `constructor` is none of a map's own. */
const own = (templates: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(templates, key) ? templates[key] : undefined;

/** The template for the request's content type, or undefined to pass the body through. */
const requestTemplate = (call: Call, integration: Integration): string | undefined => {
  const templates = integration.requestTemplates;
  const template = own(templates, contentType(call)) ?? own(templates, "$default");
  if (template !== undefined) return template;
  const none = Object.keys(templates).length === 0;
  if (integration.passthrough === "NEVER" || (integration.passthrough === "WHEN_NO_TEMPLATES" && !none)) {
    throw new GatewayError("UNSUPPORTED_MEDIA_TYPE");
  }
  return undefined;
};

const select = (integration: Integration, subject: string): IntegrationResponse => {
  const chosen =
    integration.responses.find(
      (r) => r.selectionPattern !== undefined && new RegExp(`^(?:${r.selectionPattern})$`, "s").test(subject),
    ) ?? integration.responses.find((r) => r.selectionPattern === undefined);
  if (!chosen) throw new GatewayError("API_CONFIGURATION_ERROR");
  return chosen;
};

const responseHeader = (expression: string, headers: readonly Header[], body: string): string | undefined => {
  if (expression.startsWith("'") && expression.endsWith("'")) return expression.slice(1, -1);
  const name = /^integration\.response\.header\.(.+)$/.exec(expression)?.[1];
  if (name) return headerOf(headers, name.toLowerCase());
  return expression === "integration.response.body" ? body : undefined;
};

const METHOD_HEADER = "method.response.header.";

/** Shapes the answer of a MOCK or AWS integration through its integration response. */
const answer = (
  call: Call,
  response: IntegrationResponse,
  backend: { headers: readonly Header[]; body: string },
): EdgeResponse => {
  const { templates } = response;
  const template = own(templates, contentType(call)) ?? own(templates, "application/json");
  const rendered = template ? renderMapping(call, template, backend.body) : undefined;
  const headers: Header[] = [];
  for (const [name, expression] of Object.entries(response.headers)) {
    const value = name.startsWith(METHOD_HEADER)
      ? responseHeader(expression, backend.headers, backend.body)
      : undefined;
    if (value !== undefined) headers.push([name.slice(METHOD_HEADER.length), value]);
  }
  for (const [name, value] of Object.entries(rendered?.overrides.responseOverride.header ?? {})) {
    headers.push([name, String(value)]);
  }
  if (headerOf(headers, "content-type") === undefined) headers.unshift(["Content-Type", "application/json"]);
  const override = Number(rendered?.overrides.responseOverride.status);
  const status = Number.isInteger(override) && override >= 100 && override < 600 ? override : response.status;
  return { status, headers, body: rendered?.body ?? backend.body };
};

/** MOCK: the request template names a status, and the integration response of that status is the answer. */
export const mock = (call: Call, integration: Integration): EdgeResponse => {
  const template = requestTemplate(call, integration);
  const rendered = template === undefined ? "" : renderMapping(call, template, "").body;
  // Written as JSON or, as SST does, with a bare key: `{ statusCode: 200 }`.
  const status = /["']?statusCode["']?\s*:\s*["']?(\d{3})/.exec(rendered)?.[1];
  if (status === undefined) throw new GatewayError("API_CONFIGURATION_ERROR");
  return answer(call, select(integration, status), { headers: [], body: "" });
};

/** AWS with a function behind it: templates make the event and the answer. */
export const lambdaMapped = async (
  cloud: Cloud,
  call: Call,
  integration: Integration,
): Promise<EdgeResponse> => {
  const functionArn = functionArnOf(call, integration.uri);
  if (!functionArn) throw new GatewayError("API_CONFIGURATION_ERROR");
  const text = call.request.body.toString("utf8");
  const template = requestTemplate(call, integration);
  const body = template === undefined ? text : renderMapping(call, template, text).body;
  let event: unknown;
  try {
    event = body.trim() === "" ? {} : JSON.parse(body);
  } catch {
    throw new GatewayError("BAD_REQUEST_BODY", { said: "Could not parse request body into json." });
  }
  const outcome = await invoke(cloud, call, functionArn, event, integration.timeoutMs);
  if (outcome.throttled) throw new GatewayError("DEFAULT_5XX", { status: 500 });
  const payload = outcome.error ?? outcome.payload;
  const subject = outcome.error ? outcome.error.errorMessage : "";
  return answer(call, select(integration, subject), { headers: [], body: JSON.stringify(payload ?? null) });
};

const HOP = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "via",
]);

const targetUrl = (call: Call, integration: Integration): URL => {
  const params: Record<string, string> = { ...call.pathParameters };
  for (const [to, from] of Object.entries(integration.requestParameters)) {
    const name = /^integration\.request\.path\.(.+)$/.exec(to)?.[1];
    const source = /^method\.request\.path\.(.+)$/.exec(from)?.[1];
    const value = source ? call.pathParameters?.[source] : undefined;
    if (name && value !== undefined) params[name] = value;
  }
  const filled = integration.uri
    .replace(/\$\{stageVariables\.([^}]+)\}/g, (_, name) => call.stage.variables?.[name] ?? "")
    .replace(/\{([^}+]+)\+?\}/g, (_, name) => params[name] ?? "");
  const url = new URL(filled);
  if (call.request.query !== "") url.search = call.request.query;
  return url;
};

/** HTTP_PROXY: the request goes on to a URL as it came. */
export const httpProxy = async (
  cloud: Cloud,
  call: Call,
  integration: Integration,
): Promise<EdgeResponse> => {
  const { request } = call;
  const headers = new Headers();
  for (const [name, value] of call.headers) {
    if (!HOP.has(name.toLowerCase()) && name !== "Host") headers.append(name, value);
  }
  headers.set("x-amzn-apigateway-api-id", call.api.id);
  const method =
    integration.httpMethod === "" || integration.httpMethod === "ANY"
      ? request.method
      : integration.httpMethod;
  const abort = new AbortController();
  const cancel = cloud.clock.after(integration.timeoutMs, () => abort.abort());
  try {
    const init = { method, headers, redirect: "manual" as const, signal: abort.signal };
    const bodied = request.body.length > 0 && method !== "GET" && method !== "HEAD";
    const reply = await fetch(targetUrl(call, integration), {
      ...init,
      ...(bodied ? { body: new Uint8Array(request.body) } : {}),
    });
    const kept = [...reply.headers].filter(([name]) => !HOP.has(name));
    return { status: reply.status, headers: kept, body: Buffer.from(await reply.arrayBuffer()) };
  } catch {
    throw new GatewayError(abort.signal.aborted ? "INTEGRATION_TIMEOUT" : "INTEGRATION_FAILURE");
  } finally {
    cancel();
  }
};
