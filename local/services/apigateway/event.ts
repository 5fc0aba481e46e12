import { headerOf } from "../../front/exchange.ts";
import { type Call, methodArn, requestContext } from "./context.ts";
import { isBinary } from "./media.ts";

/** The body as the proxy event carries it: null when empty, base64 when its type is binary for this API. */
export const eventBody = (call: Call): { body: string | null; isBase64Encoded: boolean } => {
  const { body, headers } = call.request;
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  const binary = isBinary(headerOf(headers, "content-type"), call.api.binaryMediaTypes);
  return { body: body.toString(binary ? "base64" : "utf8"), isBase64Encoded: binary };
};

/** The v1 Lambda proxy event. */
export const proxyEvent = (call: Call): Record<string, unknown> => ({
  resource: call.method?.resourcePath,
  path: call.path,
  httpMethod: call.request.method,
  headers: call.headerValues.single,
  multiValueHeaders: call.headerValues.multi,
  queryStringParameters: call.query.single,
  multiValueQueryStringParameters: call.query.multi,
  pathParameters: call.pathParameters,
  stageVariables: call.stage.variables,
  requestContext: requestContext(call),
  ...eventBody(call),
});

/** What a TOKEN authorizer is given. */
export const tokenEvent = (call: Call, token: string): Record<string, unknown> => ({
  type: "TOKEN",
  methodArn: methodArn(call),
  authorizationToken: token,
});

/** What a REQUEST authorizer is given: the proxy event without its body, nulls as empty maps. */
export const requestAuthorizerEvent = (call: Call): Record<string, unknown> => ({
  type: "REQUEST",
  methodArn: methodArn(call),
  resource: call.method?.resourcePath,
  path: call.path,
  httpMethod: call.request.method,
  headers: call.headerValues.single ?? {},
  multiValueHeaders: call.headerValues.multi ?? {},
  queryStringParameters: call.query.single ?? {},
  multiValueQueryStringParameters: call.query.multi ?? {},
  pathParameters: call.pathParameters ?? {},
  stageVariables: call.stage.variables ?? {},
  requestContext: requestContext(call),
});
