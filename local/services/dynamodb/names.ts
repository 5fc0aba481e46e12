import type { Graph } from "../../graph/graph.ts";
import type { Json } from "./client.ts";
import type { TableSpec } from "./table-specs.ts";

/** Account and region the engine writes into every ARN. */
const ENGINE = "arn:aws:dynamodb:ddblocal:000000000000:";

/** Translates between the ARNs of the graph and those of the engine. */
export interface Names {
  readonly region: string;
  /** ARN of a table by its name. */
  tableArn(name: string): string;
  /** Tells which stream of the engine stands for the stream of a table. */
  setStream(table: TableSpec, engineStreamArn: string): void;
  engineStream(streamArn: string): string | undefined;
  /** A request body with the graph's ARNs replaced by the engine's. */
  toEngine(text: string): string;
  /** A response body with the engine's ARNs replaced by the graph's. */
  toGraph(text: string): string;
}

/** Both directions for one graph. */
export const createNames = ({ region, accountId }: Graph): Names => {
  const ours = `arn:aws:dynamodb:${region}:${accountId}:`;
  const streams = new Map<string, string>();
  return {
    region,
    tableArn: (name) => `${ours}table/${name}`,
    setStream: ({ streamArn }, engine) => void (streamArn && streams.set(streamArn, engine)),
    engineStream: (arn) => streams.get(arn),
    toEngine(text) {
      let out = text;
      for (const [graph, engine] of streams) out = out.replaceAll(graph, engine);
      return out.replaceAll(ours, ENGINE);
    },
    toGraph(text) {
      let out = text;
      for (const [graph, engine] of streams) {
        out = out.replaceAll(engine, graph);
        // the label also stands by itself, in LatestStreamLabel and StreamLabel
        out = out.replaceAll(`"${engine.split("/").at(-1)}"`, `"${graph.split("/").at(-1)}"`);
      }
      return out.replaceAll(ENGINE, ours).replaceAll('"awsRegion":"ddblocal"', `"awsRegion":"${region}"`);
    },
  };
};

const nameOf = (table: unknown) => /^arn:aws:dynamodb:[^:]*:\d*:table\/([^/]+)$/.exec(String(table))?.[1];

/** The engine takes table names only, where DynamoDB takes ARNs as well. Undefined when there is nothing to change. */
export const withTableNames = (input: Json): Json | undefined => {
  const plain = nameOf(input.TableName);
  if (plain) return { ...input, TableName: plain };
  const items = input.RequestItems as Json | undefined;
  if (items && Object.keys(items).some(nameOf)) {
    const entries = Object.entries(items).map(([table, value]) => [nameOf(table) ?? table, value]);
    return { ...input, RequestItems: Object.fromEntries(entries) };
  }
  const actions = input.TransactItems as Record<string, Json>[] | undefined;
  if (!actions?.some((action) => Object.values(action).some((a) => nameOf(a.TableName)))) return undefined;
  return {
    ...input,
    TransactItems: actions.map((action) =>
      Object.fromEntries(Object.entries(action).map(([kind, a]) => [kind, withTableNames(a) ?? a])),
    ),
  };
};

/** Names of the tables a call touches. */
export const tablesTouched = (input: Json): string[] => {
  if (typeof input.TableName === "string") return [input.TableName];
  if (input.RequestItems) return Object.keys(input.RequestItems);
  const actions = (input.TransactItems ?? []) as Record<string, { TableName: string }>[];
  return [...new Set(actions.flatMap((action) => Object.values(action).map((a) => a.TableName)))];
};
