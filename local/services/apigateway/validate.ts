import type { ValidateFunction } from "ajv";
import AjvDraft04 from "ajv-draft-04";
import { headerOf } from "../../front/exchange.ts";
import type { Call } from "./context.ts";
import { GatewayError } from "./gateway-errors.ts";
import type { Method, RestApi } from "./model.ts";

// API Gateway models are JSON Schema draft 4; formats are not checked there.
const engine = () => new AjvDraft04.default({ strict: false, validateFormats: false, allErrors: false });

/** A model may refer to another by `https://apigateway.amazonaws.com/restapis/<api>/models/<name>`. */
const inlineModels = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(inlineModels);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      const name =
        key === "$ref" && typeof value === "string"
          ? /\/restapis\/[^/]+\/models\/([^/]+)$/.exec(value)?.[1]
          : "";
      return name ? ["$ref", `model:${name}`] : [key, inlineModels(value)];
    }),
  );
};

/** Compiles an API's models once; a model that is no valid schema refuses every body, as AWS would refuse to deploy it. */
export const createModels = (api: RestApi): ((model: string) => ValidateFunction | undefined) => {
  const ajv = engine();
  for (const [name, text] of api.models) {
    try {
      const parsed = inlineModels(JSON.parse(text || "{}")) as Record<string, unknown>;
      const { $schema: _, id: __, ...schema } = parsed;
      ajv.addSchema(schema, `model:${name}`);
    } catch {
      // Reported by getSchema below being undefined.
    }
  }
  const known = new Map<string, ValidateFunction | undefined>();
  return (name) => {
    if (!known.has(name)) {
      let validate: ValidateFunction | undefined;
      try {
        validate = ajv.getSchema(`model:${name}`) as ValidateFunction | undefined;
      } catch {
        validate = undefined;
      }
      known.set(name, validate);
    }
    return known.get(name);
  };
};

const missingParameters = (call: Call, method: Method): string[] =>
  Object.entries(method.requestParameters).flatMap(([parameter, required]) => {
    const [, place, name] = /^method\.request\.(header|querystring|path)\.(.+)$/.exec(parameter) ?? [];
    if (!required || !place || !name) return [];
    const value =
      place === "header"
        ? headerOf(call.headers, name.toLowerCase())
        : place === "querystring"
          ? call.query.single?.[name]
          : call.pathParameters?.[name];
    // Present but blank counts as missing.
    return value === undefined || value === "" ? [name] : [];
  });

const modelFor = (call: Call, method: Method): string | undefined => {
  const type = headerOf(call.request.headers, "content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  const models = method.requestModels;
  const wanted = type ?? "application/json";
  return Object.hasOwn(models, wanted) ? models[wanted] : models.$default;
};

/** Request validation: required parameters, then the body against its model. */
export const validateRequest = (
  call: Call,
  method: Method,
  models: (model: string) => ValidateFunction | undefined,
): void => {
  if (method.validator?.parameters) {
    const missing = missingParameters(call, method).sort();
    if (missing.length > 0) {
      throw new GatewayError("BAD_REQUEST_PARAMETERS", {
        said: `Missing required request parameters: [${missing.join(", ")}]`,
      });
    }
  }
  if (!method.validator?.body) return;
  const name = modelFor(call, method);
  // A content type without a model is not validated.
  if (name === undefined || name === "Empty") return;
  const validate = models(name);
  let body: unknown;
  try {
    body = JSON.parse(call.request.body.toString("utf8") || "{}");
  } catch {
    throw new GatewayError("BAD_REQUEST_BODY");
  }
  if (!validate?.(body)) throw new GatewayError("BAD_REQUEST_BODY");
};
