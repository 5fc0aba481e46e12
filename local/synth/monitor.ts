import type { Resource } from "../graph/graph.ts";
import { accountId } from "./account.ts";
import { idsOf } from "./ids.ts";
import { invoke } from "./outputs/invokes.ts";
import { computeOutputs, physicalName } from "./outputs/outputs.ts";
import { plain } from "./plain.ts";
import type {
  InvokeRequest,
  OutputsRequest,
  Pulumi,
  ReadRequest,
  RegisterRequest,
  Response,
} from "./pulumi.ts";

// What Pulumi's engine would be: it accepts every resource, gives it the id and outputs AWS would, and remembers it.
// Pulumi's own MockMonitor does less: it tells its mocks neither parent nor URN, and writes URNs the engine would not.

/** What the constructor of a resource tells about it before it is registered. */
export interface Declared {
  readonly source?: string;
  /** Properties its class says AWS computes. */
  readonly promised: readonly string[];
  /** Every property its class knows. */
  readonly properties: readonly string[];
}

export interface MonitorOptions {
  readonly pulumi: Pulumi;
  readonly app: string;
  readonly stage: string;
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
  readonly declared: (type: string, name: string) => Declared | undefined;
}

type Answer = (error: Error | null, response?: unknown) => void;
type Writable = Omit<Resource, "outputs"> & { outputs: Record<string, unknown> };

const rootType = "pulumi:pulumi:Stack";

/** As the engine writes it: the types of all ancestors but the stack, joined by `$`. */
export const urnOf = (app: string, stage: string, parent: string, type: string, name: string): string => {
  const above = parent.split("::")[2];
  const chain = above && above !== rootType ? `${above}$${type}` : type;
  return `urn:pulumi:${stage}::${app}::${chain}::${name}`;
};

/** The monitor, and the resources it has seen. */
export const createMonitor = (options: MonitorOptions) => {
  const { pulumi, app, stage, region } = options;
  const resources = new Map<string, Writable>();
  const states = new Map<string, Record<string, unknown>>();

  const make = (type: string, name: string, parent: string, object: unknown, known?: string): Writable => {
    const urn = urnOf(app, stage, parent, type, name);
    const inputs = plain(pulumi.rpc.deserializeProperties(object)) as Record<string, unknown>;
    const declared = options.declared(type, name);
    const { __provider: provider, ...own } = inputs;
    const resource = {
      urn,
      type: dynamicType(type, provider),
      name,
      ...(parent && parent.split("::")[2] !== rootType ? { parent } : {}),
      ...answered(urn, type, name, inputs, declared, known),
      inputs: own,
      ...(declared?.source ? { source: declared.source } : {}),
    };
    if (resources.has(urn)) throw new Error(`Duplicate resource: two of ${type} are named "${name}"`);
    resources.set(urn, resource);
    return resource;
  };

  const answered = (
    urn: string,
    type: string,
    name: string,
    inputs: Record<string, unknown>,
    declared: Declared | undefined,
    known: string | undefined,
  ) => {
    if (type.startsWith("pulumi") || type.startsWith("sst:")) {
      return { id: dynamicId(type, inputs, urn) ?? name, outputs: dynamicOutputs(inputs, urn) };
    }
    const base = { type, name, inputs, region, account: accountId, ids: idsOf(urn), find };
    const { property, physical } = physicalName(base, declared?.properties ?? []);
    const made = { ...base, physical: known ?? physical };
    return computeOutputs(made, declared?.promised ?? [], property, options.defaultTags);
  };

  const find = (type: string, id: unknown) =>
    [...resources.values()].find((r) => r.type === type && r.id === id)?.outputs;

  const state = async (resource: Writable) => {
    const serialized = await pulumi.rpc.serializeProperties("", resource.outputs);
    states.set(resource.urn, { urn: resource.urn, id: resource.id, state: serialized });
    return pulumi.struct.fromJavaScript(serialized);
  };

  const respond = (
    kind: keyof Pulumi["messages"],
    answer: Answer,
    fill: (response: Response) => Promise<void>,
  ) => {
    const response = new pulumi.messages[kind]();
    fill(response).then(
      () => answer(null, response),
      (error: Error) => answer(Object.assign(error, { details: error.message })),
    );
  };

  const monitor = {
    registerResource(request: RegisterRequest, answer: Answer) {
      respond("RegisterResourceResponse", answer, async (response) => {
        const [type, name] = [request.getType(), request.getName()];
        const resource = make(type, name, request.getParent(), request.getObject());
        response.setUrn(resource.urn);
        response.setId(request.getCustom() ? resource.id : "");
        response.setObject(await state(resource));
      });
    },
    readResource(request: ReadRequest, answer: Answer) {
      respond("ReadResourceResponse", answer, async (response) => {
        const [type, name] = [request.getType(), request.getName()];
        const resource = make(type, name, request.getParent(), request.getProperties(), request.getId());
        response.setUrn(resource.urn);
        response.setProperties(await state(resource));
      });
    },
    registerResourceOutputs(request: OutputsRequest, answer: Answer) {
      const resource = resources.get(request.getUrn());
      const outputs = request.getOutputs() as { toJavaScript(): object } | undefined;
      if (resource && outputs) {
        Object.assign(resource.outputs, plain(pulumi.rpc.deserializeProperties(outputs)));
      }
      answer(null, {});
    },
    invoke(request: InvokeRequest, answer: Answer) {
      respond("InvokeResponse", answer, async (response) => {
        const inputs = plain(pulumi.rpc.deserializeProperties(request.getArgs())) as Record<string, unknown>;
        const result =
          request.getTok() === "pulumi:pulumi:getResource"
            ? states.get(String(inputs.urn))
            : await pulumi.rpc.serializeProperties("", invoke(request.getTok(), inputs, region));
        if (!result) throw new Error(`unknown resource ${inputs.urn}`);
        response.setReturn(pulumi.struct.fromJavaScript(result));
      });
    },
    supportsFeature(request: { getId(): string }, answer: Answer) {
      // Without `outputValues`, inputs arrive resolved.
      answer(null, { getHassupport: () => request.getId() !== "outputValues" });
    },
    registerPackage(_: unknown, answer: Answer) {
      answer(null, { getRef: () => "local" });
    },
  };
  return { monitor, resources };
};

// SST's own dynamic resources carry their class as their provider (`Aws.KvKeys`): the graph shows it as their type,
// `sst:aws:KvKeys`, for Pulumi's token says nothing.
const dynamicType = (type: string, provider: unknown): string => {
  if (type !== "pulumi-nodejs:dynamic:Resource" || typeof provider !== "string") return type;
  const [cloud = "", kind = ""] = provider.split(".");
  return kind ? `sst:${cloud.toLowerCase()}:${kind}` : type;
};

const dynamicId = (type: string, inputs: Record<string, unknown>, urn: string): string | undefined => {
  if (type !== "pulumi-nodejs:dynamic:Resource") return undefined;
  const ids = idsOf(urn);
  return inputs.__provider === "Aws.OriginAccessControl" ? `E${ids.upper(13)}` : ids.lower(10);
};

const dynamicOutputs = (inputs: Record<string, unknown>, urn: string): Record<string, unknown> => {
  const { __provider: provider, ...rest } = inputs;
  if (provider === "Aws.HostedZoneLookup") return { ...rest, zoneId: `Z${idsOf(urn).upper(13)}` };
  if (provider === "Aws.DistributionDeploymentWaiter") return { ...rest, isDone: true };
  return rest;
};
