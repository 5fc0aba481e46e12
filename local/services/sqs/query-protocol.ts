import type { AwsRequest, AwsResponse } from "../../kit/cloud.ts";
import {
  flatListOf,
  flattened,
  MalformedQuery,
  mapOf,
  type QueryFields,
  type QueryResult,
  type QueryValue,
  queryAnswer,
  queryFault,
  readQuery,
  textOf,
} from "../../kit/query.ts";
import { SqsError, sqsErrors } from "./errors.ts";
import type { Entry } from "./messages.ts";

// SQS's protocol before November 2023: forms in, XML out. Its lists and maps are flattened, and most are called otherwise.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ of API version 2012-11-05

const NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/";

/** Fields that JSON writes as numbers. */
const NUMBERS = new Set([
  "DelaySeconds",
  "VisibilityTimeout",
  "MaxNumberOfMessages",
  "WaitTimeSeconds",
  "MaxResults",
  "MaxNumberOfMessagesPerSecond",
]);

/** Lists of texts, by what a form calls one item. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeName: "AttributeNames",
  MessageAttributeName: "MessageAttributeNames",
  MessageSystemAttributeName: "MessageSystemAttributeNames",
  TagKey: "TagKeys",
};

const fields = (value: QueryValue | undefined): QueryFields =>
  typeof value === "object" && !Array.isArray(value) ? (value as QueryFields) : {};

const texts = (value: QueryValue | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields(value)).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );

/** A map of structures with a key and a value; a single one may stand there without its number. */
const pairs = <T>(form: QueryFields, name: string, key: string, read: (value: QueryValue) => T) => {
  const given = mapOf(form, name);
  const all = textOf(given, key) === undefined ? flatListOf(form, name).map(fields) : [given];
  return Object.fromEntries(all.map((pair) => [textOf(pair, key) ?? "", read(pair.Value ?? "")]));
};

const plain = (value: QueryValue) => (typeof value === "string" ? value : "");

const scalar = (name: string, value: string): string | number =>
  NUMBERS.has(name) && /^-?\d{1,15}$/.test(value) ? Number(value) : value;

/** What a form says, as the JSON protocol would say it. A field that is not of its type is left out. */
const inputOf = (action: string, form: QueryFields): Entry => {
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(form)) {
    const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
    if (list) input[list] = flatListOf(form, name).filter((item) => typeof item === "string");
    else if (name === "Attribute") input.Attributes = pairs(form, name, "Name", plain);
    else if (name === "MessageAttribute" || name === "MessageSystemAttribute")
      input[`${name}s`] = pairs(form, name, "Name", texts);
    else if (name === "Tag")
      input[action === "CreateQueue" ? "tags" : "Tags"] = pairs(form, name, "Key", plain);
    else if (name === `${action}RequestEntry`)
      input.Entries = flatListOf(form, name).map((entry) => inputOf("", fields(entry)));
    else if (typeof value === "string") input[name] = scalar(name, value);
  }
  return input;
};

/** Operations that answer nothing at all. */
const SILENT = new Set([
  "ChangeMessageVisibility",
  "DeleteMessage",
  "DeleteQueue",
  "PurgeQueue",
  "SetQueueAttributes",
  "TagQueue",
  "UntagQueue",
]);

type Output = Readonly<Record<string, unknown>>;

const mapped = (value: unknown, key: string): QueryResult =>
  flattened(
    Object.entries(value as Record<string, QueryResult>).map(([name, Value]) => ({ [key]: name, Value })),
  );

/** Lists of an answer, by how an item of theirs is called; that of `Successful` and `Results` is the operation's. */
const ITEMS: Readonly<Record<string, string>> = {
  QueueUrls: "QueueUrl",
  queueUrls: "QueueUrl",
  Messages: "Message",
  Failed: "BatchResultErrorEntry",
};

/** What an operation answered, as its XML says it. */
const resultOf = (action: string, output: Output): { readonly [name: string]: QueryResult } => {
  const item = (value: unknown): QueryResult =>
    typeof value === "object" && value !== null ? resultOf(action, value as Output) : String(value);
  return Object.fromEntries(
    Object.entries(output).map(([name, value]): [string, QueryResult] => {
      if (name === "Attributes" || name === "MessageAttributes")
        return [name.slice(0, -1), mapped(value, "Name")];
      if (name === "Tags") return ["Tag", mapped(value, "Key")];
      if (Array.isArray(value)) return [ITEMS[name] ?? `${action}ResultEntry`, flattened(value.map(item))];
      return [name, item(value)];
    }),
  );
};

/** Codes that were not 400. */
const STATUS: Readonly<Record<string, number>> = {
  OverLimit: 403,
  PurgeQueueInProgress: 403,
  ResourceNotFoundException: 404,
};

const faultOf = (error: SqsError) => ({
  status: STATUS[error.type] ?? 400,
  code: error.queryCode,
  message:
    error.type === "QueueDoesNotExist"
      ? "The specified queue does not exist for this wsdl version."
      : error.message,
});

/** Answers a form; `run` does what the JSON protocol would. Without a `QueueUrl` the request's path names the queue. */
export const answerQuery = async (
  request: AwsRequest,
  run: (action: string, input: Entry) => Promise<{ readonly output: object; readonly node?: string }>,
): Promise<AwsResponse> => {
  const call = { namespace: NAMESPACE, requestId: request.requestId };
  try {
    const form = readQuery(request);
    const action = textOf(form, "Action") ?? "";
    const { Action: _action, Version: _version, ...rest } = form;
    const input = inputOf(action, rest);
    const onPath = !textOf(form, "QueueUrl") && request.path !== "/";
    const { output, node } = await run(action, onPath ? { ...input, QueueUrl: request.path } : input);
    const result = SILENT.has(action) ? undefined : resultOf(action, output as Output);
    return { ...queryAnswer({ ...call, action }, result), ...(node === undefined ? {} : { node }) };
  } catch (error) {
    if (error instanceof SqsError) return queryFault(call, faultOf(error));
    if (error instanceof MalformedQuery) return queryFault(call, faultOf(sqsErrors.invalid(error.message)));
    throw error;
  }
};
