import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { compilePattern } from "../../kit/pattern/pattern.ts";

/** A stream of a table mapped to a function. */
export interface StreamMapping {
  readonly resource: Resource;
  /** Stable across restarts: names the checkpoint. */
  readonly id: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly from: "LATEST" | "TRIM_HORIZON";
  readonly batchSize: number;
  readonly windowMs: number;
  /** Infinity retries until the record ages out. */
  readonly maxRetries: number;
  readonly maxAgeMs: number;
  readonly bisect: boolean;
  readonly partialFailures: boolean;
  /** Batches AWS would run at once per shard; here they run one after another. */
  readonly parallel: number;
  readonly onFailureArn?: string;
  /** True when any filter matches; every record matches where there is none. */
  readonly matches: (record: unknown) => boolean;
}

interface MappingInput {
  eventSourceArn?: string;
  functionName: string;
  enabled?: boolean;
  startingPosition?: string;
  batchSize?: number;
  maximumBatchingWindowInSeconds?: number;
  maximumRetryAttempts?: number;
  maximumRecordAgeInSeconds?: number;
  bisectBatchOnFunctionError?: boolean;
  functionResponseTypes?: string[];
  destinationConfig?: { onFailure?: { destinationArn?: string } };
  filterCriteria?: { filters?: { pattern?: string }[] };
  tumblingWindowInSeconds?: number;
  parallelizationFactor?: number;
}

/** What a stream keeps, and so the longest a record can wait. */
const RETENTION_MS = 24 * 3_600_000;

const filterOf = (input: MappingInput) => {
  const patterns = (input.filterCriteria?.filters ?? []).flatMap((f) => (f.pattern ? [f.pattern] : []));
  const tests = patterns.map((pattern) => compilePattern(JSON.parse(pattern), { dialect: "lambda" }));
  return (record: unknown) => tests.length === 0 || tests.some((test) => test(record));
};

/** -1 and nothing both mean "no limit". */
const limit = (value: number | undefined, unlimited: number) =>
  value === undefined || value < 0 ? unlimited : value;

const functionArnOf = (graph: Graph, name: string) =>
  graph.functions.find((f) => f.name === name || name === f.arn || name.startsWith(`${f.arn}:`))?.arn ?? name;

const mappingOf = (graph: Graph, resource: Resource): StreamMapping => {
  const { urn, name, inputs } = resource;
  const input = inputs as unknown as MappingInput;
  if (input.tumblingWindowInSeconds) {
    throw new Error(`${name} sets tumblingWindowInSeconds, which the local cloud does not run`);
  }
  const { startingPosition: from } = input;
  if (from !== "LATEST" && from !== "TRIM_HORIZON")
    throw new Error(`${name}: startingPosition ${from} is no position`);
  const onFailureArn = input.destinationConfig?.onFailure?.destinationArn;
  return {
    resource,
    id: urn.replace(/[^\w-]+/g, "_").slice(-150),
    functionArn: functionArnOf(graph, input.functionName),
    streamArn: input.eventSourceArn ?? "",
    from,
    batchSize: input.batchSize ?? 100,
    windowMs: (input.maximumBatchingWindowInSeconds ?? 0) * 1_000,
    maxRetries: limit(input.maximumRetryAttempts, Number.POSITIVE_INFINITY),
    maxAgeMs: Math.min(limit(input.maximumRecordAgeInSeconds, 86_400) * 1_000, RETENTION_MS),
    bisect: input.bisectBatchOnFunctionError ?? false,
    partialFailures: input.functionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
    parallel: input.parallelizationFactor ?? 1,
    ...(onFailureArn ? { onFailureArn } : {}),
    matches: filterOf(input),
  };
};

/** Every enabled mapping of a DynamoDB stream. */
export const streamMappings = (graph: Graph): StreamMapping[] =>
  byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping")
    .filter(({ inputs }) => /^arn:aws:dynamodb:.*\/stream\//.test(String(inputs.eventSourceArn)))
    .filter(({ inputs }) => inputs.enabled !== false)
    .map((resource) => mappingOf(graph, resource));
