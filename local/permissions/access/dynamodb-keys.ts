import { byType, type Graph } from "../../graph/graph.ts";
import { type Input, items, record, text } from "./access.ts";

/** Partition keys of a table and its indexes. */
interface Keys {
  readonly table: string;
  readonly indexes: ReadonlyMap<string, string>;
}

const known = new WeakMap<Graph, Map<string, Keys>>();

const keysOf = (graph: Graph, table: string): Keys | undefined => {
  let tables = known.get(graph);
  if (!tables) {
    tables = new Map(
      byType(graph, "aws:dynamodb/table:Table").map(({ inputs, id }) => {
        const indexes = [...items(inputs.globalSecondaryIndexes), ...items(inputs.localSecondaryIndexes)];
        return [
          text(inputs.name) || id,
          {
            table: text(inputs.hashKey),
            indexes: new Map(
              indexes.map((index) => {
                const { name, hashKey } = record(index);
                return [text(name), text(hashKey) || text(inputs.hashKey)];
              }),
            ),
          },
        ];
      }),
    );
    known.set(graph, tables);
  }
  return tables.get(table);
};

/** A key's value as conditions see it: the text of `S` and `N`, the base64 of `B`. */
const plain = (attribute: unknown): string[] => {
  const [value] = Object.values(record(attribute));
  return typeof value === "string" ? [value] : [];
};

const nameOf = (input: Input, token: string): string =>
  token.startsWith("#") ? text(record(input.ExpressionAttributeNames)[token]) : token;

/** The partition key a query asks for, from its key condition. */
const queried = (input: Input, key: string): string[] => {
  const legacy = record(record(input.KeyConditions)[key]);
  if (legacy.AttributeValueList) return items(legacy.AttributeValueList).flatMap(plain);
  const values = record(input.ExpressionAttributeValues);
  for (const [, a = "", b = ""] of text(input.KeyConditionExpression).matchAll(
    /([#:\w.-]+)\s*=\s*([#:\w.-]+)/g,
  )) {
    const [token, value] = a.startsWith(":") ? [b, a] : [a, b];
    if (nameOf(input, token) === key) return plain(values[value]);
  }
  return [];
};

/** The partition keys a PartiQL statement names: in its condition, or in the item it inserts. */
const stated = (input: Input, key: string): string[] => {
  const statement = text(input.Statement);
  const pattern = /["']?([\w.-]+)["']?\s*[=:]\s*(?:'((?:[^']|'')*)'|(\?))/g;
  const found: string[] = [];
  for (const match of statement.matchAll(pattern)) {
    const [, name, literal, parameter] = match;
    if (name !== key) continue;
    if (!parameter) found.push((literal ?? "").replaceAll("''", "'"));
    else {
      const before = statement.slice(0, match.index + match[0].length - 1).split("?").length - 1;
      found.push(...plain(items(input.Parameters)[before]));
    }
  }
  return found;
};

/** Attributes named by the expressions of a call, without paths below the first level. */
const namedAttributes = (input: Input): string[] => {
  const expressions = ["ProjectionExpression", "KeyConditionExpression", "FilterExpression"]
    .map((name) => text(input[name]))
    .join(" ");
  const bare = [...text(input.ProjectionExpression).matchAll(/[^,\s]+/g)].map(([path]) =>
    nameOf(input, path.split(/[.[]/)[0] ?? ""),
  );
  const aliased = Object.entries(record(input.ExpressionAttributeNames)).flatMap(([alias, name]) =>
    expressions.includes(alias) || input.UpdateExpression !== undefined ? [text(name)] : [],
  );
  const updated = [...text(input.UpdateExpression).matchAll(/([A-Za-z_][\w-]*)(?:[.[][^=,]*)?\s*=/g)].map(
    ([, name = ""]) => name,
  );
  const listed = items(input.AttributesToGet).map(text);
  return [...bare, ...aliased, ...updated, ...listed];
};

/** Condition keys of DynamoDB for one item operation on one table. */
export const itemContext = (graph: Graph, table: string, input: Input, operation: string) => {
  const keys = keysOf(graph, table);
  const index = text(input.IndexName);
  const hash = keys && (index ? keys.indexes.get(index) : keys.table);
  const at = (item: unknown) => (hash === undefined ? [] : plain(record(item)[hash]));
  const written = items(input.Requests).flatMap((entry) => {
    const { PutRequest, DeleteRequest } = record(entry);
    return [record(PutRequest).Item ?? record(DeleteRequest).Key];
  });
  const touched = [input.Key, input.Item, ...items(input.Keys), ...written].filter((i) => i !== undefined);
  const leading = !hash
    ? []
    : operation === "Query"
      ? queried(input, hash)
      : operation.startsWith("PartiQL")
        ? stated(input, hash)
        : touched.flatMap(at);
  const attributes = [
    ...new Set([...touched.flatMap((item) => Object.keys(record(item))), ...namedAttributes(input)]),
  ];
  return {
    ...(leading.length > 0 ? { "dynamodb:LeadingKeys": [...new Set(leading)] } : {}),
    ...(attributes.length > 0 ? { "dynamodb:Attributes": attributes } : {}),
    ...(typeof input.Select === "string" ? { "dynamodb:Select": input.Select } : {}),
    ...(typeof input.ReturnValues === "string" ? { "dynamodb:ReturnValues": input.ReturnValues } : {}),
    ...(typeof input.ReturnConsumedCapacity === "string"
      ? { "dynamodb:ReturnConsumedCapacity": input.ReturnConsumedCapacity }
      : {}),
    ...(operation === "Scan" ? { "dynamodb:FullTableScan": "true" } : {}),
  };
};
