import * as v from "valibot";

const Index = v.object({
  name: v.string(),
  kind: v.string(),
  hashKey: v.string(),
  rangeKey: v.optional(v.string()),
});

const Table = v.object({
  name: v.string(),
  arn: v.string(),
  hashKey: v.string(),
  rangeKey: v.optional(v.string()),
  indexes: v.array(Index),
  items: v.number(),
  bytes: v.number(),
  ttl: v.optional(v.string()),
  stream: v.optional(v.string()),
});
/** A table, its keys and indexes. */
export type Table = v.InferOutput<typeof Table>;

/** Every table. */
export const Tables = v.object({ tables: v.array(Table) });

const Item = v.record(v.string(), v.record(v.string(), v.unknown()));
/** An item as DynamoDB writes it: each attribute with its type. */
export type Item = v.InferOutput<typeof Item>;

/** A page of items. */
export const Items = v.object({
  operation: v.string(),
  items: v.array(Item),
  cursor: v.optional(v.string()),
});

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

/** An attribute without its type, as JSON reads best. Numbers beyond a double's precision stay texts. */
export const plain = (attribute: unknown): unknown => {
  const [[type, value] = ["", undefined]] = entriesOf(attribute);
  if (type === "N") return String(Number(value)) === value ? Number(value) : value;
  if (type === "NULL") return null;
  if (type === "M") return Object.fromEntries(entriesOf(value).map(([name, inner]) => [name, plain(inner)]));
  if (type === "L") return Array.isArray(value) ? value.map(plain) : [];
  return value;
};

/** A whole item without types. */
export const plainItem = (item: Item): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, plain(attribute)]));

/** An item's own key. */
export const keyOf = ({ hashKey, rangeKey }: Table, item: Item): Item =>
  Object.fromEntries(
    [hashKey, rangeKey].flatMap((name) => {
      const attribute = name === undefined ? undefined : item[name];
      return name === undefined || attribute === undefined ? [] : [[name, attribute]];
    }),
  );
