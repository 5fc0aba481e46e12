import { createHash } from "node:crypto";
import { join } from "node:path";
import { byType, type Resource } from "../../graph/graph.ts";
import type { Action, AwsService, Cloud, View } from "../../kit/cloud.ts";
import { answerJson } from "../../kit/json-service.ts";
import { openLedger } from "../../kit/ledger.ts";
import { served } from "../../kit/served.ts";
import { changeOperations } from "./change-operations.ts";
import { getOperations } from "./get-operations.ts";
import type { Operation, SsmContext, SsmDeps } from "./model.ts";
import { all, arnOf, latest, metadata, select } from "./parameters.ts";
import { put } from "./put.ts";

const operations: Readonly<Record<string, Operation>> = { ...getOperations, ...changeOperations };

// What AWS would refuse at deployment is refused at start, with the place it was written.
const applyOne = (context: SsmContext, resource: Resource): void => {
  const { inputs, outputs } = resource;
  const name = String(outputs.name ?? resource.name);
  const input = {
    Name: name,
    Type: String(inputs.type ?? "String"),
    Value: String(inputs.value ?? inputs.insecureValue ?? ""),
    ...(inputs.description ? { Description: String(inputs.description) } : {}),
    ...(inputs.tier ? { Tier: String(inputs.tier) } : {}),
    ...(inputs.allowedPattern ? { AllowedPattern: String(inputs.allowedPattern) } : {}),
    ...(inputs.dataType ? { DataType: String(inputs.dataType) } : {}),
    ...(inputs.keyId ? { KeyId: String(inputs.keyId) } : {}),
  };
  const declared = createHash("sha256").update(JSON.stringify(input)).digest("hex");
  const known = context.parameters.get(name);
  // What was put since stays until the stack says something else.
  if (known?.declared === declared) return;
  // A parameter of another type is another parameter, as Pulumi replaces it.
  if (known && latest(known).type !== input.Type) context.parameters.delete(name);
  try {
    const user = `arn:aws:iam::${context.cloud.graph.accountId}:user/developer`;
    const { parameter } = put(context, { ...input, Overwrite: true }, { user, runtime: false, declared });
    parameter.tags = { ...((inputs.tags ?? {}) as Record<string, string>), ...parameter.tags };
    context.parameters.set(name, parameter);
  } catch (error) {
    const where = resource.source ? ` (${resource.source})` : "";
    throw new Error(`Parameter ${resource.name}${where}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
};

const applyStacks = (context: SsmContext): void => {
  const resources = byType(context.cloud.graph, "aws:ssm/parameter:Parameter");
  const stated = new Set(resources.map(({ outputs, name }) => String(outputs.name ?? name)));
  for (const { name, runtime } of [...context.parameters.values()])
    if (!runtime && !stated.has(name)) context.parameters.delete(name);
  for (const resource of resources) applyOne(context, resource);
};

const views = (context: SsmContext): Record<string, View> => ({
  // A secure value is never shown here: `reveal` is an act of its own.
  parameters: () =>
    all(context).map((parameter) => {
      const version = latest(parameter);
      return {
        name: parameter.name,
        arn: arnOf(context, parameter.name),
        ...metadata(version),
        ...(version.type === "SecureString" ? {} : { Value: version.value }),
        versions: parameter.versions.length,
      };
    }),
});

const actions = (context: SsmContext): Record<string, Action> => ({
  reveal({ name }) {
    if (typeof name !== "string") throw new Error("`name` is missing");
    return { name, value: select(context, name).version.value };
  },
});

/** Systems Manager's Parameter Store: the parameters of the stacks and those made by API. */
export const ssm = (cloud: Cloud, deps: SsmDeps): AwsService => {
  const file = cloud.dataDir === undefined ? undefined : join(cloud.dataDir, "ssm", "log.jsonl");
  const ledger = openLedger(file);
  const context: SsmContext = { cloud, deps, ledger, parameters: ledger.table("parameters") };
  applyStacks(context);
  return {
    name: "ssm",
    handle: (request) => answerJson("ssm", operations, context, request),
    operations: served("ssm", operations),
    views: views(context),
    actions: actions(context),
    stop: () => ledger.committed(),
  };
};
