import type { FunctionSpec, Resource } from "../graph/graph.ts";
import type { BuildRequest } from "./rpc-server.ts";

type Values = Readonly<Record<string, unknown>>;

const record = (value: unknown): Values =>
  typeof value === "object" && value !== null ? (value as Values) : {};

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** Joins each deployed function with what SST asked its CLI to build for it. */
export const joinFunctions = (
  resources: readonly Resource[],
  builds: ReadonlyMap<string, BuildRequest>,
): FunctionSpec[] => {
  const ofType = (type: string) => resources.filter((r) => r.type === type);
  const components = new Map(ofType("sst:aws:Function").map((r) => [r.urn, r]));
  const asyncs = ofType("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig");
  const updates = ofType("sst:aws:FunctionEnvironmentUpdate");
  return ofType("aws:lambda/function:Function").flatMap((fn) => {
    const component = fn.parent ? components.get(fn.parent) : undefined;
    const build = component && builds.get(component.name);
    if (!component || !build) return [];
    const names = [fn.outputs.name, fn.outputs.arn];
    const about = (r: Resource) => names.includes(r.inputs.functionName);
    const added = updates.filter(about).map((r) => record(r.inputs.environment));
    return [specOf(fn, component, build, asyncs.find(about), added)];
  });
};

const specOf = (
  fn: Resource,
  component: Resource,
  build: BuildRequest,
  config: Resource | undefined,
  added: readonly Values[],
): FunctionSpec => {
  const { inputs, outputs } = fn;
  const destinations = record(config?.inputs.destinationConfig);
  const onFailure = textOf(record(destinations.onFailure).destination);
  const onSuccess = textOf(record(destinations.onSuccess).destination);
  const deadLetterArn = textOf(record(inputs.deadLetterConfig).targetArn);
  const reserved = numberOf(inputs.reservedConcurrentExecutions);
  const source = component.source ?? fn.source;
  return {
    name: String(outputs.name),
    arn: String(outputs.arn),
    component: component.name,
    handler: build.handler,
    memoryMb: numberOf(inputs.memorySize) ?? 128,
    timeoutSeconds: numberOf(inputs.timeout) ?? 3,
    runtime: build.runtime,
    environment: environmentOf(inputs, build, added),
    roleArn: String(inputs.role),
    logGroup: textOf(record(inputs.loggingConfig).logGroup) ?? `/aws/lambda/${outputs.name}`,
    ...(reserved === undefined || reserved < 0 ? {} : { reservedConcurrency: reserved }),
    async: {
      maxRetries: numberOf(config?.inputs.maximumRetryAttempts) ?? 2,
      maxAgeSeconds: numberOf(config?.inputs.maximumEventAgeInSeconds) ?? 21_600,
      ...(onFailure ? { onFailureArn: onFailure } : {}),
      ...(onSuccess ? { onSuccessArn: onSuccess } : {}),
    },
    ...(deadLetterArn ? { deadLetterArn } : {}),
    nodejs: build.properties ?? {},
    ...(build.copyFiles?.length ? { copyFiles: build.copyFiles } : {}),
    ...(build.bundle ? { bundle: build.bundle } : {}),
    ...(source ? { source } : {}),
  };
};

/**
 * Deployed, links travel encrypted beside the bundle, and `SST_KEY` opens them. Here they are `SST_RESOURCE_<Name>`, which
 * SST's SDK reads first; with the key present it would go looking for the file.
 */
const environmentOf = (
  inputs: Values,
  build: BuildRequest,
  added: readonly Values[],
): Record<string, string> => {
  const deployed = Object.assign({}, record(record(inputs.environment).variables), ...added);
  const { SST_KEY: _key, SST_KEY_FILE: _file, ...rest } = deployed as Record<string, string>;
  const links = Object.entries(build.links).map(([name, value]) => [
    `SST_RESOURCE_${name}`,
    JSON.stringify(value),
  ]);
  return { ...rest, ...Object.fromEntries(links) };
};
