import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { type Client, DynamoError, type Json } from "./client.ts";

/** A secondary index as `CreateTable` takes it. */
export interface IndexSpec {
  readonly IndexName: string;
  readonly KeySchema: readonly { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  readonly Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
}

/** What a table of the graph must be. */
export interface TableSpec {
  readonly name: string;
  readonly arn: string;
  /** ARN by which the graph knows the stream; the engine's own differs in account and label. */
  readonly streamArn?: string;
  readonly streamView?: string;
  readonly ttl?: string;
  readonly hashKey: string;
  readonly rangeKey?: string;
  readonly attributes: readonly { AttributeName: string; AttributeType: string }[];
  readonly globals: readonly IndexSpec[];
  readonly locals: readonly IndexSpec[];
}

interface IndexInput {
  name: string;
  hashKey?: string;
  rangeKey?: string;
  keySchemas?: { attributeName: string; keyType: "HASH" | "RANGE" }[];
  projectionType?: string;
  nonKeyAttributes?: string[];
}

interface TableInput {
  hashKey: string;
  rangeKey?: string;
  attributes: { name: string; type: string }[];
  globalSecondaryIndexes?: IndexInput[];
  localSecondaryIndexes?: IndexInput[];
  streamEnabled?: boolean;
  streamViewType?: string;
  ttl?: { attributeName?: string; enabled?: boolean };
}

const keySchema = (hash: string, range: string | undefined): IndexSpec["KeySchema"] => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range ? [{ AttributeName: range, KeyType: "RANGE" as const }] : []),
];

const indexKeys = (table: string, index: IndexInput, tableHash: string) => {
  const schemas = index.keySchemas ?? [];
  if (schemas.length === 0) return keySchema(index.hashKey ?? tableHash, index.rangeKey);
  const of = (type: string) => schemas.filter((k) => k.keyType === type).map((k) => k.attributeName);
  const [hashes, ranges] = [of("HASH"), of("RANGE")];
  if (hashes.length > 1 || ranges.length > 1) {
    // DynamoDB Local 1.25 predates keys of several attributes; a silent half of the key would answer wrongly
    throw new Error(
      `Index ${index.name} of ${table} has a key of several attributes, which DynamoDB Local lacks`,
    );
  }
  return keySchema(hashes[0] ?? tableHash, ranges[0]);
};

const indexSpec = (table: string, index: IndexInput, tableHash: string): IndexSpec => ({
  IndexName: index.name,
  KeySchema: indexKeys(table, index, tableHash),
  Projection: {
    ProjectionType: index.projectionType ?? "ALL",
    ...(index.nonKeyAttributes?.length ? { NonKeyAttributes: index.nonKeyAttributes } : {}),
  },
});

const tableSpec = (resource: Resource): TableSpec => {
  const input = resource.inputs as unknown as TableInput;
  const name = String(resource.outputs.name ?? resource.id);
  const { streamArn, arn } = resource.outputs;
  return {
    name,
    arn: String(arn),
    ...(input.streamEnabled
      ? { streamArn: String(streamArn), streamView: input.streamViewType ?? "NEW_AND_OLD_IMAGES" }
      : {}),
    ...(input.ttl?.enabled !== false && input.ttl?.attributeName ? { ttl: input.ttl.attributeName } : {}),
    hashKey: input.hashKey,
    ...(input.rangeKey ? { rangeKey: input.rangeKey } : {}),
    attributes: input.attributes.map((a) => ({ AttributeName: a.name, AttributeType: a.type })),
    globals: (input.globalSecondaryIndexes ?? []).map((i) => indexSpec(name, i, input.hashKey)),
    locals: (input.localSecondaryIndexes ?? []).map((i) => indexSpec(name, i, input.hashKey)),
  };
};

/** Every table the graph declares. */
export const tablesOf = (graph: Graph): TableSpec[] =>
  byType(graph, "aws:dynamodb/table:Table").map(tableSpec);

const createInput = (table: TableSpec): Json => ({
  TableName: table.name,
  AttributeDefinitions: table.attributes,
  KeySchema: keySchema(table.hashKey, table.rangeKey),
  BillingMode: "PAY_PER_REQUEST",
  ...(table.globals.length > 0 ? { GlobalSecondaryIndexes: table.globals } : {}),
  ...(table.locals.length > 0 ? { LocalSecondaryIndexes: table.locals } : {}),
  ...(table.streamView
    ? { StreamSpecification: { StreamEnabled: true, StreamViewType: table.streamView } }
    : {}),
});

/** What the engine says of a table: only what is compared or used here. */
interface Description {
  readonly KeySchema: IndexSpec["KeySchema"];
  readonly GlobalSecondaryIndexes?: readonly IndexSpec[];
  readonly LocalSecondaryIndexes?: readonly IndexSpec[];
  readonly StreamSpecification?: { StreamEnabled: boolean; StreamViewType: string };
  readonly LatestStreamArn?: string;
}

const describe = async (client: Client, name: string): Promise<Description | undefined> => {
  try {
    return (await client.call<{ Table: Description }>("DescribeTable", { TableName: name })).Table;
  } catch (error) {
    if (error instanceof DynamoError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
};

const shape = (index: IndexSpec) =>
  JSON.stringify([
    index.IndexName,
    index.KeySchema.map((k) => [k.AttributeName, k.KeyType]),
    index.Projection.ProjectionType,
    [...(index.Projection.NonKeyAttributes ?? [])].sort(),
  ]);

const waitForIndexes = async (client: Client, name: string): Promise<void> => {
  const { Table } = await client.call<{ Table: { GlobalSecondaryIndexes?: { IndexStatus: string }[] } }>(
    "DescribeTable",
    { TableName: name },
  );
  if (Table.GlobalSecondaryIndexes?.every((i) => i.IndexStatus === "ACTIVE") ?? true) return;
  await new Promise((resolve) => setTimeout(resolve, 20));
  return waitForIndexes(client, name);
};

/** One index at a time, as `UpdateTable` demands; one that changed is dropped and built again, as a deploy would. */
const updateIndexes = async (client: Client, table: TableSpec, found: Description) => {
  const wanted = new Set(table.globals.map(shape));
  const there = new Set((found.GlobalSecondaryIndexes ?? []).map(shape));
  const change = async (update: Json) => {
    await client.call("UpdateTable", {
      TableName: table.name,
      AttributeDefinitions: table.attributes,
      GlobalSecondaryIndexUpdates: [update],
    });
    await waitForIndexes(client, table.name);
  };
  for (const index of found.GlobalSecondaryIndexes ?? []) {
    if (!wanted.has(shape(index))) await change({ Delete: { IndexName: index.IndexName } });
  }
  for (const index of table.globals) if (!there.has(shape(index))) await change({ Create: index });
};

const updateStream = async (client: Client, table: TableSpec, found: Description) => {
  const view = found.StreamSpecification?.StreamEnabled
    ? found.StreamSpecification.StreamViewType
    : undefined;
  if (view === table.streamView) return;
  const set = (spec: Json) =>
    client.call("UpdateTable", { TableName: table.name, StreamSpecification: spec });
  if (view) await set({ StreamEnabled: false });
  if (table.streamView) await set({ StreamEnabled: true, StreamViewType: table.streamView });
};

/** What only a new table can change: its key and its local indexes. */
const fixed = (schema: IndexSpec["KeySchema"], locals: readonly IndexSpec[] = []) =>
  [schema.map((k) => `${k.KeyType} ${k.AttributeName}`).join(", "), ...locals.map(shape).sort()].join(" ");

const ensureTtl = async (client: Client, { name, ttl }: TableSpec) => {
  const { TimeToLiveDescription: now } = await client.call<{
    TimeToLiveDescription: { TimeToLiveStatus: string; AttributeName?: string };
  }>("DescribeTimeToLive", { TableName: name });
  const current = now.TimeToLiveStatus === "ENABLED" ? now.AttributeName : undefined;
  if (current === ttl) return;
  const set = (attribute: string, Enabled: boolean) =>
    client.call("UpdateTimeToLive", {
      TableName: name,
      TimeToLiveSpecification: { Enabled, AttributeName: attribute },
    });
  if (current) await set(current, false);
  if (ttl) await set(ttl, true);
};

/** Makes the engine hold `table` as the graph wants it, keeping its items. Returns the engine's stream ARN. */
export const ensureTable = async (client: Client, table: TableSpec): Promise<string | undefined> => {
  const found = await describe(client, table.name);
  if (!found) await client.call("CreateTable", createInput(table));
  if (found) {
    const now = fixed(found.KeySchema, found.LocalSecondaryIndexes);
    const wanted = fixed(keySchema(table.hashKey, table.rangeKey), table.locals);
    // a deploy would replace the table and lose its items: locally that is the developer's choice to make
    if (now !== wanted)
      throw new Error(`The key of ${table.name} changed (${now} → ${wanted}): start with --reset`);
    await updateIndexes(client, table, found);
    await updateStream(client, table, found);
  }
  await ensureTtl(client, table);
  return (await describe(client, table.name))?.LatestStreamArn;
};
