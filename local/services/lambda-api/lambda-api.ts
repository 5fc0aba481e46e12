import { type FunctionSpec, functionByArn, type Graph } from "../../graph/graph.ts";
import type { AwsRequest, AwsResponse, AwsService, Cloud, InvokeOptions } from "../../kit/cloud.ts";
import { isJson } from "../../kit/json.ts";
import type { FunctionStats } from "../../lambda/types.ts";
import { configuration } from "./configuration.ts";
import { lambdaActions, lambdaViews } from "./console.ts";

/** What the API needs of the host: invocations with their raw answer and log tail. */
export interface Invoker {
  run(
    spec: FunctionSpec,
    event: string,
    options?: InvokeOptions,
  ): Promise<{
    readonly body?: string;
    readonly error?: { readonly errorType: string; readonly errorMessage: string };
    readonly throttled?: true;
    readonly logTail: string;
  }>;
  invokeAsync(functionArn: string, event: unknown, options?: InvokeOptions): Promise<unknown>;
  /** What is known of each function's running state. */
  stats?(): readonly FunctionStats[];
}

type ApiCloud = Pick<Cloud, "graph" | "clock" | "print">;

const SYNC_BYTES = 6_291_456;
const ASYNC_BYTES = 1_048_576;

const json = (status: number, body: object, headers: Record<string, string> = {}): AwsResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

const refuse = (status: number, code: string, message: string): AwsResponse =>
  json(
    status,
    { Type: status < 500 ? "User" : "Service", message, Message: message },
    { "x-amzn-errortype": code },
  );

/** A function by name, ARN or partial ARN (`account:function:name`), with or without a qualifier. */
const findFunction = (graph: Graph, reference: string): FunctionSpec | undefined => {
  if (reference.startsWith("arn:")) return functionByArn(graph, reference);
  const name = /^(?:\d{12}:function:)?([^:]+)/.exec(reference)?.[1];
  return graph.functions.find((spec) => spec.name === name);
};

const clientContext = (header: string | undefined): unknown =>
  header ? JSON.parse(Buffer.from(header, "base64").toString()) : undefined;

const optionsOf = (request: AwsRequest): InvokeOptions => {
  const trace = request.headers["x-amzn-trace-id"];
  const context = clientContext(request.headers["x-amz-client-context"]);
  const from = request.caller?.functionArn;
  return {
    ...(trace ? { trace } : {}),
    ...(from ? { from } : {}),
    ...(context === undefined ? {} : { clientContext: context }),
  };
};

const invokeNow = async (host: Invoker, spec: FunctionSpec, event: string, request: AwsRequest) => {
  const invocation = await host.run(spec, event, optionsOf(request));
  if (invocation.throttled)
    return json(
      429,
      {
        Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
        Type: "User",
        message: "Rate Exceeded.",
      },
      { "x-amzn-errortype": "TooManyRequestsException" },
    );
  const tail = request.headers["x-amz-log-type"] === "Tail";
  return {
    status: 200,
    headers: {
      "content-type": "application/json",
      "x-amz-executed-version": "$LATEST",
      ...(invocation.error ? { "x-amz-function-error": "Unhandled" } : {}),
      ...(tail ? { "x-amz-log-result": Buffer.from(invocation.logTail).toString("base64") } : {}),
    },
    body: invocation.error ? JSON.stringify(invocation.error) : (invocation.body ?? "null"),
    node: spec.arn,
  };
};

const invoke = async (host: Invoker, spec: FunctionSpec, request: AwsRequest): Promise<AwsResponse> => {
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  const event = request.body.length === 0 ? "{}" : request.body.toString("utf8");
  const limit = type === "Event" ? ASYNC_BYTES : SYNC_BYTES;
  if (request.body.length > limit)
    return refuse(
      413,
      "RequestTooLargeException",
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
    );
  if (!isJson(event))
    return refuse(400, "InvalidRequestContentException", "Could not parse request body into json");
  if (type === "DryRun") return { status: 204, node: spec.arn };
  if (type === "RequestResponse") return invokeNow(host, spec, event, request);
  if (type !== "Event")
    return refuse(400, "InvalidParameterValueException", `Unknown invocation type ${type}`);
  await host.invokeAsync(spec.arn, JSON.parse(event), optionsOf(request));
  return { status: 202, node: spec.arn };
};

const FUNCTION = /^\/2015-03-31\/functions\/([^/]+)(\/[^/]+)?$/;

/** By method, and by what follows the function's name. */
const OF_FUNCTION: Readonly<Record<string, string>> = {
  "POST /invocations": "Invoke",
  "GET ": "GetFunction",
  "GET /configuration": "GetFunctionConfiguration",
};

const route = async (cloud: ApiCloud, host: Invoker, request: AwsRequest): Promise<AwsResponse> => {
  const { method, path } = request;
  const { graph } = cloud;
  if (method === "GET" && /^\/2015-03-31\/functions\/?$/.test(path))
    return json(200, { Functions: graph.functions.map((spec) => configuration(graph, spec)) });
  const [, reference, action = ""] = FUNCTION.exec(path) ?? [];
  if (reference === undefined || !Object.hasOwn(OF_FUNCTION, `${method} ${action}`)) {
    const message = `Lambda ${method} ${path} is not served locally.`;
    cloud.print(`✗ ${message}`);
    return refuse(501, "NotImplemented", message);
  }
  const name = decodeURIComponent(reference);
  const spec = findFunction(graph, name);
  if (!spec) {
    const arn = name.startsWith("arn:")
      ? name
      : `arn:aws:lambda:${graph.region}:${graph.accountId}:function:${name}`;
    return refuse(404, "ResourceNotFoundException", `Function not found: ${arn}`);
  }
  if (action === "/invocations") return invoke(host, spec, request);
  const found = configuration(graph, spec);
  return json(200, action === "" ? { Configuration: found, Code: {}, Tags: {} } : found);
};

/** The Lambda API that SDKs call: invoking functions and reading their configuration. */
export const lambdaApi = (cloud: ApiCloud, host: Invoker): AwsService => ({
  name: "lambda",
  handle: (request) => route(cloud, host, request),
  operations: ["ListFunctions", ...Object.values(OF_FUNCTION)].map((operation) => `lambda:${operation}`),
  views: lambdaViews(cloud, host),
  actions: lambdaActions(cloud, host),
});
