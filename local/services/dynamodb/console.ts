import type { Action, View } from "../../kit/cloud.ts";
import { givenNumber, givenText, neededText } from "../../kit/console-input.ts";
import type { Client } from "./client.ts";
import type { Item } from "./sizes.ts";
import type { IndexSpec, TableSpec } from "./table-specs.ts";

/** What the console needs of the tables. Its reads are no calls of the app's: they leave no span and cost no units. */
export interface TableConsole {
  readonly client: Client;
  readonly tables: readonly TableSpec[];
  /** Called after a deletion, so that stream pollers need not poll. */
  readonly written: (table: string) => void;
}

const PAGE = 25;

type Attribute = Readonly<Record<string, unknown>>;

const tableNamed = ({ tables }: TableConsole, name: string): TableSpec => {
  const table = tables.find((one) => one.name === name);
  if (!table) throw new Error(`There is no table ${name}.`);
  return table;
};

const keysOf = (schema: IndexSpec["KeySchema"]) => ({
  hash: schema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "",
  range: schema.find(({ KeyType }) => KeyType === "RANGE")?.AttributeName,
});

const indexView = (index: IndexSpec, kind: "global" | "local") => {
  const { hash, range } = keysOf(index.KeySchema);
  return { name: index.IndexName, kind, hashKey: hash, ...(range === undefined ? {} : { rangeKey: range }) };
};

const tableView = async ({ client }: TableConsole, table: TableSpec) => {
  const { Table } = await client.call<{ Table: { ItemCount?: number; TableSizeBytes?: number } }>(
    "DescribeTable",
    { TableName: table.name },
  );
  return {
    name: table.name,
    arn: table.arn,
    hashKey: table.hashKey,
    ...(table.rangeKey === undefined ? {} : { rangeKey: table.rangeKey }),
    indexes: [
      ...table.globals.map((index) => indexView(index, "global")),
      ...table.locals.map((index) => indexView(index, "local")),
    ],
    items: Table.ItemCount ?? 0,
    bytes: Table.TableSizeBytes ?? 0,
    ...(table.ttl === undefined ? {} : { ttl: table.ttl }),
    ...(table.streamView === undefined ? {} : { stream: table.streamView }),
  };
};

/** A key's value as the table types it. */
const typed = (table: TableSpec, attribute: string, text: string): Attribute => {
  const type =
    table.attributes.find(({ AttributeName }) => AttributeName === attribute)?.AttributeType ?? "S";
  return { [type]: text };
};

const cursorOf = (key: unknown): string | undefined =>
  key === undefined ? undefined : Buffer.from(JSON.stringify(key)).toString("base64url");

const startOf = (cursor: string | undefined): object => {
  if (cursor === undefined) return {};
  try {
    return { ExclusiveStartKey: JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) };
  } catch {
    throw new Error("That cursor is none of this table's.");
  }
};

// The ways a sort key can be asked for, as DynamoDB writes them.
const CONDITIONS: Readonly<Record<string, string>> = {
  "=": "#sk = :sk",
  "begins with": "begins_with(#sk, :sk)",
  "<": "#sk < :sk",
  "<=": "#sk <= :sk",
  ">": "#sk > :sk",
  ">=": "#sk >= :sk",
};

const questionOf = (
  table: TableSpec,
  query: URLSearchParams,
): { operation: "Query" | "Scan"; input: object } => {
  const name = givenText(query, "index");
  const index = [...table.globals, ...table.locals].find(({ IndexName }) => IndexName === name);
  if (name !== undefined && !index) throw new Error(`${table.name} has no index ${name}.`);
  const { hash, range } = index ? keysOf(index.KeySchema) : { hash: table.hashKey, range: table.rangeKey };
  const on = { TableName: table.name, ...(index ? { IndexName: index.IndexName } : {}) };
  const [pk, sk] = [givenText(query, "pk"), givenText(query, "sk")];
  if (pk === undefined) return { operation: "Scan", input: on };
  const condition = CONDITIONS[givenText(query, "op") ?? "="];
  if (!condition) throw new Error(`A sort key is compared with ${Object.keys(CONDITIONS).join(", ")}.`);
  if (sk !== undefined && range === undefined) throw new Error(`${name ?? table.name} has no sort key.`);
  const sorted = sk !== undefined && range !== undefined;
  return {
    operation: "Query",
    input: {
      ...on,
      KeyConditionExpression: sorted ? `#pk = :pk AND ${condition}` : "#pk = :pk",
      ExpressionAttributeNames: { "#pk": hash, ...(sorted ? { "#sk": range } : {}) },
      ExpressionAttributeValues: {
        ":pk": typed(table, hash, pk),
        ...(sorted ? { ":sk": typed(table, range, sk) } : {}),
      },
      ScanIndexForward: query.get("descending") !== "1",
    },
  };
};

const items = async (tables: TableConsole, query: URLSearchParams) => {
  const table = tableNamed(tables, neededText(query, "table"));
  const { operation, input } = questionOf(table, query);
  const Limit = givenNumber(query, "limit", 1, 100) ?? PAGE;
  const answer = await tables.client.call<{ Items?: Item[]; LastEvaluatedKey?: unknown }>(operation, {
    ...input,
    Limit,
    ...startOf(givenText(query, "cursor")),
  });
  const cursor = cursorOf(answer.LastEvaluatedKey);
  return { operation, items: answer.Items ?? [], ...(cursor === undefined ? {} : { cursor }) };
};

/** What the console shows of tables. */
export const dynamodbViews = (tables: TableConsole): Readonly<Record<string, View>> => ({
  tables: async () => ({ tables: await Promise.all(tables.tables.map((table) => tableView(tables, table))) }),
  items: (query) => items(tables, query),
});

const deleteItem: (tables: TableConsole) => Action = (tables) => async (input) => {
  const table = tableNamed(tables, neededText(input, "table"));
  const { key } = input;
  if (typeof key !== "object" || key === null) throw new Error(`"key" takes the item's key.`);
  await tables.client.call("DeleteItem", { TableName: table.name, Key: key });
  tables.written(table.name);
  return {};
};

/** What a person may do to tables. */
export const dynamodbActions = (tables: TableConsole): Readonly<Record<string, Action>> => ({
  delete: deleteItem(tables),
});
