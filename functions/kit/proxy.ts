import { createHash } from "node:crypto";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { Problem, toDocument } from "#core/kit/problem.ts";
import type { Reply } from "./reply.ts";

/** Everything a handler may know of a request, besides its validated input. */
export interface Caller {
  /** Lower-case names, last value of each. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** Host the visitor typed: a short domain. */
  readonly host: string;
  /** What the visitor speaks to the edge. */
  readonly scheme: string;
  /** The visitor's, as our edge saw it; who passes it by is the address of their own connection. */
  readonly ip: string;
  /** ISO 3166-1 alpha-2 as the edge saw it. */
  readonly country?: string;
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
}

const SAFE_HOST = /^[a-z0-9.-]{1,253}(:\d{1,5})?$/; // a name as long as DNS allows, and a port

/** Reads the parts of an API Gateway v1 proxy event that handlers need. */
export const toCaller = (event: APIGatewayProxyEvent): Caller => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = value;
  }
  const forwarded = (headers["x-forwarded-host"] ?? headers.host ?? "").toLowerCase();
  const country = headers["cloudfront-viewer-country"] ?? headers["x-open-next-country"];
  const ip = viewerIp(event.requestContext.identity.sourceIp, headers);
  delete headers[EDGE_KEY]; // nothing behind the door has a use for it, and no log line may hold it
  return {
    headers,
    cookies: parseCookies(headers.cookie ?? ""),
    host: SAFE_HOST.test(forwarded) ? forwarded : (event.requestContext.domainName ?? "localhost"),
    // API Gateway is reached by https only, and says so: what the viewer spoke, the edge knows.
    scheme:
      (headers["cloudfront-forwarded-proto"] ?? headers["x-forwarded-proto"]) === "http" ? "http" : "https",
    ip,
    ...(country !== undefined && /^[A-Z]{2}$/.test(country) && { country }),
    method: event.httpMethod,
    path: event.path,
    requestId: event.requestContext.requestId,
  };
};

const EDGE_KEY = "x-edge-key";

/**
 * Whose request it is. Our edge proves itself by a key that it puts on every request, in place of any the visitor sent, with the
 * visitor's address beside it. Who comes to the API another way can write what they like into `X-Forwarded-For`,
 * `CloudFront-Viewer-Address` or `X-Viewer-Ip`: nothing of it is read, they are who opened the connection to API Gateway.
 */
export const viewerIp = (
  sourceIp: string,
  { "x-viewer-ip": viewer, [EDGE_KEY]: key }: Readonly<Record<string, string>>,
): string => (viewer !== undefined && isEdgeKey(key) ? viewer : sourceIp);

// The environment holds the key's SHA-256 alone: who reads it cannot speak as the edge (48 random characters are not guessed).
const isEdgeKey = (key: string | undefined): boolean =>
  key !== undefined && createHash("sha256").update(key).digest("hex") === process.env.EDGE_KEY_SHA256;

const parseCookies = (header: string): Record<string, string> => {
  const pairs = header.split(";").map((pair) => pair.trim().split(/=(.*)/s, 2));
  return Object.fromEntries(pairs.filter(([name, value]) => name && value !== undefined));
};

/**
 * Path parameters, decoded. API Gateway REST hands them over percent-encoded; what is not valid UTF-8 stays as it came,
 * for the operation's schema to refuse.
 */
export const toParams = (event: APIGatewayProxyEvent): Record<string, string> =>
  Object.fromEntries(
    Object.entries(event.pathParameters ?? {}).map(([name, value]) => [name, decode(value ?? "")]),
  );

const decode = (value: string) => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

/** Query parameters: a string each, an array where one was repeated. */
export const toQuery = (event: APIGatewayProxyEvent): Record<string, string | string[]> => {
  const query: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    if (values && values.length > 0) query[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return query;
};

// Headers every answer carries; a reply may override them.
const DEFAULT_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
};

/** Turns a reply into API Gateway's answer. HEAD is told everything but the body. */
export const toResult = (reply: Reply, method = "GET"): APIGatewayProxyResult => {
  const { body, encoded } = method === "HEAD" ? { body: "", encoded: false } : encode(reply);
  const type = reply.type ?? (reply.body === undefined ? undefined : "application/json; charset=utf-8");
  return {
    statusCode: reply.status,
    headers: { ...DEFAULT_HEADERS, ...(type && { "content-type": type }), ...reply.headers },
    ...(reply.cookies && { multiValueHeaders: { "set-cookie": [...reply.cookies] } }),
    body,
    isBase64Encoded: encoded,
  };
};

const encode = (reply: Reply) => {
  if (reply.body === undefined) return { body: "", encoded: false };
  if (reply.body instanceof Uint8Array) {
    return { body: Buffer.from(reply.body).toString("base64"), encoded: true };
  }
  return { body: reply.type === undefined ? JSON.stringify(reply.body) : String(reply.body), encoded: false };
};

/** RFC 9457 answer of a problem. */
export const toProblemReply = (problem: Problem, status: number): Reply => ({
  status,
  type: "application/problem+json",
  body: JSON.stringify(toDocument(problem)),
  ...(problem.extra.headers && { headers: problem.extra.headers }),
});

const MAX_BODY_BYTES = 1024 * 1024; // what an operation takes that does not ask for more; files go to S3 directly

/** The body as data: JSON, or the fields of a form. Throws the problem that names what is wrong with it. */
export const readBody = (
  event: APIGatewayProxyEvent,
  accepts: "json" | "form",
  most = MAX_BODY_BYTES,
): unknown => {
  const raw = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString("utf8") : event.body;
  if (raw === null || raw === undefined || raw === "") return undefined;
  if (Buffer.byteLength(raw) > most) {
    throw new Problem("payload-too-large", `A body may hold ${most} bytes`);
  }
  const type = Object.entries(event.headers ?? {}).find(
    ([name]) => name.toLowerCase() === "content-type",
  )?.[1];
  const media = (type ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (accepts === "form") return Object.fromEntries(new URLSearchParams(raw));
  if (media !== "application/json" && !/^application\/[\w.-]+\+json$/.test(media)) {
    throw new Problem(
      "unsupported-media-type",
      `Send application/json, not ${media || "a body without a type"}`,
    );
  }
  try {
    return JSON.parse(raw);
  } catch (cause) {
    throw new Problem("malformed-json", "The body could not be read as JSON", { cause });
  }
};
