/** A proxy event as API Gateway sends it, with only what differs stated. */
export const proxyEvent = (method: string, path: string, hash?: string, body?: unknown) => ({
  resource: path,
  path,
  httpMethod: method,
  headers: {
    "content-type": "application/json",
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
  },
  body: body === undefined ? null : JSON.stringify(body),
  isBase64Encoded: false,
});
