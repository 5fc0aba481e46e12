import type { AwsRequest, AwsResponse } from "../../kit/cloud.ts";
import type { Ses } from "./context.ts";
import { SesError, sesErrors } from "./errors.ts";
import { accountOperations } from "./v2-account.ts";
import type { V2Call, V2Operations } from "./v2-call.ts";
import { listOperations } from "./v2-contact-lists.ts";
import { contactOperations } from "./v2-contacts.ts";
import { identityOperations } from "./v2-identities.ts";
import { sendOperations } from "./v2-send.ts";
import { setOperations } from "./v2-sets.ts";
import { templateOperations } from "./v2-templates.ts";

/** Operations by method and path under `/v2/email/`; a `*` is a name. */
const operations: V2Operations = {
  ...sendOperations,
  ...templateOperations,
  ...identityOperations,
  ...setOperations,
  ...accountOperations,
  ...listOperations,
  ...contactOperations,
};

const routes = Object.entries(operations).map(([route, [name, run]]) => {
  const [method = "", path = ""] = route.split(" ");
  return { method, parts: path.split("/"), name, run };
});

/** Names of what is served of SES v2. */
export const v2Names: readonly string[] = [...new Set(routes.map(({ name }) => name))];

const JSON_HEADERS = { "content-type": "application/json" };

const partsOf = (path: string): string[] =>
  path
    .replace(/^\/v2\/email\/?/, "")
    .replace(/\/$/, "")
    .split("/");

const routeOf = ({ method, path }: Pick<AwsRequest, "method" | "path">) => {
  const parts = partsOf(path);
  return routes.find(
    (route) =>
      route.method === method &&
      route.parts.length === parts.length &&
      route.parts.every((part, i) => part === "*" || part === parts[i]),
  );
};

/** Name of the operation a v2 call asks for. */
export const v2Operation = (call: Pick<AwsRequest, "method" | "path">): string | undefined =>
  routeOf(call)?.name;

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw sesErrors.invalid("The path is not valid.");
  }
};

const inputOf = ({ body }: AwsRequest): Record<string, unknown> => {
  if (body.length === 0) return {};
  try {
    const input: unknown = JSON.parse(body.toString("utf8"));
    if (typeof input === "object" && input !== null && !Array.isArray(input))
      return input as Record<string, unknown>;
  } catch {
    // told below
  }
  throw sesErrors.invalid("The request body is not a JSON object.");
};

const answer = async (ses: Ses, request: AwsRequest): Promise<AwsResponse> => {
  const route = routeOf(request);
  if (!route)
    throw sesErrors.unserved(
      `The local cloud does not serve ses:${request.method} ${request.path.slice(0, 200)}.`,
    );
  const parts = partsOf(request.path);
  const names = route.parts.flatMap((part, i) => (part === "*" ? [decode(parts[i] ?? "")] : []));
  const call: V2Call = { names, query: request.query, input: inputOf(request), request };
  const { node, ...body } = (await route.run(ses, call)) ?? {};
  return {
    status: 200,
    headers: JSON_HEADERS,
    body: JSON.stringify(body),
    ...(typeof node === "string" ? { node } : {}),
  };
};

/** Answers a call of SES v2 (REST, JSON). */
export const handleV2 = async (ses: Ses, request: AwsRequest): Promise<AwsResponse> => {
  try {
    return await answer(ses, request);
  } catch (error) {
    if (!(error instanceof SesError)) throw error;
    return {
      status: error.status,
      headers: { ...JSON_HEADERS, "x-amzn-errortype": error.v2 },
      body: JSON.stringify({ message: error.message }),
    };
  }
};
