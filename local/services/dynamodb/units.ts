import type { Json } from "./client.ts";
import { type Item, itemSize, readUnits, writeUnits } from "./sizes.ts";
import type { TableSpec } from "./table-specs.ts";

/** What DynamoDB would bill for one call. */
export interface Units {
  readonly readUnits: number;
  readonly writeUnits: number;
}

interface Capacity {
  TableName: string;
  CapacityUnits: number;
  ReadCapacityUnits?: number;
  WriteCapacityUnits?: number;
  Table?: { CapacityUnits: number; WriteCapacityUnits?: number };
  GlobalSecondaryIndexes?: Record<string, { CapacityUnits: number; WriteCapacityUnits?: number }>;
  LocalSecondaryIndexes?: Record<string, { CapacityUnits: number }>;
}

/** Operations that answer `ConsumedCapacity`, and which kind of unit it counts. */
export const BILLED: ReadonlyMap<string, "read" | "write"> = new Map([
  ["GetItem", "read"],
  ["Query", "read"],
  ["Scan", "read"],
  ["BatchGetItem", "read"],
  ["TransactGetItems", "read"],
  ["PutItem", "write"],
  ["UpdateItem", "write"],
  ["DeleteItem", "write"],
  ["BatchWriteItem", "write"],
  ["TransactWriteItems", "write"],
]);

type TransactItem = Record<string, { TableName: string; Item?: Item }>;

const total = (capacity: Capacity) =>
  (capacity.Table?.CapacityUnits ?? 0) +
  [capacity.GlobalSecondaryIndexes, capacity.LocalSecondaryIndexes]
    .flatMap((indexes) => Object.values(indexes ?? {}))
    .reduce((sum, index) => sum + index.CapacityUnits, 0);

const indexed = (table: TableSpec | undefined, index: string, item: Item) =>
  table?.globals.find((g) => g.IndexName === index)?.KeySchema.every((k) => item[k.AttributeName]) ?? false;

/**
 * The engine bills a transaction's items as one, and that twice over. AWS rounds each item up by itself and doubles it once.
 * Sizes of items before an update are not known here, so the engine's half is kept as the floor.
 */
const fixTransaction = (capacity: Capacity, input: Json, table: TableSpec | undefined) => {
  const actions = ((input.TransactItems ?? []) as TransactItem[])
    .flatMap((entry) => Object.values(entry))
    .filter((action) => action.TableName === capacity.TableName);
  const puts = actions.flatMap((action) => (action.Item ? [action.Item] : []));
  const each = actions.reduce((sum, { Item: item }) => sum + 2 * writeUnits(item ? itemSize(item) : 0), 0);
  const set = (entry: { CapacityUnits: number; WriteCapacityUnits?: number }, floor: number) => {
    entry.CapacityUnits = Math.max(entry.CapacityUnits / 2, floor);
    entry.WriteCapacityUnits = entry.CapacityUnits;
  };
  if (capacity.Table) set(capacity.Table, each);
  for (const [name, entry] of Object.entries(capacity.GlobalSecondaryIndexes ?? {})) {
    set(entry, 2 * puts.filter((item) => indexed(table, name, item)).length);
  }
  capacity.CapacityUnits = total(capacity);
  capacity.WriteCapacityUnits = capacity.CapacityUnits;
};

/** A query or scan that finds nothing still costs the least a read can. */
const fixEmptyPage = (capacity: Capacity, input: Json) => {
  if (capacity.CapacityUnits > 0) return;
  const least = readUnits(0, input.ConsistentRead === true);
  const index = Object.values(capacity.GlobalSecondaryIndexes ?? capacity.LocalSecondaryIndexes ?? {})[0];
  const entry = index ?? capacity.Table;
  if (entry) entry.CapacityUnits = least;
  capacity.CapacityUnits = least;
};

interface BatchGet {
  readonly Keys: readonly unknown[];
  readonly ConsistentRead?: boolean;
}

/** Items that do not exist cost as much as the smallest that do; the engine forgets them. */
const fixBatchGet = (capacity: Capacity, input: Json, output: Json) => {
  const name = capacity.TableName;
  const asked = (input.RequestItems as Record<string, BatchGet>)[name];
  const found = (output.Responses as Record<string, unknown[]> | undefined)?.[name]?.length ?? 0;
  const left = (output.UnprocessedKeys as Record<string, BatchGet> | undefined)?.[name]?.Keys.length ?? 0;
  const missing = (asked?.Keys.length ?? 0) - found - left;
  const more = missing * readUnits(0, asked?.ConsistentRead === true);
  if (capacity.Table) capacity.Table.CapacityUnits += more;
  capacity.CapacityUnits += more;
};

const asked = (mode: unknown, capacity: Capacity) => {
  if (mode === "INDEXES") return capacity;
  const { Table, GlobalSecondaryIndexes, LocalSecondaryIndexes, ...totals } = capacity;
  return totals;
};

/** Corrects the engine's bill in place, and leaves in `output` only what the caller asked to see. */
export const bill = (
  operation: string,
  input: Json,
  output: Record<string, unknown>,
  tables: ReadonlyMap<string, TableSpec>,
): Units => {
  const found = output.ConsumedCapacity;
  const list = (Array.isArray(found) ? found : found ? [found] : []) as Capacity[];
  for (const capacity of list) {
    if (operation === "TransactWriteItems") fixTransaction(capacity, input, tables.get(capacity.TableName));
    if (operation === "Query" || operation === "Scan") fixEmptyPage(capacity, input);
    if (operation === "BatchGetItem") fixBatchGet(capacity, input, output);
  }
  const mode = input.ReturnConsumedCapacity;
  if (mode !== "INDEXES" && mode !== "TOTAL") delete output.ConsumedCapacity;
  else
    output.ConsumedCapacity = Array.isArray(found)
      ? list.map((c) => asked(mode, c))
      : list.map((c) => asked(mode, c))[0];
  const units = list.reduce((sum, capacity) => sum + capacity.CapacityUnits, 0);
  return BILLED.get(operation) === "write"
    ? { readUnits: 0, writeUnits: units }
    : { readUnits: units, writeUnits: 0 };
};

/** A failed condition costs what the write would have; a cancelled transaction costs both of its phases. */
export const billFailure = (operation: string, input: Json, error: Json): Units => {
  const code = String(error.__type ?? "");
  if (code.endsWith("ConditionalCheckFailedException")) {
    return { readUnits: 0, writeUnits: writeUnits(error.Item ? itemSize(error.Item as Item) : 0) };
  }
  if (!code.endsWith("TransactionCanceledException")) return { readUnits: 0, writeUnits: 0 };
  const actions = ((input.TransactItems ?? []) as TransactItem[]).flatMap((entry) => Object.values(entry));
  const units = actions.reduce((sum, { Item: item }) => sum + 2 * writeUnits(item ? itemSize(item) : 0), 0);
  return operation === "TransactGetItems"
    ? { readUnits: units, writeUnits: 0 }
    : { readUnits: 0, writeUnits: units };
};
