import { anything, arnOf, type Reader, type ServiceCall, type Table } from "./access.ts";

const decode = (part: string) => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const PATH = /\/functions\/([^/]+)/;

/** The function named on the request line: by name, partial or whole ARN, with its qualifier. */
const ofPath = (call: ServiceCall): string => {
  const reference = decode(PATH.exec(call.request.path)?.[1] ?? "");
  const qualifier = call.request.query.get("Qualifier");
  const arn = reference.startsWith("arn:")
    ? reference
    : arnOf(call, "lambda", `function:${/^(?:\d{12}:function:)?(.+)$/.exec(reference)?.[1] ?? ""}`);
  return qualifier && arn.split(":").length === 7 ? `${arn}:${qualifier}` : arn;
};

const ofMapping = (call: ServiceCall) =>
  arnOf(call, "lambda", `event-source-mapping:${call.request.path.split("/").at(-1) ?? ""}`);

/** Request line → operation. Source: Lambda's API reference. */
export const LAMBDA_ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^POST \/[\d-]+\/functions\/[^/]+\/invocations$/, "Invoke"],
  [/^POST \/[\d-]+\/functions\/[^/]+\/response-streaming-invocations$/, "InvokeWithResponseStream"],
  [/^POST \/[\d-]+\/functions\/[^/]+\/invoke-async\/?$/, "InvokeAsync"],
  [/^GET \/[\d-]+\/functions\/?$/, "ListFunctions"],
  [/^GET \/[\d-]+\/functions\/[^/]+$/, "GetFunction"],
  [/^GET \/[\d-]+\/functions\/[^/]+\/configuration$/, "GetFunctionConfiguration"],
  [/^PUT \/[\d-]+\/functions\/[^/]+\/configuration$/, "UpdateFunctionConfiguration"],
  [/^PUT \/[\d-]+\/functions\/[^/]+\/code$/, "UpdateFunctionCode"],
  [/^GET \/[\d-]+\/functions\/[^/]+\/concurrency$/, "GetFunctionConcurrency"],
  [/^PUT \/[\d-]+\/functions\/[^/]+\/concurrency$/, "PutFunctionConcurrency"],
  [/^GET \/[\d-]+\/functions\/[^/]+\/policy$/, "GetPolicy"],
  [/^GET \/[\d-]+\/event-source-mappings\/?$/, "ListEventSourceMappings"],
  [/^GET \/[\d-]+\/event-source-mappings\/[^/]+$/, "GetEventSourceMapping"],
];

const named =
  (action: string, resource: (call: ServiceCall) => string): Reader =>
  (call) => [{ action: `lambda:${action}`, resource: resource(call) }];

/** Operations of Lambda. */
export const lambda: Table = {
  Invoke: named("InvokeFunction", ofPath),
  InvokeAsync: named("InvokeFunction", ofPath),
  InvokeWithResponseStream: named("InvokeFunction", ofPath),
  ListFunctions: named("ListFunctions", anything),
  GetFunction: named("GetFunction", ofPath),
  GetFunctionConfiguration: named("GetFunctionConfiguration", ofPath),
  UpdateFunctionConfiguration: named("UpdateFunctionConfiguration", ofPath),
  UpdateFunctionCode: named("UpdateFunctionCode", ofPath),
  GetFunctionConcurrency: named("GetFunctionConcurrency", ofPath),
  PutFunctionConcurrency: named("PutFunctionConcurrency", ofPath),
  GetPolicy: named("GetPolicy", ofPath),
  ListEventSourceMappings: named("ListEventSourceMappings", anything),
  GetEventSourceMapping: named("GetEventSourceMapping", ofMapping),
};
