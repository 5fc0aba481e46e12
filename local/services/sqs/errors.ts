import type { AwsResponse } from "../../kit/cloud.ts";

/** A refusal in SQS's words. `queryCode` is the code older SDKs knew; clients still read it from a header. */
export class SqsError extends Error {
  readonly type: string;
  readonly queryCode: string;

  constructor(type: string, message: string, queryCode: string = type) {
    super(message);
    this.name = type;
    this.type = type;
    this.queryCode = queryCode;
  }
}

const legacy = (type: string, message: string, code: string = type) =>
  new SqsError(type, message, `AWS.SimpleQueueService.${code}`);

/** Errors by the name of what went wrong. */
export const sqsErrors = {
  noQueue: () => legacy("QueueDoesNotExist", "The specified queue does not exist.", "NonExistentQueue"),
  queueExists: (attribute: string) =>
    new SqsError(
      "QueueNameExists",
      `A queue already exists with the same name and a different value for attribute ${attribute}`,
      "QueueAlreadyExists",
    ),
  deletedRecently: () =>
    legacy(
      "QueueDeletedRecently",
      "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    ),
  purging: (name: string) =>
    legacy("PurgeQueueInProgress", `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`),
  emptyBatch: (entry: string) =>
    legacy("EmptyBatchRequest", `There should be at least one ${entry} in the request.`),
  tooMany: (sent: number) =>
    legacy(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are 10. You have sent ${sent}.`,
    ),
  notDistinct: (id: string) => legacy("BatchEntryIdsNotDistinct", `Id ${id} repeated.`),
  badEntryId: () =>
    legacy(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    ),
  batchTooLong: (sent: number, limit: number) =>
    legacy(
      "BatchRequestTooLong",
      `Batch requests cannot be longer than ${limit} bytes. You have sent ${sent} bytes.`,
    ),
  unknownAttribute: (name: string) => new SqsError("InvalidAttributeName", `Unknown Attribute ${name}.`),
  badAttribute: (name: string, why = "") =>
    new SqsError(
      "InvalidAttributeValue",
      `Invalid value for the parameter ${name}.${why && ` Reason: ${why}`}`,
    ),
  badContents: () =>
    new SqsError(
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    ),
  missing: (name: string) =>
    new SqsError("MissingParameter", `The request must contain the parameter ${name}.`),
  invalid: (message: string) => new SqsError("InvalidParameterValue", message),
  badValue: (value: unknown, name: string, reason: string) =>
    new SqsError(
      "InvalidParameterValue",
      `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`,
    ),
  badReceipt: (handle: string) =>
    new SqsError(
      "ReceiptHandleIsInvalid",
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
    ),
  overLimit: () => new SqsError("OverLimit", "Too many messages in flight for this queue."),
  noResource: (message: string) => new SqsError("ResourceNotFoundException", message),
  unsupported: (message: string) => legacy("UnsupportedOperation", message),
} as const;

/** The error as the JSON protocol carries it. */
export const errorResponse = (error: SqsError): AwsResponse => ({
  status: 400,
  headers: {
    "content-type": "application/x-amz-json-1.0",
    "x-amzn-query-error": `${error.queryCode};Sender`,
  },
  body: JSON.stringify({ __type: `com.amazonaws.sqs#${error.type}`, message: error.message }),
});
