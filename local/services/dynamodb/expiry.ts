import type { Clock } from "../../kit/clock.ts";
import type { Client } from "./client.ts";
import type { AttributeValue, Item } from "./sizes.ts";
import type { TableSpec } from "./table-specs.ts";

// DynamoDB Local's own job stops at the first expired item that lacks an attribute of an index (it takes every declared
// attribute for a part of the key), and it knows the system's time alone. So the tables are swept from here.

/** How often the cloud's clock is compared with the system's: when it was moved, the tables are swept at once. */
const EVERY_MS = 1_000;
/** How often the tables are swept while the clocks agree, ms; a sweep takes a twentieth of the time at the most. */
const SWEEP_MS = 5_000;
const SHARE = 20;
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

/** Starts sweeping the tables that have a TTL: every few seconds, and every second while the cloud's clock is ahead. */
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
  let due = 0; // by performance.now(), which no clock of ours moves
  const sweep = async () => {
    const [now, started] = [Math.floor(clock.now() / 1_000), performance.now()];
    for (const table of tables) {
      if (!table.ttl || stopped) continue;
      let found = false;
      await sweepTable(client, table, table.ttl, now, (keys) => {
        found = true;
        mark(table.name, keys);
      });
      if (found) written(table.name);
    }
    const ended = performance.now();
    due = ended + Math.max(SWEEP_MS, (ended - started) * SHARE);
  };
  const tick = () => {
    if (stopped) return;
    const ahead = clock.now() - Date.now() > EVERY_MS;
    const again = () => void clock.after(EVERY_MS, tick);
    if (ahead || performance.now() >= due) sweep().then(again, again);
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
