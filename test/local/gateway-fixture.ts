import { createFaults } from "../../local/faults/faults.ts";
import { createDeliver } from "../../local/gateway/deliver.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../local/gateway/gateway.ts";
import type { FunctionSpec, Graph, Resource } from "../../local/graph/graph.ts";
import { type Clock, systemClock } from "../../local/kit/clock.ts";
import type { Cloud, Delivery, Invocation, InvokeOptions, ServiceFactory } from "../../local/kit/cloud.ts";
import { createCredentials } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import { createPermissions } from "../../local/permissions/permissions.ts";

export const REGION = "eu-central-1";
export const ACCOUNT = "123456789012";

/** A graph of hand-written resources. */
export const graphOf = (resources: Resource[], functions: FunctionSpec[] = []): Graph => ({
  app: "test",
  stage: "local",
  region: REGION,
  accountId: ACCOUNT,
  resources,
  functions,
  outputs: {},
});

export const resource = (
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  outputs: Record<string, unknown> = {},
): Resource => ({
  urn: `urn:pulumi:local::test::${type}::${name}`,
  type,
  name,
  id: String(outputs.id ?? outputs.name ?? name),
  inputs,
  outputs: { ...inputs, ...outputs },
});

/** One invocation a test's function was given. */
export interface Seen {
  readonly functionArn: string;
  readonly event: unknown;
  readonly options: InvokeOptions | undefined;
  readonly at: number;
}

export interface Running {
  readonly cloud: Cloud;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly seen: Seen[];
  readonly delivered: { targetArn: string; delivery: Delivery }[];
  readonly printed: string[];
  readonly calls: { environmentId: string; readUnits: number; writeUnits: number }[];
  stop(): Promise<void>;
}

type Handler = (event: unknown, seen: Seen[]) => unknown;

export interface Setup {
  readonly graph?: Graph;
  readonly services?: readonly ServiceFactory[];
  readonly dataDir?: string;
  /** What every function does; a thrown error is the function's. */
  readonly handler?: Handler;
  readonly before?: GatewayOptions["before"];
  /** Enforces the policies of the graph, as the whole cloud does. */
  readonly permissions?: true;
}

const invoker =
  (seen: Seen[], clock: Clock, handler: Handler) =>
  async (functionArn: string, event: unknown, options?: InvokeOptions): Promise<Invocation> => {
    seen.push({ functionArn, event, options, at: Date.now() });
    const requestId = `request-${seen.length}`;
    const start = clock.now();
    try {
      return { requestId, payload: await handler(event, seen), durationMs: clock.now() - start };
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      return { requestId, error: { errorType: "Error", errorMessage }, durationMs: clock.now() - start };
    }
  };

/** A cloud with a real gateway and real services; its one function is the test's. */
export const startCloud = async (setup: Setup = {}): Promise<Running> => {
  const clock = systemClock();
  const [credentials, recorder] = [createCredentials(), createRecorder()];
  const faults = createFaults(clock);
  const [seen, printed, delivered, calls] = [
    [] as Seen[],
    [] as string[],
    [] as Running["delivered"],
    [] as Running["calls"],
  ];
  const print = (line: string) => void printed.push(line);
  const graph = setup.graph ?? graphOf([]);
  const permissions = setup.permissions && createPermissions({ graph, clock, print });
  const gateway = await startGateway({
    port: 0,
    clock,
    credentials,
    recorder,
    print,
    before: [...(setup.before ?? []), ...(permissions ? [permissions.before] : [])],
    onCall: (environmentId, units) => void calls.push({ environmentId, ...units }),
  });
  const invoke = invoker(seen, clock, setup.handler ?? (() => undefined));
  const lambda = { invoke, invokeAsync: async (...args: Parameters<typeof invoke>) => invoke(...args) };
  const inbox = "arn:aws:sqs:";
  gateway.register({
    name: "inbox",
    accepts: inbox,
    handle: async () => ({ status: 200 }),
    deliver: async (targetArn, delivery) => void delivered.push({ targetArn, delivery }),
  });
  const cloud: Cloud = {
    graph,
    ...(permissions ? { permissions } : {}),
    clock,
    credentials,
    recorder,
    faults,
    ...(setup.dataDir ? { dataDir: setup.dataDir } : {}),
    endpoint: gateway.endpoint,
    lambda,
    deliver: createDeliver({ services: gateway.services, lambda: () => lambda, clock, recorder, faults }),
    print,
  };
  for (const factory of setup.services ?? []) gateway.register(await factory(cloud));
  for (const service of gateway.services.values()) await service.start?.();
  return {
    cloud,
    gateway,
    clock,
    seen,
    delivered,
    printed,
    calls,
    async stop() {
      for (const service of gateway.services.values()) await service.stop?.();
      await gateway.stop();
    },
  };
};

/** Waits until `check` yields something, asking every few milliseconds; fails after `ms`. */
export const until = async <T>(check: () => T | Promise<T>, ms = 10_000): Promise<NonNullable<T>> => {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain for ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** What an SDK client needs to speak to the gateway as the developer. */
export const clientConfig = ({ cloud }: Running) => ({
  region: REGION,
  endpoint: cloud.endpoint,
  credentials: cloud.credentials.developer,
  maxAttempts: 1,
});
