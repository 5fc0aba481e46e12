import type { Clock } from "../../kit/clock.ts";
import type { Client } from "./client.ts";
import type { AttributeValue, Item } from "./sizes.ts";
import type { TableSpec } from "./table-specs.ts";

// The engine deletes expired items within a second by the system's time. Where the cloud's clock was advanced, this sweeps.

/** How often the two clocks are compared. */
const EVERY_MS = 1_000;
/** TTL values older than five years are taken for a mistake and left alone, as AWS does. */
const FIVE_YEARS_S = 5 * 365 * 24 * 3_600;

/** Deletes by expiry, and remembers them: in the stream they carry DynamoDB's own identity. */
export interface Expiry {
  /** True when a sweep deleted this key in the minute of the system's time that starts at `minute`, epoch ms. */
  expired(table: string, keys: Item, minute: number): boolean;
  stop(): void;
}

const label = (table: string, keys: Item) =>
  `${table} ${JSON.stringify(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)))}`;

const sweepTable = async (
  client: Client,
  table: TableSpec,
  ttl: string,
  nowS: number,
  deleted: (keys: Item) => void,
): Promise<void> => {
  const values = { ":now": { N: String(nowS) }, ":least": { N: String(nowS - FIVE_YEARS_S) } };
  const expression = { ExpressionAttributeNames: { "#ttl": ttl }, ExpressionAttributeValues: values };
  const condition = "#ttl BETWEEN :least AND :now";
  const names = [table.hashKey, ...(table.rangeKey ? [table.rangeKey] : [])];
  let from: Item | undefined;
  do {
    const page: { Items: Item[]; LastEvaluatedKey?: Item } = await client.call("Scan", {
      TableName: table.name,
      FilterExpression: condition,
      ...expression,
      ...(from ? { ExclusiveStartKey: from } : {}),
    });
    for (const item of page.Items) {
      const keys = Object.fromEntries(names.map((n) => [n, item[n] as AttributeValue]));
      deleted(keys);
      // the condition again: the item may have been given a later date since it was read
      const input = { TableName: table.name, Key: keys, ConditionExpression: condition, ...expression };
      await client.call("DeleteItem", input).catch(() => {});
    }
    from = page.LastEvaluatedKey;
  } while (from);
};

/** Starts comparing the clocks; sweeps the tables that have a TTL whenever the cloud's is ahead and has moved. */
export const startExpiry = (
  client: Client,
  tables: readonly TableSpec[],
  clock: Clock,
  written: (table: string) => void,
): Expiry => {
  const marks = new Map<string, number>();
  let stopped = false;
  const mark = (table: string, keys: Item) => {
    marks.set(label(table, keys), Date.now());
    const oldest = marks.keys().next().value;
    if (marks.size > 10_000 && oldest !== undefined) marks.delete(oldest);
  };
  const sweep = async () => {
    const now = Math.floor(clock.now() / 1_000);
    for (const table of tables) {
      if (!table.ttl || stopped) continue;
      await sweepTable(client, table, table.ttl, now, (keys) => mark(table.name, keys));
      written(table.name);
    }
  };
  const tick = () => {
    if (stopped) return;
    const ahead = clock.now() - Date.now() > EVERY_MS;
    const again = () => void clock.after(EVERY_MS, tick);
    if (ahead) sweep().then(again, again);
    else again();
  };
  clock.after(EVERY_MS, tick);
  return {
    expired(table, keys, minute) {
      const at = marks.get(label(table, keys));
      // a deletion marked just before the minute's end may be written just after it
      return at !== undefined && at >= minute - 2_000 && at < minute + 60_000;
    },
    stop: () => {
      stopped = true;
    },
  };
};
