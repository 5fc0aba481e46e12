import { Compile, parse } from "velocityjs";
import { type Call, requestContext, xrayTraceId } from "./context.ts";

type Renderer = (variables: Record<string, unknown>) => string;

const compiled = new Map<string, Renderer>();

const compile = (template: string): Renderer => {
  let renderer = compiled.get(template);
  if (!renderer) {
    const tree = parse(template);
    renderer = (variables) => String(new Compile(tree, { escape: false }).render(variables));
    compiled.set(template, renderer);
  }
  return renderer;
};

/** Walks `a.b.c` through nested maps. */
const walk = (root: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string, unknown>)[part]
        : undefined,
    root,
  );

/** `$context` of a call, with what is known only at its end. */
export const contextVariables = (call: Call, end: { status?: number; latencyMs?: number } = {}) => {
  const message = call.error?.message ?? null;
  return {
    ...requestContext(call),
    status: end.status,
    responseLatency: end.latencyMs,
    xrayTraceId: xrayTraceId(call),
    ...(call.error
      ? {
          error: {
            message,
            messageString: JSON.stringify(message),
            responseType: call.error.type,
            validationErrorString: call.error.validation ?? message,
          },
        }
      : {}),
    integration: {
      status: call.integration?.status,
      integrationStatus: call.integration?.status,
      latency: call.integration?.latencyMs,
      requestId: call.integration?.requestId,
    },
    integrationLatency: call.integration?.latencyMs,
  };
};

const SIMPLE =
  /\$(?:\{((?:context|stageVariables)(?:\.[\w-]+)+)\}|((?:context|stageVariables)(?:\.[\w-]+)+))/g;

/** Gateway responses and access logs know `$context` and `$stageVariables` only: plain substitution, no logic. */
export const renderSimple = (
  call: Call,
  template: string,
  end: { status?: number; latencyMs?: number } = {},
  missing = "",
): string => {
  const roots = { context: contextVariables(call, end), stageVariables: call.stage.variables ?? {} };
  return template.replace(SIMPLE, (_, braced: string | undefined, bare: string | undefined) => {
    const [root, ...path] = (braced ?? bare ?? "").split(".");
    const value = walk(root === "context" ? roots.context : roots.stageVariables, path);
    if (value === undefined || value === null) return missing;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
};

const jsonPath = (root: unknown, path: string): unknown => {
  const parts = [...path.replace(/^\$/, "").matchAll(/\.([A-Za-z0-9_-]+)|\[['"]?([^\]'"]+)['"]?\]/g)];
  return walk(
    root,
    parts.map((part) => part[1] ?? part[2] ?? ""),
  );
};

const parseJson = (text: string): unknown => {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return {};
  }
};

const input = (call: Call, body: string) => {
  const params = {
    path: call.pathParameters ?? {},
    querystring: call.query.single ?? {},
    header: call.headerValues.single ?? {},
  };
  return {
    body: body === "" ? "{}" : body,
    json: (path: string) => JSON.stringify(jsonPath(parseJson(body), path) ?? ""),
    path: (path: string) => jsonPath(parseJson(body), path) ?? "",
    params: (name?: string) => {
      if (name === undefined) return params;
      return (
        walk(params.path, [name]) ?? walk(params.querystring, [name]) ?? walk(params.header, [name]) ?? ""
      );
    },
  };
};

const util = {
  escapeJavaScript: (value: unknown) =>
    JSON.stringify(String(value)).slice(1, -1).replaceAll("'", "\\'").replaceAll("/", "\\/"),
  parseJson: (text: string) => parseJson(text),
  urlEncode: (text: string) => encodeURIComponent(text).replaceAll("%20", "+"),
  urlDecode: (text: string) => decodeURIComponent(text.replaceAll("+", " ")),
  base64Encode: (text: string) => Buffer.from(text).toString("base64"),
  base64Decode: (text: string) => Buffer.from(text, "base64").toString("utf8"),
};

/** What a mapping template may change besides the body. */
export interface Overrides {
  requestOverride: {
    header: Record<string, unknown>;
    path: Record<string, unknown>;
    querystring: Record<string, unknown>;
  };
  responseOverride: { header: Record<string, unknown>; status?: unknown };
}

/** Renders a mapping template (Velocity) over a body. */
export const renderMapping = (call: Call, template: string, body: string) => {
  const overrides: Overrides = {
    requestOverride: { header: {}, path: {}, querystring: {} },
    responseOverride: { header: {} },
  };
  const rendered = compile(template)({
    context: { ...contextVariables(call), ...overrides },
    stageVariables: call.stage.variables ?? {},
    input: input(call, body),
    util,
  });
  return { body: rendered, overrides };
};
