import type { AwsRequest, AwsResponse } from "../../kit/cloud.ts";
import { parseTraceHeader } from "../../kit/recorder.ts";
import type { Client, Json } from "./client.ts";
import { type Names, tablesTouched, withTableNames } from "./names.ts";
import { operations } from "./operations.ts";
import { Misshapen, readInput } from "./shape.ts";
import type { TableSpec } from "./table-specs.ts";
import { BILLED, bill, billFailure, type Units } from "./units.ts";

/** What the proxy works with. */
export interface ProxyDeps {
  readonly client: Client;
  readonly names: Names;
  readonly tables: ReadonlyMap<string, TableSpec>;
  /** Called once a write has succeeded, so that stream pollers need not poll. */
  readonly written: (table: string) => void;
  /** Called before that with what was written, and its trace. */
  readonly wrote: (input: Json, traceId: string) => void;
}

const HEADERS = { "content-type": "application/x-amz-json-1.0" };
const TARGET = /^(DynamoDB|DynamoDBStreams)_20120810\.(\w+)$/;
const SERVED: ReadonlySet<string> = new Set(operations);
const NO_UNITS: Units = { readUnits: 0, writeUnits: 0 };

const refuse = (code: string, message: string, status = 400): AwsResponse => ({
  status,
  headers: HEADERS,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message }),
});

/** Table and stream management: rare, so its ARNs are simply translated as text. */
const manage = async (target: string, body: Buffer, { client, names }: ProxyDeps): Promise<AwsResponse> => {
  const answer = await client.send(target, names.toEngine(body.toString("utf8")));
  return { status: answer.status, headers: HEADERS, body: names.toGraph(answer.body.toString("utf8")) };
};

/** The engine states no consumption for PartiQL: one item's worth, by the verb. */
const statementUnits = (operation: string, input: Json): Units => {
  const entries = (input.Statements ?? input.TransactStatements ?? [input]) as { Statement?: string }[];
  const twice = operation === "ExecuteTransaction" ? 2 : 1;
  const reads = entries.filter((e) => /^\s*select/i.test(e.Statement ?? "")).length;
  return { readUnits: reads * 0.5 * twice, writeUnits: (entries.length - reads) * twice };
};

const STATEMENTS = new Set(["ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"]);

const items = async (
  target: string,
  operation: string,
  { body, headers }: AwsRequest,
  given: Json,
  deps: ProxyDeps,
): Promise<AwsResponse> => {
  const input = withTableNames(given) ?? given;
  const billed = BILLED.get(operation);
  const sent = billed ? JSON.stringify({ ...input, ReturnConsumedCapacity: "INDEXES" }) : body;
  const answer = await deps.client.send(target, sent);
  const touched = tablesTouched(input);
  const node = touched.length === 1 && touched[0] ? { node: deps.names.tableArn(touched[0]) } : {};
  const reply = (units: Units, text: Buffer | string): AwsResponse => ({
    status: answer.status,
    headers: HEADERS,
    body: text,
    detail: { ...units, ...(touched.length > 0 ? { tables: touched } : {}) },
    ...node,
  });
  if (answer.status >= 300) {
    const error = JSON.parse(answer.body.toString("utf8"));
    return reply(billed ? billFailure(operation, input, error) : NO_UNITS, answer.body);
  }
  if (STATEMENTS.has(operation)) {
    for (const table of deps.tables.keys()) deps.written(table);
    return reply(statementUnits(operation, input), answer.body);
  }
  if (billed === "write") {
    const { traceId } = parseTraceHeader(headers["x-amzn-trace-id"]);
    if (traceId) deps.wrote(input, traceId);
    for (const table of touched) deps.written(table);
  }
  const output = JSON.parse(answer.body.toString("utf8"));
  const units = bill(operation, input, output, deps.tables);
  return reply(units, JSON.stringify(output));
};

/** Hands a call to the engine as if it were DynamoDB: ARNs translated, units counted, writers' streams woken. */
export const proxy = async (request: AwsRequest, deps: ProxyDeps): Promise<AwsResponse> => {
  const target = request.headers["x-amz-target"] ?? "";
  const [, version, operation] = TARGET.exec(target) ?? [];
  if (!operation) return refuse("UnknownOperationException", `Unknown operation ${target || request.path}`);
  const named = `${version === "DynamoDB" ? "dynamodb" : "streams.dynamodb"}:${operation}`;
  if (!SERVED.has(named)) return refuse("NotImplemented", `The local cloud does not serve ${named}.`, 501);
  try {
    const input = readInput(operation, request.body);
    const managing = !BILLED.has(operation) && !STATEMENTS.has(operation);
    return managing
      ? await manage(target, request.body, deps)
      : await items(target, operation, request, input, deps);
  } catch (error) {
    if (error instanceof Misshapen) return refuse(error.code, error.message);
    throw error;
  }
};
