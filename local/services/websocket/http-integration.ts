import { headerOf, parseQuery } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { type Call, requestContext } from "./context.ts";
import type { Answer } from "./integrate.ts";
import { within } from "./invoke.ts";
import type { Integration } from "./model.ts";
import { Refusal } from "./refusal.ts";

const walk = (root: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (at, part) =>
        typeof at === "object" && at !== null ? (at as Record<string, unknown>)[part] : undefined,
      root,
    );

const parse = (body: string | undefined): unknown => {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
};

/** `'text'`, `context.connectionId`, `route.request.body.id`, `route.request.header.X`, `stageVariables.x`. */
const mapped = (call: Call, expression: string): string | undefined => {
  if (/^'.*'$/s.test(expression)) return expression.slice(1, -1);
  const [, place, name = ""] = /^route\.request\.(header|querystring|body)\.(.+)$/.exec(expression) ?? [];
  const value =
    place === "header"
      ? headerOf(call.peer.headers, name.toLowerCase())
      : place === "querystring"
        ? parseQuery(call.peer.query).findLast(([key]) => key === name)?.[1]
        : place === "body"
          ? walk(parse(call.body), name)
          : expression.startsWith("context.")
            ? walk(requestContext(call), expression.slice(8))
            : call.peer.stage.variables[expression.replace(/^stageVariables\./, "")];
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
};

const requestFor = (call: Call, { uri, requestParameters }: Integration) => {
  const url = new URL(uri);
  const headers = new Headers({ "content-type": "application/json", "x-amzn-trace-id": call.trace });
  for (const [to, expression] of Object.entries(requestParameters)) {
    const [, place, name = ""] = /^integration\.request\.(header|querystring)\.(.+)$/.exec(to) ?? [];
    const value = mapped(call, expression);
    if (value === undefined) continue;
    if (place === "header") headers.set(name, value);
    else if (place === "querystring") url.searchParams.set(name, value);
  }
  return { url, headers };
};

/** HTTP_PROXY: a message's body goes out as it came, the server's answer comes back as it is. */
export const httpProxy = async (cloud: Cloud, call: Call, integration: Integration): Promise<Answer> => {
  const started = cloud.clock.now();
  const method = integration.method === "ANY" ? "POST" : integration.method;
  const bodyless = method === "GET" || method === "HEAD";
  const ask = async (): Promise<Answer> => {
    const { url, headers } = requestFor(call, integration);
    const body = bodyless || call.body === undefined ? {} : { body: call.body };
    const answer = await fetch(url, { method, headers, redirect: "manual", ...body });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  };
  let answer: Answer | undefined;
  try {
    answer = await within(cloud, integration.timeoutMs, ask());
    return answer;
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("IntegrationFailureException");
  } finally {
    call.integration = {
      latencyMs: cloud.clock.now() - started,
      ...(answer ? { status: answer.status } : {}),
    };
  }
};
