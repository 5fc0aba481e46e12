import { type FunctionSpec, functionByArn, type Graph } from "../../graph/graph.ts";
import type { Action, Cloud, View } from "../../kit/cloud.ts";
import { neededText } from "../../kit/console-input.ts";
import { newSpanId, newTraceId, traceHeader } from "../../kit/recorder.ts";
import type { FunctionStats } from "../../lambda/types.ts";
import type { Invoker } from "./lambda-api.ts";
import { triggersOf } from "./samples.ts";

type ConsoleCloud = Pick<Cloud, "graph" | "clock">;

const functionView = (graph: Graph, spec: FunctionSpec, stats: FunctionStats | undefined) => ({
  name: spec.name,
  component: spec.component,
  arn: spec.arn,
  handler: spec.handler,
  logGroup: spec.logGroup,
  memoryMb: spec.memoryMb,
  timeoutSeconds: spec.timeoutSeconds,
  runtime: spec.runtime,
  ...(spec.source === undefined ? {} : { source: spec.source }),
  ...(spec.reservedConcurrency === undefined ? {} : { reservedConcurrency: spec.reservedConcurrency }),
  // names alone: values hold secrets, and a screen may be shared
  variables: Object.keys(spec.environment).sort(),
  triggers: triggersOf(graph, spec).map(({ kind, name }) => ({ kind, name })),
  stats: {
    environments: stats?.environments ?? 0,
    busy: stats?.busy ?? 0,
    queued: stats?.queued ?? 0,
    invocations: stats?.invocations ?? 0,
    errors: stats?.errors ?? 0,
    throttles: stats?.throttles ?? 0,
    coldStarts: stats?.coldStarts ?? 0,
    ...(stats?.initMs === undefined ? {} : { initMs: stats.initMs }),
    ...(stats?.bundleBytes === undefined ? {} : { bundleBytes: stats.bundleBytes }),
  },
});

const needed = (graph: Graph, arn: string): FunctionSpec => {
  const spec = functionByArn(graph, arn);
  if (!spec) throw new Error(`There is no function ${arn}.`);
  return spec;
};

/** What the console shows of functions. */
export const lambdaViews = ({ graph }: ConsoleCloud, host: Invoker): Readonly<Record<string, View>> => ({
  functions: () => {
    const stats = new Map((host.stats?.() ?? []).map((one) => [one.arn, one]));
    return { functions: graph.functions.map((spec) => functionView(graph, spec, stats.get(spec.arn))) };
  },
  samples: (query) => ({ samples: triggersOf(graph, needed(graph, neededText(query, "function"))) }),
});

const invoke: (cloud: ConsoleCloud, host: Invoker) => Action =
  ({ graph, clock }, host) =>
  async (input) => {
    const spec = needed(graph, neededText(input, "function"));
    const traceId = newTraceId(clock.now());
    const options = { trace: traceHeader(traceId, newSpanId()) };
    const { body, error, throttled, logTail } = await host.run(
      spec,
      JSON.stringify(input.event ?? {}),
      options,
    );
    return {
      traceId,
      logTail,
      ...(throttled
        ? { error: { errorType: "TooManyRequestsException", errorMessage: "Rate Exceeded." } }
        : {}),
      ...(error ? { error: { errorType: error.errorType, errorMessage: error.errorMessage } } : {}),
      ...(body === undefined ? {} : { payload: JSON.parse(body) as unknown }),
    };
  };

/** What a person may do to functions. */
export const lambdaActions = (cloud: ConsoleCloud, host: Invoker): Readonly<Record<string, Action>> => ({
  invoke: invoke(cloud, host),
});
