import { byType } from "../../graph/graph.ts";
import {
  type Access,
  anything,
  arnOf,
  type Input,
  items,
  own,
  type Reader,
  record,
  type ServiceCall,
  type Table,
  text,
  unique,
} from "./access.ts";
import { itemContext } from "./dynamodb-keys.ts";

const tableName = (reference: string) =>
  reference.startsWith("arn:") ? (/table\/([^/]+)/.exec(reference)?.[1] ?? reference) : reference;

const tableArn = (call: ServiceCall, reference: string) =>
  arnOf(call, "dynamodb", `table/${tableName(reference)}`);

const access = (
  call: ServiceCall,
  action: string,
  input: Input,
  extra: Readonly<Record<string, string>> = {},
): Access => {
  const table = tableName(text(input.TableName));
  const index = text(input.IndexName);
  return {
    action: `dynamodb:${action}`,
    resource: tableArn(call, table) + (index ? `/index/${index}` : ""),
    context: () => ({ ...itemContext(call.graph, table, input, action), ...extra }),
  };
};

const single =
  (action: string): Reader =>
  (call) => [access(call, action, call.input)];

const batch =
  (action: string, read: (entry: unknown) => Input): Reader =>
  (call) =>
    Object.entries(record(call.input.RequestItems)).map(([TableName, entry]) =>
      access(call, action, { ...read(entry), TableName }),
    );

const TRANSACT: Readonly<Record<string, string>> = {
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
};

/** A transaction needs the action of each of its items. */
const transact =
  (operation: string): Reader =>
  (call) =>
    items(call.input.TransactItems).flatMap((entry) =>
      Object.entries(record(entry)).flatMap(([verb, input]) => {
        const action = TRANSACT[verb];
        return action
          ? [access(call, action, record(input), { "dynamodb:EnclosingOperation": operation })]
          : [];
      }),
    );

const PARTIQL: readonly [RegExp, string][] = [
  [/^\s*select\b[\s\S]*?\bfrom\s+("[^"]+"(?:\."[^"]+")?|[\w.-]+)/i, "PartiQLSelect"],
  [/^\s*insert\s+into\s+("[^"]+"|[\w.-]+)/i, "PartiQLInsert"],
  [/^\s*update\s+("[^"]+"|[\w.-]+)/i, "PartiQLUpdate"],
  [/^\s*delete\s+from\s+("[^"]+"|[\w.-]+)/i, "PartiQLDelete"],
  [/^\s*exists\s*\(\s*select\b[\s\S]*?\bfrom\s+("[^"]+"(?:\."[^"]+")?|[\w.-]+)/i, "PartiQLSelect"],
];

const statement = (call: ServiceCall, given: Input): Access[] => {
  const source = text(given.Statement);
  for (const [pattern, action] of PARTIQL) {
    const target = pattern.exec(source)?.[1];
    if (target === undefined) continue;
    const [table = "", index] = target.startsWith('"')
      ? target.slice(1, -1).split('"."')
      : [target, undefined];
    return [access(call, action, { ...given, TableName: table, ...(index ? { IndexName: index } : {}) })];
  }
  // Nothing readable: the service says so, but only to those who may ask anything at all.
  return [{ action: "dynamodb:PartiQLSelect", resource: tableArn(call, "*") }];
};

const statements =
  (key: string): Reader =>
  (call) =>
    items(call.input[key]).flatMap((entry) => statement(call, record(entry)));

const STREAM_TABLE = /table\/([^/|]+)\/stream/;

/** A stream by its ARN, or by the ARN within a shard iterator; the label is the graph's. */
const streamArn = (call: ServiceCall): string => {
  const reference = text(call.input.StreamArn) || text(call.input.ShardIterator);
  const table = STREAM_TABLE.exec(reference)?.[1] ?? tableName(text(call.input.TableName));
  const stream = byType(call.graph, "aws:dynamodb/table:Table").find(
    ({ id, inputs }) => id === table || inputs.name === table,
  )?.outputs.streamArn;
  return text(stream) || arnOf(call, "dynamodb", `table/${table || "*"}/stream/*`);
};

const ofTable = (call: ServiceCall) => tableArn(call, text(call.input.TableName));
const ofResource = (call: ServiceCall) => text(call.input.ResourceArn);

/** Operations of DynamoDB and its streams. Source: service authorization reference, Amazon DynamoDB. */
export const dynamodb: Table = {
  GetItem: single("GetItem"),
  PutItem: single("PutItem"),
  UpdateItem: single("UpdateItem"),
  DeleteItem: single("DeleteItem"),
  Query: single("Query"),
  Scan: single("Scan"),
  BatchGetItem: batch("BatchGetItem", record),
  BatchWriteItem: batch("BatchWriteItem", (Requests) => ({ Requests })),
  TransactGetItems: transact("TransactGetItems"),
  TransactWriteItems: transact("TransactWriteItems"),
  ExecuteStatement: (call) => statement(call, call.input),
  BatchExecuteStatement: statements("Statements"),
  ExecuteTransaction: statements("TransactStatements"),
  ...own(
    "dynamodb",
    `CreateTable DeleteTable DescribeTable UpdateTable DescribeTimeToLive UpdateTimeToLive
     DescribeContinuousBackups UpdateContinuousBackups DescribeContributorInsights UpdateContributorInsights
     CreateBackup DescribeKinesisStreamingDestination DescribeTableReplicaAutoScaling RestoreTableToPointInTime`,
    ofTable,
  ),
  ...own(
    "dynamodb",
    "TagResource UntagResource GetResourcePolicy PutResourcePolicy DeleteResourcePolicy",
    ofResource,
  ),
  ListTagsOfResource: (call) => [{ action: "dynamodb:ListTagsOfResource", resource: ofResource(call) }],
  ...own("dynamodb", "ListTables DescribeLimits DescribeEndpoints ListBackups ListGlobalTables", anything),
  ...own("dynamodb", "DescribeStream GetRecords GetShardIterator ListStreams", streamArn),
};

/** What the poller of an event source mapping needs on a stream. */
export const streamActions = unique(["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]).map(
  (name) => `dynamodb:${name}`,
);
