import { randomUUID } from "node:crypto";
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import type { User } from "../../core/identity/user.schema.ts";

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

/** A request as a test writes it. */
export interface TestRequest {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who opened the connection. */
  readonly ip?: string;
  /** As the authorizer would have found. */
  readonly user?: User;
}

/** An answer, with its body parsed where it is JSON. */
export interface TestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly text: string;
  readonly json: Record<string, never> & { readonly [key: string]: unknown };
}

/** Lambda's context. */
export const lambdaContext = (remainingMs = 10_000): Context => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName: "test",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:test",
  memoryLimitInMB: "512",
  awsRequestId: randomUUID(),
  logGroupName: "/aws/lambda/test",
  logStreamName: "test",
  getRemainingTimeInMillis: () => remainingMs,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});

/** The proxy event that API Gateway would make of a request. */
export const toEvent = (request: TestRequest): APIGatewayProxyEvent => {
  const { body } = request;
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  const query = Object.entries(request.query ?? {});
  return {
    resource: "/",
    path: request.path ?? "/",
    httpMethod: request.method ?? "GET",
    headers: {
      host: request.host ?? "go.test",
      "x-forwarded-proto": "https",
      "user-agent":
        "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
      ...(text !== null && { "content-type": "application/json" }),
      ...request.headers,
    },
    multiValueHeaders: {},
    queryStringParameters: query.length > 0 ? Object.fromEntries(query) : null,
    multiValueQueryStringParameters:
      query.length > 0 ? Object.fromEntries(query.map(([name, value]) => [name, [value]])) : null,
    pathParameters: request.params ?? null,
    stageVariables: null,
    body: text,
    isBase64Encoded: false,
    requestContext: {
      requestId: randomUUID(),
      authorizer: request.user
        ? { userId: request.user.id, name: request.user.name, groups: request.user.groups.join(",") }
        : undefined,
      identity: { sourceIp: request.ip ?? "203.0.113.9" },
    } as unknown as APIGatewayProxyEvent["requestContext"],
  };
};

/** Calls a handler as Lambda would, in this process. */
export const call = async (handler: unknown, request: TestRequest): Promise<TestReply> => {
  const result = await (handler as Handler)(toEvent(request), lambdaContext(60_000));
  const headers = Object.fromEntries(
    Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const text = result.isBase64Encoded ? Buffer.from(result.body, "base64").toString("latin1") : result.body;
  return {
    status: result.statusCode,
    headers,
    cookies: (result.multiValueHeaders?.["set-cookie"] ?? []).map(String),
    text,
    json: text !== "" && /json/.test(headers["content-type"] ?? "") ? JSON.parse(text) : {},
  };
};
