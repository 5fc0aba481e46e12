import { gzipSync } from "node:zlib";

/** What differs between two requests. */
export interface ProxyRequest {
  readonly method: string;
  readonly path: string;
  readonly hash?: string;
  readonly body?: unknown;
  /** Sends the body as a form. */
  readonly form?: string;
  /** Signs this user in, as the authorizer would. */
  readonly user?: string;
}

/** A proxy event as API Gateway sends it. */
export const proxyEvent = ({ method, path, hash, body, form, user }: ProxyRequest) => ({
  resource: path,
  path,
  httpMethod: method,
  headers: {
    "content-type": form === undefined ? "application/json" : "application/x-www-form-urlencoded",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/153.0.0.0 Safari/537.36",
    "x-forwarded-host": "bench.example",
    "x-forwarded-for": "203.0.113.7, 198.51.100.1",
  },
  multiValueHeaders: {},
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: hash === undefined ? null : { hash },
  stageVariables: null,
  requestContext: {
    requestId: "00000000-0000-4000-8000-000000000000",
    domainName: "bench.example",
    identity: { sourceIp: "203.0.113.7" },
    ...(user !== undefined && { authorizer: { userId: user, name: user, groups: "" } }),
  },
  body: form ?? (body === undefined ? null : JSON.stringify(body)),
  isBase64Encoded: false,
});

/** A delivery of a log subscription, packed as CloudWatch Logs packs it. */
export const logsEvent = (lines: readonly string[]) => {
  const logEvents = lines.map((message, n) => ({ id: String(n), timestamp: Date.now(), message }));
  const data = gzipSync(JSON.stringify({ messageType: "DATA_MESSAGE", logEvents })).toString("base64");
  return { awslogs: { data } };
};
