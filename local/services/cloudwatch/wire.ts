import { cbor, tag } from "@smithy/core/cbor";
import type { AwsRequest, AwsResponse } from "../../kit/cloud.ts";
import { type QueryResult, queryAnswer, queryFault, readQuery } from "../../kit/query.ts";

// CloudWatch speaks three protocols: AWS JSON 1.0 (SDK for JavaScript), query (CLI before 2.30), RPC v2 CBOR (newest SDKs).

const NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/";
const RPC_PATH = /^\/service\/[^/]+\/operation\/([^/]+)$/;

/** An error that CloudWatch answers. */
export class CloudWatchError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** An operation's output: dates are Date, what is undefined is left out. */
export type Output = Readonly<Record<string, unknown>>;

/** A call as it was read: fields as the protocol gave them; the query protocol gives every scalar as text. */
export interface Call {
  readonly operation: string;
  readonly input: unknown;
  answer(output: Output): AwsResponse;
  refuse(error: CloudWatchError): AwsResponse;
}

// Query names of errors differ from the shapes' own names.
const QUERY_CODES: Readonly<Record<string, string>> = {
  InvalidParameterValueException: "InvalidParameterValue",
  InvalidParameterCombinationException: "InvalidParameterCombination",
  MissingRequiredParameterException: "MissingParameter",
  ResourceNotFoundException: "ResourceNotFoundException",
  LimitExceededFault: "LimitExceeded",
  InvalidFormatFault: "InvalidFormat",
  DashboardInvalidInputError: "InvalidParameterInput",
  DashboardNotFoundError: "ResourceNotFound",
  InvalidNextToken: "InvalidNextToken",
  ResourceNotFound: "ResourceNotFound",
};

/** How clients that once spoke the query protocol learn the code they knew. */
const queryError = (code: string) => `${QUERY_CODES[code] ?? code};Sender`;

const json = (status: number, body: unknown): AwsResponse => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: JSON.stringify(body),
});

/** Dates as seconds: how AWS JSON writes them. */
const seconds = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime() / 1_000;
  if (Array.isArray(value)) return value.map(seconds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, seconds(one)]));
};

const xml = (value: unknown): QueryResult => {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(xml);
  if (typeof value !== "object" || value === null) return value as QueryResult;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, xml(one)]));
};

const readJson = (request: AwsRequest): Call => ({
  operation: request.headers["x-amz-target"]?.split(".").at(-1) ?? "",
  input: parse(() => JSON.parse(request.body.toString("utf8") || "{}")),
  answer: (output) => json(200, seconds(output)),
  refuse: ({ status, code, message }) => {
    const answer = json(status, { __type: `com.amazonaws.cloudwatch#${code}`, message });
    return { ...answer, headers: { ...answer.headers, "x-amzn-query-error": queryError(code) } };
  },
});

const readForm = (request: AwsRequest): Call => {
  const input = parse(() => readQuery(request)) as Readonly<Record<string, unknown>>;
  const call = { action: String(input.Action ?? ""), namespace: NAMESPACE, requestId: request.requestId };
  return {
    operation: call.action,
    input,
    answer: (output) => queryAnswer(call, xml(output) as Readonly<Record<string, QueryResult>>),
    refuse: ({ status, code, message }) =>
      queryFault(call, { status, code: QUERY_CODES[code] ?? code, message }),
  };
};

const CBOR = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };

const readCbor = (request: AwsRequest, operation: string): Call => ({
  operation,
  input: parse(() => (request.body.length > 0 ? untagged(cbor.deserialize(request.body)) : {})),
  answer: (output) => ({ status: 200, headers: CBOR, body: Buffer.from(cbor.serialize(tagged(output))) }),
  refuse: ({ status, code, message }) => ({
    status,
    headers: { ...CBOR, "x-amzn-query-error": queryError(code) },
    body: Buffer.from(cbor.serialize({ __type: `com.amazonaws.cloudwatch#${code}`, message })),
  }),
});

/** Dates under CBOR's tag 1, undefined left out. */
const tagged = (value: unknown): unknown => {
  if (value instanceof Date) return tag({ tag: 1, value: value.getTime() / 1_000 });
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(known.map(([name, one]) => [name, tagged(one)]));
};

/** Times of tag 1 as numbers of seconds: what the schemas take. */
const untagged = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if ("tag" in value && "value" in value) return value.value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, untagged(one)]));
};

const parse = (read: () => unknown): unknown => {
  try {
    return read();
  } catch {
    throw new CloudWatchError("SerializationException", "The request could not be read.");
  }
};

/** Reads a call in whichever protocol it came, which the gateway has found in the same order. */
export const readCall = (request: AwsRequest): Call => {
  const { headers, path } = request;
  if (headers["x-amz-target"]) return readJson(request);
  const rpc = headers["smithy-protocol"] === "rpc-v2-cbor" ? RPC_PATH.exec(path)?.[1] : undefined;
  return rpc ? readCbor(request, rpc) : readForm(request);
};
