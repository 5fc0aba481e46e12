import { faultyCalls } from "./faults/calls.ts";
import { createFaults } from "./faults/faults.ts";
import { createAddresses, withAddresses } from "./gateway/addresses.ts";
import { createDeliver } from "./gateway/deliver.ts";
import { type Gateway, startGateway } from "./gateway/gateway.ts";
import type { Graph } from "./graph/graph.ts";
import { type Clock, systemClock } from "./kit/clock.ts";
import type { Cloud } from "./kit/cloud.ts";
import { createCredentials } from "./kit/credentials.ts";
import { createRecorder } from "./kit/recorder.ts";
import type { Stops } from "./kit/stops.ts";
import { createLambda } from "./lambda/host.ts";
import type { LambdaHost } from "./lambda/types.ts";
import { audit } from "./permissions/audit.ts";
import { writeReport } from "./permissions/collect.ts";
import { guardLambda } from "./permissions/enforce.ts";
import { createPermissions } from "./permissions/permissions.ts";
import { createServices } from "./services/all.ts";

/** What the AWS side is started with. */
export interface AwsOptions {
  /** Folder of `sst.config.ts`. */
  readonly root: string;
  /** Of the AWS endpoint; 0 takes any free port. */
  readonly awsPort: number;
  /** Where data is kept; undefined keeps it in memory. */
  readonly dataDir?: string;
  /** False never looks for edits. */
  readonly watch?: boolean;
  readonly clock?: Clock;
  /** False asks nobody's policies: for tests of something else. */
  readonly permissions?: boolean;
  readonly print: (line: string) => void;
}

/** What is made before anything listens. */
const makeParts = (graph: Graph, { clock = systemClock(), print, ...options }: AwsOptions) => {
  let lambda: LambdaHost | undefined;
  const permissions = options.permissions === false ? undefined : createPermissions({ graph, clock, print });
  return {
    clock,
    print,
    recorder: createRecorder(),
    credentials: createCredentials(),
    faults: createFaults(clock),
    ...(permissions && { permissions }),
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    /** Services are built before the host of functions: they ask for it when they need it. */
    host: () => {
      if (!lambda) throw new Error("Lambda has not started yet");
      return lambda;
    },
    setHost: (started: LambdaHost) => {
      lambda = started;
    },
  };
};
type Parts = ReturnType<typeof makeParts>;

const openGateway = (graph: Graph, port: number, parts: Parts) => {
  const { permissions, faults, clock, host } = parts;
  return startGateway({
    ...parts,
    port,
    before: permissions ? [permissions.before] : [],
    onCall: (environmentId, units) => host().noteCall(environmentId, units),
    around: faultyCalls(faults, {
      graph,
      clock,
      crash: (environmentId) => host().crash(environmentId),
      invocationOf: (environmentId) => host().invocationOf(environmentId),
    }),
  });
};

const makeCloud = (graph: Graph, gateway: Gateway, parts: Parts): Cloud => {
  const { host, setHost: _, ...shared } = parts;
  return {
    ...shared,
    graph,
    endpoint: gateway.endpoint,
    lambda: guardLambda(parts.permissions, host),
    deliver: createDeliver({ ...shared, services: gateway.services, lambda: host }),
  };
};

/** The AWS side: endpoint, services and Lambda. What was started is pushed on `stops`, in order. */
export const startAws = async (graph: Graph, options: AwsOptions, frontUrl: string, stops: Stops) => {
  const parts = makeParts(graph, options);
  const { host, permissions } = parts;
  const gateway = await openGateway(graph, options.awsPort, parts);
  stops.push(() => gateway.stop());
  const localise = createAddresses(graph, { endpoint: gateway.endpoint, front: frontUrl });
  const cloud = makeCloud(withAddresses(graph, localise), gateway, parts);
  const services = await createServices(cloud, host);
  for (const service of services.all) {
    gateway.register(service);
    stops.push(async () => service.stop?.());
  }
  const { root, watch = true } = options;
  const { logs, xrayDaemon } = services;
  const lambda = await createLambda({ ...cloud, root, logs, xrayDaemon, watch });
  parts.setHost(lambda);
  stops.push(() => lambda.stop());
  if (permissions) {
    audit(graph, permissions);
    stops.push(async () => writeReport(permissions.report()));
  }
  for (const service of services.all) await service.start?.();
  stops.push(async () => {
    for (const service of services.all) await service.pause?.();
  });
  const { all, userPools, sockets } = services;
  return { cloud, lambda, permissions, services: all, userPools, sockets, localise };
};
