import type { AwsRequest, AwsResponse } from "./cloud.ts";

// The JSON 1.1 protocol of services that have no stranger habits: an operation's name in a header, JSON in, JSON out.

/** A refusal in a service's words. */
export class JsonFault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** The input of an operation: JSON of a caller, so anything. */
export type JsonInput = Readonly<Record<string, unknown>>;

/** What an operation answers, and the ARN of the resource it touched. */
export interface JsonAnswer {
  readonly output: object;
  readonly node?: string;
}

/** One operation. */
export type JsonOperation<Context> = (
  context: Context,
  input: JsonInput,
  request: AwsRequest,
) => JsonAnswer | Promise<JsonAnswer>;

const respond = (status: number, body: object): AwsResponse => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: JSON.stringify(body),
});

const readInput = (body: Buffer): JsonInput => {
  let input: unknown;
  try {
    input = JSON.parse(body.toString("utf8") || "{}");
  } catch {
    throw new JsonFault("SerializationException", "The request body is not JSON.");
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as JsonInput;
  throw new JsonFault("SerializationException", "Start of structure or map found where not expected.");
};

/** Answers a call; `service` is the signing name, for operations that are not served. */
export const answerJson = async <Context>(
  service: string,
  operations: Readonly<Record<string, JsonOperation<Context>>>,
  context: Context,
  request: AwsRequest,
): Promise<AwsResponse> => {
  const name = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  try {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation)
      throw new JsonFault(
        "NotImplemented",
        `The local cloud does not serve ${service}:${name || "(no operation)"}.`,
        501,
      );
    const { output, node } = await operation(context, readInput(request.body), request);
    return { ...respond(200, output), ...(node === undefined ? {} : { node }) };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return respond(error.status, { __type: error.code, message: error.message });
  }
};

const wrongType = (name: string, wanted: string) =>
  new JsonFault("SerializationException", `${name} is no ${wanted}.`);

/** A text of the input; undefined when it is missing. */
export const optionalText = (input: JsonInput, name: string): string | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongType(name, "text");
  return value;
};

/** A flag of the input; false when it is missing. */
export const flag = (input: JsonInput, name: string): boolean => {
  const value = input[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw wrongType(name, "boolean");
  return value;
};

/** A whole number of the input; undefined when it is missing. */
export const optionalInteger = (input: JsonInput, name: string): number | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType(name, "integer");
  return value;
};

/** A list of texts of the input; empty when it is missing. */
export const textList = (input: JsonInput, name: string): readonly string[] => {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string"))
    throw wrongType(name, "list of texts");
  return value;
};

/** A list of structures of the input; empty when it is missing. */
export const structures = (input: JsonInput, name: string): readonly JsonInput[] => {
  const value = input[name];
  if (value === undefined || value === null) return [];
  const fits = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item);
  if (!Array.isArray(value) || !value.every(fits)) throw wrongType(name, "list of structures");
  return value;
};

/** Refuses a value out of bounds, as AWS's validation words it. */
export const outOfBounds = (value: unknown, name: string, constraint: string): JsonFault =>
  new JsonFault(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have ${constraint}`,
  );

/** One page of a list, and the token of the next; `bad` is thrown for a token that is none. */
export const jsonPage = <T>(
  all: readonly T[],
  input: JsonInput,
  size: number,
  bad: () => JsonFault,
): { readonly items: readonly T[]; readonly NextToken?: string } => {
  const token = optionalText(input, "NextToken");
  const at =
    token === undefined ? "0" : /^page:(\d{1,9})$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (at === undefined) throw bad();
  const to = Number(at) + size;
  return {
    items: all.slice(Number(at), to),
    ...(to < all.length ? { NextToken: Buffer.from(`page:${to}`).toString("base64") } : {}),
  };
};
