import { byType, type Graph, type Resource } from "../../graph/graph.ts";

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

/** A key as the API writes it. */
export const keySchema = (hash: string, range: string | undefined): IndexSpec["KeySchema"] => [
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
