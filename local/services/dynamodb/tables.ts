import { type Client, DynamoError, type Json } from "./client.ts";
import { type IndexSpec, keySchema, type TableSpec } from "./table-specs.ts";

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
