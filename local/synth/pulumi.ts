import { createRequire } from "node:module";
import { join } from "node:path";

// The few parts of Pulumi's SDK that synth touches, loaded from the platform so that SST's components and this monitor
// share one instance. Typed here by what is used: the platform may not be laid down when these files are type-checked.

/** Arguments of a stack transformation: what a resource's constructor was given. */
export interface Construction {
  readonly resource: object;
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** A protobuf request, read by getters. */
export interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getCustom(): boolean;
  getObject(): unknown;
}

export interface ReadRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getId(): string;
  getProperties(): unknown;
}

export interface InvokeRequest {
  getTok(): string;
  getProvider(): string;
  getArgs(): unknown;
}

export interface OutputsRequest {
  getUrn(): string;
  getOutputs(): unknown;
}

export interface Response {
  setUrn(urn: string): void;
  setId(id: string): void;
  setObject(state: unknown): void;
  setProperties(state: unknown): void;
  setReturn(value: unknown): void;
}

export interface Pulumi {
  readonly Output: { prototype: object };
  readonly runtime: {
    setMocks(mocks: object, project: string, stack: string, preview: boolean, organization: string): unknown;
    setAllConfig(config: Record<string, string>): void;
    runInPulumiStack(program: () => Promise<unknown>): Promise<Record<string, unknown> | undefined>;
    registerStackTransformation(transformation: (args: Construction) => undefined): void;
  };
  readonly rpc: {
    deserializeProperties(properties: unknown): Record<string, unknown>;
    serializeProperties(label: string, properties: object): Promise<Record<string, unknown>>;
    readonly specialSigKey: string;
    readonly specialSecretSig: string;
  };
  readonly struct: { fromJavaScript(value: object): unknown };
  readonly messages: Record<
    "RegisterResourceResponse" | "ReadResourceResponse" | "InvokeResponse",
    new () => Response
  >;
  /** Takes the place of the monitor that `setMocks` made. */
  setMonitor(monitor: object, project: string, stack: string, organization: string): void;
  /** Serialises a dynamic resource's provider: replaced, for it loads the TypeScript compiler. */
  readonly closures: { serializeFunction: (closure: () => unknown) => Promise<unknown> };
}

/** Loads Pulumi's SDK from the platform. */
export const loadPulumi = (platform: string): Pulumi => {
  const require = createRequire(join(platform, "package.json"));
  const part = (path: string) => require(`@pulumi/pulumi/${path}`);
  const main = require("@pulumi/pulumi");
  const settings = part("runtime/settings.js");
  return {
    Output: main.Output,
    runtime: main.runtime,
    rpc: part("runtime/rpc.js"),
    struct: createRequire(require.resolve("@pulumi/pulumi"))("google-protobuf/google/protobuf/struct_pb.js")
      .Struct,
    messages: { ...part("proto/resource_pb.js"), ...part("proto/provider_pb.js") },
    setMonitor: (monitor, project, stack, organization) =>
      settings.setMockOptions(monitor, project, stack, false, organization),
    closures: part("runtime/closure/serializeClosure.js"),
  };
};
