import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { compilePattern } from "../../kit/pattern/pattern.ts";
import { type RetryPolicy, retryPolicyOf } from "./retry.ts";
import type { InputChange } from "./transform.ts";

/** A target of a rule. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly change: InputChange;
  readonly retry: RetryPolicy;
  readonly deadLetterArn?: string;
  /** FIFO queues only. */
  readonly messageGroupId?: string;
  readonly resource: Resource;
}

/** A rule: what it matches or when it runs, and whom it tells. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly pattern?: string;
  readonly matches: (event: unknown) => boolean;
  readonly schedule?: string;
  readonly description?: string;
  readonly targets: readonly Target[];
  enabled: boolean;
}

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly rules: Map<string, Rule>;
}

/** The buses of the graph with their rules; the default bus is always there. */
export const busesOf = (graph: Graph): Map<string, Bus> => {
  const arn = (name: string) => `arn:aws:events:${graph.region}:${graph.accountId}:event-bus/${name}`;
  const buses = new Map<string, Bus>([
    ["default", { name: "default", arn: arn("default"), rules: new Map() }],
  ]);
  for (const { inputs, outputs, name } of byType(graph, "aws:cloudwatch/eventBus:EventBus")) {
    const busName = String(outputs.name ?? inputs.name ?? name);
    const description = typeof inputs.description === "string" ? { description: inputs.description } : {};
    buses.set(busName, {
      name: busName,
      arn: String(outputs.arn ?? arn(busName)),
      ...description,
      rules: new Map(),
    });
  }
  const targets = byType(graph, "aws:cloudwatch/eventTarget:EventTarget");
  for (const resource of byType(graph, "aws:cloudwatch/eventRule:EventRule")) {
    const rule = ruleOf(resource, targets);
    const bus = buses.get(rule.bus) ?? { name: rule.bus, arn: arn(rule.bus), rules: new Map() };
    buses.set(rule.bus, bus);
    bus.rules.set(rule.name, rule);
  }
  return buses;
};

/** A bus's name from its name or ARN. */
export const busName = (nameOrArn: unknown): string =>
  typeof nameOrArn === "string" && nameOrArn !== ""
    ? nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1)
    : "default";

const ruleOf = (resource: Resource, targets: readonly Resource[]): Rule => {
  const { inputs, outputs } = resource;
  const name = String(outputs.name ?? inputs.name ?? String(outputs.arn).split("/").at(-1));
  const bus = busName(inputs.eventBusName);
  const pattern = typeof inputs.eventPattern === "string" ? inputs.eventPattern : undefined;
  const schedule = inputs.scheduleExpression ? String(inputs.scheduleExpression) : undefined;
  const description = inputs.description ? String(inputs.description) : undefined;
  return {
    name,
    arn: String(outputs.arn),
    bus,
    ...(pattern === undefined ? {} : { pattern }),
    matches: pattern === undefined ? () => false : compileAt(resource, pattern),
    ...(schedule === undefined ? {} : { schedule }),
    ...(description === undefined ? {} : { description }),
    enabled: inputs.isEnabled !== false && inputs.state !== "DISABLED",
    targets: targets
      .filter((target) => target.inputs.rule === name && busName(target.inputs.eventBusName) === bus)
      .map(targetOf),
  };
};

const compileAt = (resource: Resource, pattern: string): ((event: unknown) => boolean) => {
  try {
    return compilePattern(JSON.parse(pattern));
  } catch (error) {
    const where = resource.source ? ` (${resource.source})` : "";
    throw new Error(`Rule ${resource.name}${where}: event pattern is not valid. Reason: ${String(error)}`, {
      cause: error,
    });
  }
};

const targetOf = (resource: Resource): Target => {
  const { inputs, outputs } = resource;
  const transformer = inputs.inputTransformer as
    | { inputPaths?: Record<string, string>; inputTemplate?: string }
    | undefined;
  const deadLetterArn = (inputs.deadLetterConfig as { arn?: string } | undefined)?.arn;
  const messageGroupId = (inputs.sqsTarget as { messageGroupId?: string } | undefined)?.messageGroupId;
  return {
    id: String(outputs.targetId ?? inputs.targetId ?? resource.name),
    arn: String(inputs.arn),
    change: {
      ...(inputs.input ? { input: String(inputs.input) } : {}),
      ...(inputs.inputPath ? { inputPath: String(inputs.inputPath) } : {}),
      ...(transformer
        ? { transformer: { paths: transformer.inputPaths ?? {}, template: transformer.inputTemplate ?? "" } }
        : {}),
    },
    retry: retryPolicyOf(inputs.retryPolicy),
    ...(deadLetterArn ? { deadLetterArn } : {}),
    ...(messageGroupId ? { messageGroupId } : {}),
    resource,
  };
};
