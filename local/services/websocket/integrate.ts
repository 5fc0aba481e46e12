import type { Cloud } from "../../kit/cloud.ts";
import { type Call, proxyEvent } from "./context.ts";
import { httpProxy } from "./http-integration.ts";
import { invoke } from "./invoke.ts";
import type { Integration } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { render } from "./render.ts";

/** What an integration answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const malformed = () => new Refusal("IntegrationFailureException");

const readHeaders = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Object(value ?? {}))
      .filter(([, one]) => ["string", "number", "boolean"].includes(typeof one))
      .map(([name, one]) => [name.toLowerCase(), String(one)]),
  );

/** Reads a function's answer: anything but the documented shape is API Gateway's "Internal server error". */
const readAnswer = (payload: unknown): Answer => {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) throw malformed();
  const { statusCode, headers, body, isBase64Encoded } = payload as Record<string, unknown>;
  const status = Number(statusCode ?? 200);
  if (!Number.isInteger(status) || status < 100 || status > 599) throw malformed();
  if (body !== undefined && body !== null && typeof body !== "string") throw malformed();
  const decoded =
    isBase64Encoded === true && body ? Buffer.from(body, "base64").toString("utf8") : (body ?? undefined);
  return { status, headers: readHeaders(headers), ...(decoded === undefined ? {} : { body: decoded }) };
};

const lambdaProxy = async (cloud: Cloud, call: Call, integration: Integration): Promise<Answer> => {
  const outcome = await invoke(cloud, call, integration, proxyEvent(call));
  if (outcome.throttled) throw new Refusal("ConfigurationException");
  if (outcome.error) throw malformed();
  return readAnswer(outcome.payload);
};

const mock = (call: Call, integration: Integration): Answer => {
  const template = Object.values(integration.requestTemplates)[0] ?? "{}";
  const status = Number(/"statusCode"\s*:\s*(\d{3})/.exec(render(template, call))?.[1] ?? 200);
  const body = integration.responseTemplate;
  return { status, headers: {}, ...(body === undefined ? {} : { body: render(body, call) }) };
};

/** Hands a call to what stands behind its route; throws the refusal that answers in its place. */
export const integrate = async (cloud: Cloud, call: Call, integration: Integration): Promise<Answer> => {
  switch (integration.type) {
    case "AWS_PROXY":
      return lambdaProxy(cloud, call, integration);
    case "MOCK":
      return mock(call, integration);
    case "HTTP_PROXY":
      return httpProxy(cloud, call, integration);
    default:
      cloud.print(
        `✗ ${call.peer.api.name}: nothing local serves ${integration.type} integrations (route ${call.routeKey})`,
      );
      throw new Refusal("ConfigurationException");
  }
};
