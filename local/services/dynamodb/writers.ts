import type { Json } from "./client.ts";
import type { Item } from "./sizes.ts";
import type { TableSpec } from "./table-specs.ts";

/**
 * Which trace last wrote an item. A stream's records carry no trace on AWS, and carry none here: a function's trace only
 * links to those of its records, so that the console can show what a write led to.
 */
export interface Writers {
  note(input: Json, traceId: string): void;
  /** The trace that wrote the item last; undefined when it is not known any more. */
  of(table: string, keys: Item): string | undefined;
}

/** Items remembered: a stream is read within milliseconds of its writes. */
const LIMIT = 5_000;

const keyOf = (table: TableSpec, item: Item): string =>
  JSON.stringify([table.name, item[table.hashKey], table.rangeKey ? item[table.rangeKey] : undefined]);

interface Write {
  readonly table: string;
  readonly item: Item;
}

type Request = Readonly<
  Record<string, { readonly TableName?: string; readonly Item?: Item; readonly Key?: Item }>
>;

const one = (
  table: unknown,
  { Item: item, Key }: { readonly Item?: unknown; readonly Key?: unknown },
): Write[] => {
  const keys = item ?? Key;
  return typeof keys === "object" && keys !== null ? [{ table: String(table), item: keys as Item }] : [];
};

/** The items that a request writes, whichever operation it is. */
const writesOf = (input: Json): Write[] => {
  const batch = Object.entries((input.RequestItems ?? {}) as Readonly<Record<string, unknown>>);
  const transaction = Array.isArray(input.TransactItems) ? (input.TransactItems as Request[]) : [];
  return [
    ...(input.TableName === undefined ? [] : one(input.TableName, input)),
    ...batch.flatMap(([table, requests]) =>
      (Array.isArray(requests) ? (requests as Request[]) : []).flatMap((request) =>
        Object.values(request).flatMap((write) => one(table, write)),
      ),
    ),
    ...transaction.flatMap((request) =>
      Object.values(request).flatMap((write) => one(write.TableName, write)),
    ),
  ];
};

/** Remembers the latest writers. */
export const createWriters = (tables: ReadonlyMap<string, TableSpec>): Writers => {
  const traces = new Map<string, string>();
  return {
    note(input, traceId) {
      for (const { table, item } of writesOf(input)) {
        const spec = tables.get(table);
        if (!spec?.streamArn) continue;
        const key = keyOf(spec, item);
        traces.delete(key);
        traces.set(key, traceId);
        const oldest = traces.keys().next().value;
        if (traces.size > LIMIT && oldest !== undefined) traces.delete(oldest);
      }
    },
    of(table, keys) {
      const spec = tables.get(table);
      return spec && traces.get(keyOf(spec, keys));
    },
  };
};
