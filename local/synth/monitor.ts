import { invoke } from "./outputs/invokes.ts";
import { plain } from "./plain.ts";
import type {
  InvokeRequest,
  OutputsRequest,
  Pulumi,
  ReadRequest,
  RegisterRequest,
  Response,
} from "./pulumi.ts";
import type { Registry } from "./registry.ts";

// What Pulumi's engine would be, as its SDK speaks to it: it accepts every resource and answers every call. Pulumi's own
// MockMonitor does less: it tells its mocks neither parent nor URN, and writes URNs the engine would not.

type Answer = (error: Error | null, response?: unknown) => void;

/** The engine's end of the SDK's protocol, over a registry. */
export const createMonitor = (pulumi: Pulumi, registry: Registry): object => {
  const states = new Map<string, Record<string, unknown>>();
  const read = (struct: unknown) =>
    plain(pulumi.rpc.deserializeProperties(struct)) as Record<string, unknown>;
  const add = async (request: RegisterRequest | ReadRequest, struct: unknown, known?: string) => {
    const resource = registry.add({
      type: request.getType(),
      name: request.getName(),
      parent: request.getParent(),
      provider: request.getProvider(),
      inputs: read(struct),
      ...(known ? { known } : {}),
    });
    const { urn, id } = resource;
    const state = await pulumi.rpc.serializeProperties("", resource.outputs);
    states.set(urn, { urn, id, state });
    return { urn, id, state: pulumi.struct.fromJavaScript(state) };
  };
  const call = async (request: InvokeRequest): Promise<Record<string, unknown>> => {
    const inputs = read(request.getArgs());
    if (request.getTok() !== "pulumi:pulumi:getResource") {
      const region = registry.regionOf(request.getProvider(), inputs);
      return pulumi.rpc.serializeProperties("", invoke(request.getTok(), inputs, region));
    }
    const found = states.get(String(inputs.urn));
    if (!found) throw new Error(`unknown resource ${inputs.urn}`);
    return found;
  };
  return {
    registerResource: responder(pulumi, "RegisterResourceResponse", async (request: RegisterRequest, to) => {
      const { urn, id, state } = await add(request, request.getObject());
      to.setUrn(urn);
      to.setId(request.getCustom() ? id : "");
      to.setObject(state);
    }),
    readResource: responder(pulumi, "ReadResourceResponse", async (request: ReadRequest, to) => {
      const { urn, state } = await add(request, request.getProperties(), request.getId());
      to.setUrn(urn);
      to.setProperties(state);
    }),
    invoke: responder(pulumi, "InvokeResponse", async (request: InvokeRequest, to) =>
      to.setReturn(pulumi.struct.fromJavaScript(await call(request))),
    ),
    registerResourceOutputs(request: OutputsRequest, answer: Answer) {
      const outputs = request.getOutputs();
      if (outputs) Object.assign(registry.resources.get(request.getUrn())?.outputs ?? {}, read(outputs));
      answer(null, {});
    },
    // Without `outputValues`, inputs arrive resolved.
    supportsFeature: (request: { getId(): string }, answer: Answer) =>
      answer(null, { getHassupport: () => request.getId() !== "outputValues" }),
    registerPackage: (_: unknown, answer: Answer) => answer(null, { getRef: () => "local" }),
  };
};

const responder =
  <Request>(
    pulumi: Pulumi,
    message: keyof Pulumi["messages"],
    fill: (request: Request, to: Response) => Promise<void>,
  ) =>
  (request: Request, answer: Answer): void => {
    const response = new pulumi.messages[message]();
    fill(request, response).then(
      () => answer(null, response),
      // The SDK shows `details` of a failed call, as gRPC would send it.
      (error: Error) => answer(Object.assign(error, { details: error.message })),
    );
  };
