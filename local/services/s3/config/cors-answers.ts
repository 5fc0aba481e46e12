import type { ExtensionFactory, S3Answer, S3Request } from "../contract.ts";
import { S3Fault } from "../fault.ts";
import type { Bucket } from "../types.ts";
import { cors, findRule } from "./cors.ts";
import { kept, settingOperations } from "./setting.ts";

const headersFor = (
  found: NonNullable<ReturnType<typeof findRule>>,
  origin: string,
  asked: readonly string[],
): Record<string, string> => {
  const { rule, any } = found;
  return {
    "access-control-allow-origin": any ? "*" : origin,
    ...(any ? {} : { "access-control-allow-credentials": "true" }),
    "access-control-allow-methods": rule.allowedMethods.join(", "),
    ...(asked.length > 0 && { "access-control-allow-headers": asked.join(", ") }),
    ...(rule.exposeHeaders.length > 0 && { "access-control-expose-headers": rule.exposeHeaders.join(", ") }),
    ...(rule.maxAgeSeconds !== undefined && { "access-control-max-age": String(rule.maxAgeSeconds) }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
};

const forbidden = (method: string, request: S3Request, why: string): S3Fault =>
  new S3Fault("AccessForbidden", {
    status: 403,
    message: `CORSResponse: ${why}`,
    detail: { Method: method, ResourceType: request.key ? "OBJECT" : "BUCKET" },
  });

const NOT_ALLOWED =
  "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";

const namesIn = (list: string | undefined) =>
  (list ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");

const preflight = (request: S3Request, bucket: Bucket | undefined): S3Answer => {
  const { origin, "access-control-request-method": method } = request.headers;
  if (!origin) {
    const message = "Insufficient information. Origin request header needed.";
    throw new S3Fault("BadRequest", { message });
  }
  if (!method || !/^(GET|PUT|HEAD|POST|DELETE)$/.test(method)) {
    throw new S3Fault("BadRequest", {
      message: `Invalid Access-Control-Request-Method: ${method ?? "null"}`,
    });
  }
  const rules = bucket && kept(bucket, cors);
  if (!rules) throw forbidden(method, request, "CORS is not enabled for this bucket.");
  const headers = namesIn(request.headers["access-control-request-headers"]);
  const found = findRule(rules, { origin, method, headers });
  if (!found) throw forbidden(method, request, NOT_ALLOWED);
  return { status: 200, headers: { ...headersFor(found, origin, headers), "content-length": "0" } };
};

/** CORS: preflight requests, and the headers by which a browser lets a page see an answer. */
export const corsAnswers: ExtensionFactory = ({ store }) => ({
  operations: settingOperations(cors),
  allowsAnonymous: (request) => request.method === "OPTIONS",
  before: (request, bucket) => (request.method === "OPTIONS" ? preflight(request, bucket) : undefined),
  after(request, answer) {
    const { origin } = request.headers;
    const bucket = origin && request.method !== "OPTIONS" ? store.bucket(request.bucket) : undefined;
    const rules = bucket && kept(bucket, cors);
    if (!origin || !rules) return answer;
    const found = findRule(rules, { origin, method: request.method, headers: [] });
    return found ? { ...answer, headers: { ...answer.headers, ...headersFor(found, origin, []) } } : answer;
  },
});
