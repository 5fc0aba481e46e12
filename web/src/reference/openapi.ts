import * as v from "valibot";
import { type Failure, noAnswer, toFailure } from "../api/failure.ts";

/** A JSON Schema (2020-12), as far as the page shows it. */
export interface JsonSchema {
  readonly [key: string]: unknown;
}

const Json = v.custom<JsonSchema>((it) => typeof it === "object" && it !== null);
const Content = v.record(
  v.string(),
  v.looseObject({ schema: v.optional(Json), example: v.optional(v.unknown()) }),
);
const Parameter = v.looseObject({
  name: v.string(),
  in: v.string(),
  required: v.optional(v.boolean(), false),
  description: v.optional(v.string(), ""),
  schema: v.optional(Json, {}),
});
const Reply = v.looseObject({ description: v.optional(v.string(), ""), content: v.optional(Content, {}) });
const Operation = v.looseObject({
  operationId: v.optional(v.string()),
  summary: v.optional(v.string(), ""),
  description: v.optional(v.string(), ""),
  tags: v.optional(v.array(v.string()), []),
  parameters: v.optional(v.array(v.unknown()), []),
  requestBody: v.optional(v.unknown()),
  responses: v.optional(v.record(v.string(), v.unknown()), {}),
  security: v.optional(v.array(v.record(v.string(), v.array(v.string())))),
});
const Document = v.looseObject({
  openapi: v.string(),
  info: v.looseObject({ title: v.string(), version: v.string(), description: v.optional(v.string(), "") }),
  paths: v.record(v.string(), v.looseObject({ parameters: v.optional(v.array(v.unknown()), []) })),
});
type Document = v.InferOutput<typeof Document>;

/** A parameter, its reference followed. */
export type ApiParameter = v.InferOutput<typeof Parameter>;
/** A reply and its status. */
export type ApiReply = v.InferOutput<typeof Reply> & { readonly status: string };

/** One operation, its references followed. */
export interface ApiOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly group: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly ApiParameter[];
  readonly body:
    | { readonly type: string; readonly schema: JsonSchema; readonly required: boolean }
    | undefined;
  readonly replies: readonly ApiReply[];
  /** `required` and `optional` as the security alternatives say. */
  readonly auth: "none" | "optional" | "required";
}

/** The whole reference: title, operations, and how to follow a `$ref`. */
export interface Reference {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly operations: readonly ApiOperation[];
  readonly resolve: (schema: unknown) => JsonSchema;
}

const methods = ["get", "head", "post", "put", "patch", "delete"];

const resolver = (document: Document) => {
  const resolve = (value: unknown, depth = 0): JsonSchema => {
    if (typeof value !== "object" || value === null) return {};
    const ref = (value as JsonSchema).$ref;
    if (typeof ref !== "string" || depth > 20) return value as JsonSchema;
    const target = ref
      .replace(/^#\//, "")
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
      .reduce<unknown>((at, part) => (at as JsonSchema | undefined)?.[part], document);
    return resolve(target, depth + 1);
  };
  return (value: unknown) => resolve(value);
};

const authOf = (security: v.InferOutput<typeof Operation>["security"]): ApiOperation["auth"] => {
  if (!security || security.length === 0) return "none";
  return security.some((alternative) => Object.keys(alternative).length === 0) ? "optional" : "required";
};

const groupOf = (path: string, tags: readonly string[]): string => {
  if (tags[0] !== undefined) return tags[0];
  const segments = path.replace(/^\/api\/v\d+\//, "").split("/");
  return segments[0]?.startsWith("{") || segments[0] === "" ? "redirect" : (segments[0] ?? "other");
};

const bodyOf = (value: unknown): ApiOperation["body"] => {
  const body = v.safeParse(
    v.looseObject({ required: v.optional(v.boolean(), false), content: Content }),
    value,
  );
  if (!body.success) return undefined;
  const [type, media] = Object.entries(body.output.content)[0] ?? [];
  if (type === undefined) return undefined;
  return { type, schema: media?.schema ?? {}, required: body.output.required };
};

const toOperation = (
  method: string,
  path: string,
  shared: readonly unknown[],
  raw: unknown,
  resolve: Reference["resolve"],
): ApiOperation | undefined => {
  const parsed = v.safeParse(Operation, raw);
  if (!parsed.success) return undefined;
  const operation = parsed.output;
  return {
    id: operation.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    group: groupOf(path, operation.tags),
    summary: operation.summary,
    description: operation.description,
    parameters: [...shared, ...operation.parameters].flatMap((parameter) => {
      const result = v.safeParse(Parameter, resolve(parameter));
      return result.success ? [result.output] : [];
    }),
    body: bodyOf(resolve(operation.requestBody)),
    replies: Object.entries(operation.responses).flatMap(([status, reply]) => {
      const result = v.safeParse(Reply, resolve(reply));
      return result.success ? [{ ...result.output, status }] : [];
    }),
    auth: authOf(operation.security),
  };
};

/** Reads an OpenAPI 3.1 document. */
export const readReference = (json: unknown): Reference | undefined => {
  const parsed = v.safeParse(Document, json);
  if (!parsed.success) return undefined;
  const document = parsed.output;
  const resolve = resolver(document);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const raw = (item as JsonSchema)[method];
      if (raw === undefined) return [];
      return toOperation(method, path, item.parameters, raw, resolve) ?? [];
    }),
  );
  return { ...document.info, operations, resolve };
};

type Answer =
  | { readonly ok: true; readonly data: Reference }
  | { readonly ok: false; readonly failure: Failure };

/** The running API's own description. */
export const loadReference = async (signal: AbortSignal): Promise<Answer> => {
  try {
    const response = await fetch("/api/v1/openapi.json", { signal });
    const json: unknown = await response.json().catch(() => undefined);
    const reference = response.ok ? readReference(json) : undefined;
    return reference
      ? { ok: true, data: reference }
      : { ok: false, failure: toFailure(response.status, json) };
  } catch (error) {
    return { ok: false, failure: noAnswer(error) };
  }
};
