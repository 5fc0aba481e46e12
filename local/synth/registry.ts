import type { Resource } from "../graph/graph.ts";
import { accountId } from "./account.ts";
import { dynamicId, dynamicOutputs, dynamicType } from "./dynamic.ts";
import { idsOf } from "./ids.ts";
import { computeOutputs, physicalName } from "./outputs/outputs.ts";

// Every resource the program registered, with the id and outputs AWS would give it.

/** What the constructor of a resource tells about it before it is registered. */
export interface Declared {
  readonly source?: string;
  /** Properties its class says AWS computes. */
  readonly promised: readonly string[];
  /** Every property its class knows. */
  readonly properties: readonly string[];
}

export interface RegistryOptions {
  readonly app: string;
  readonly stage: string;
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
  readonly declared: (type: string, name: string) => Declared | undefined;
}

/** A resource on its way in. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** URN of the parent; empty for the stack itself. */
  readonly parent: string;
  /** `<urn>::<id>` of an explicit provider. */
  readonly provider: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Physical id of a resource that is looked up, not made. */
  readonly known?: string;
}

type Writable = Omit<Resource, "outputs"> & { outputs: Record<string, unknown> };

export interface Registry {
  readonly resources: ReadonlyMap<string, Writable>;
  add(registration: Registration): Writable;
  /** Region of an explicit provider, or the one stated among the inputs, or the app's. */
  regionOf(provider: string, inputs: Readonly<Record<string, unknown>>): string;
}

const rootType = "pulumi:pulumi:Stack";

const typesOf = (urn: string): string => urn.split("::")[2] ?? "";

/** As the engine writes it: the types of all ancestors but the stack, joined by `$`. SST reads them back. */
export const urnOf = (app: string, stage: string, parent: string, type: string, name: string): string => {
  const above = typesOf(parent);
  const chain = above && above !== rootType ? `${above}$${type}` : type;
  return `urn:pulumi:${stage}::${app}::${chain}::${name}`;
};

/** An empty registry. */
export const createRegistry = (options: RegistryOptions): Registry => {
  const resources = new Map<string, Writable>();
  const regionOf: Registry["regionOf"] = (provider, inputs) => {
    const stated = inputs.region ?? resources.get(provider.split("::").slice(0, 4).join("::"))?.inputs.region;
    return typeof stated === "string" ? stated : options.region;
  };
  const find = (type: string, id: unknown) =>
    [...resources.values()].find((r) => r.type === type && r.id === id)?.outputs;
  const add = (registration: Registration): Writable => {
    const { type, name, parent, provider } = registration;
    const urn = urnOf(options.app, options.stage, parent, type, name);
    if (resources.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    const declared = options.declared(type, name);
    const region = regionOf(provider, registration.inputs);
    const { __provider: _, ...inputs } = registration.inputs;
    const resource = {
      urn,
      type: dynamicType(type, registration.inputs),
      name,
      ...(parent && typesOf(parent) !== rootType ? { parent } : {}),
      ...answer(urn, registration, region, declared, find, options.defaultTags),
      inputs,
      ...(declared?.source ? { source: declared.source } : {}),
    };
    resources.set(urn, resource);
    return resource;
  };
  return { resources, add, regionOf };
};

const answer = (
  urn: string,
  { type, name, inputs, known }: Registration,
  region: string,
  declared: Declared | undefined,
  find: (type: string, id: unknown) => Readonly<Record<string, unknown>> | undefined,
  defaultTags: Readonly<Record<string, string>>,
): { id: string; outputs: Record<string, unknown> } => {
  if (type.startsWith("pulumi") || type.startsWith("sst:")) {
    return { id: dynamicId(type, inputs, urn) ?? name, outputs: dynamicOutputs(inputs, urn) };
  }
  const base = { type, name, inputs, region, account: accountId, ids: idsOf(urn), find };
  const { property, physical } = physicalName(base, declared?.properties ?? []);
  const made = { ...base, physical: known ?? physical };
  return computeOutputs(made, declared?.promised ?? [], property, defaultTags);
};
