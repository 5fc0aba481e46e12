import type { Json } from "./client.ts";

// The engine fails with 500 at what AWS refuses before it looks at any table: such calls are refused here, in AWS's words.

/** Why a body is no input of an operation. */
export class Misshapen extends Error {
  readonly code: string;

  constructor(code: "SerializationException" | "ValidationException", message: string) {
    super(message);
    this.name = code;
    this.code = code;
  }
}

const misread = (message: string) => new Misshapen("SerializationException", message);

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TEXTS = ["TableName", "IndexName", "Statement", "StreamArn", "ShardId", "ShardIterator", "NextToken"];
const LISTS = ["Statements", "TransactStatements", "TransactItems"];
const MAPS = ["RequestItems", "Key", "Item"];

const checkText = (value: unknown) => {
  if (typeof value === "string" || value === undefined || value === null) return;
  if (typeof value === "object")
    throw misread(`Start of ${Array.isArray(value) ? "list" : "structure or map"} found where not expected.`);
  throw misread(`${typeof value === "number" ? "NUMBER" : "TRUE"}_VALUE can not be converted to String`);
};

const checkObject = (value: unknown) => {
  if (isObject(value)) return;
  throw misread(Array.isArray(value) ? "Start of list found where not expected." : "Unexpected field type.");
};

const absent = (value: unknown) => value === undefined || value === null;

const checkFields = (input: Json): void => {
  for (const name of TEXTS) checkText(input[name]);
  for (const name of MAPS) if (!absent(input[name])) checkObject(input[name]);
  for (const name of LISTS) {
    const list = input[name];
    if (absent(list)) continue;
    if (!Array.isArray(list)) throw misread("Unexpected field type.");
    for (const entry of list) {
      checkObject(entry);
      checkFields(entry);
      // a transaction's entries hold one action each, which names its table
      if (name === "TransactItems")
        for (const action of Object.values(entry)) {
          checkObject(action);
          checkFields(action as Json);
        }
    }
  }
};

/** Tables of a batch: lists of writes, or structures with keys. */
const checkBatch = (requests: unknown): void => {
  if (!isObject(requests)) return;
  for (const request of Object.values(requests)) {
    if (!isObject(request) && !Array.isArray(request)) throw misread("Unexpected field type.");
    const entries = isObject(request) ? request.Keys : request;
    if (!absent(entries) && !Array.isArray(entries)) throw misread("Unexpected field type.");
    if (Array.isArray(entries)) entries.forEach(checkObject);
  }
};

const checkStatement = (statement: unknown): void => {
  const refused = (value: string, constraint: string) =>
    new Misshapen(
      "ValidationException",
      `1 validation error detected: Value ${value} at 'statement' failed to satisfy constraint: Member must ${constraint}`,
    );
  if (absent(statement)) throw refused("null", "not be null");
  if (statement === "") throw refused("''", "have length greater than or equal to 1");
};

/** Reads the body of a call; throws what AWS refuses by its shape alone. */
export const readInput = (operation: string, body: Buffer): Json => {
  let input: unknown;
  try {
    input = JSON.parse(body.toString("utf8"));
  } catch {
    throw misread("The body is not JSON.");
  }
  checkObject(input);
  const fields = input as Json;
  checkFields(fields);
  checkBatch(fields.RequestItems);
  if (operation === "ExecuteStatement") checkStatement(fields.Statement);
  return fields;
};
