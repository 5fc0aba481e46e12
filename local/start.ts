import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createConsole } from "./console/console.ts";
import { type Demo, loadDemo, tokenSource } from "./demo.ts";
import { faultyCalls } from "./faults/calls.ts";
import { createFaults } from "./faults/faults.ts";
import { faultsPart } from "./faults/part.ts";
import { type Door, openDoor } from "./front/door.ts";
import { startFront } from "./front/front.ts";
import { createAddresses, withAddresses } from "./gateway/addresses.ts";
import { createDeliver } from "./gateway/deliver.ts";
import { startGateway } from "./gateway/gateway.ts";
import { byType, type Graph } from "./graph/graph.ts";
import { type Clock, systemClock } from "./kit/clock.ts";
import type { Cloud } from "./kit/cloud.ts";
import { createCredentials } from "./kit/credentials.ts";
import { holdFolder } from "./kit/lock.ts";
import { createRecorder } from "./kit/recorder.ts";
import { type Stops, stopAll } from "./kit/stops.ts";
import { createLambda } from "./lambda/host.ts";
import type { LambdaHost } from "./lambda/types.ts";
import { audit } from "./permissions/audit.ts";
import { writeReport } from "./permissions/collect.ts";
import { guardLambda } from "./permissions/enforce.ts";
import { permissionsPart } from "./permissions/part.ts";
import { createPermissions } from "./permissions/permissions.ts";
import { createServices } from "./services/all.ts";
import type { CognitoService } from "./services/cognito/cognito.ts";
import { socketLines } from "./services/websocket/announce.ts";
import { buildSites } from "./sites.ts";
import { loadGraph } from "./synth/load.ts";

export interface StartOptions {
  /** Folder of `sst.config.ts`. */
  readonly root: string;
  readonly stage: string;
  /** Of the front door; 0 takes any free port. */
  readonly port: number;
  /** Of the AWS endpoint; 0 takes any free port. */
  readonly awsPort: number;
  /** Where data is kept; undefined keeps it in memory. */
  readonly dataDir?: string;
  /** True forgets all data first. */
  readonly reset?: boolean;
  /** Undefined seeds where there is no data yet. */
  readonly seed?: boolean;
  /** False never looks for edits. */
  readonly watch?: boolean;
  /** True builds the static sites that were never built, or are older than their sources. */
  readonly sites?: boolean;
  readonly clock?: Clock;
  /** False asks nobody's policies: for tests of something else. */
  readonly permissions?: boolean;
  readonly print: (line: string) => void;
}

/** A running local cloud. */
export interface Running {
  readonly url: string;
  readonly cloud: Cloud;
  readonly lambda: LambdaHost;
  /** An access token of a demo user. */
  tokenOf(email: string): Promise<string>;
  stop(): Promise<void>;
}

/** The AWS side: endpoint, services and Lambda. What was started is pushed on `stops`, in order. */
const startAws = async (graph: Graph, options: StartOptions, door: Door, stops: Stops) => {
  const clock = options.clock ?? systemClock();
  const recorder = createRecorder();
  const credentials = createCredentials();
  const faults = createFaults(clock);
  const { print } = options;
  const permissions = options.permissions === false ? undefined : createPermissions({ graph, clock, print });
  let lambda: LambdaHost | undefined;
  const host = () => {
    if (!lambda) throw new Error("Lambda has not started yet");
    return lambda;
  };
  const gateway = await startGateway({
    port: options.awsPort,
    clock,
    credentials,
    recorder,
    print,
    before: permissions ? [permissions.before] : [],
    onCall: (environmentId, units) => host().noteCall(environmentId, units),
    around: faultyCalls(faults, {
      graph,
      clock,
      crash: (environmentId) => host().crash(environmentId),
      invocationOf: (environmentId) => host().invocationOf(environmentId),
    }),
  });
  stops.push(() => gateway.stop());
  const localise = createAddresses(graph, { endpoint: gateway.endpoint, front: door.url });
  const here = withAddresses(graph, localise);
  const guarded = guardLambda(permissions, host);
  const cloud: Cloud = {
    graph: here,
    clock,
    credentials,
    recorder,
    faults,
    ...(permissions && { permissions }),
    endpoint: gateway.endpoint,
    print: options.print,
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    lambda: guarded,
    deliver: createDeliver({
      services: gateway.services,
      lambda: host,
      clock,
      recorder,
      faults,
      ...(permissions && { permissions }),
    }),
  };
  const services = await createServices(cloud, host);
  for (const service of services.all) {
    gateway.register(service);
    stops.push(async () => service.stop?.());
  }
  lambda = await createLambda({
    graph: here,
    clock,
    credentials,
    recorder,
    faults,
    endpoint: gateway.endpoint,
    deliver: cloud.deliver,
    print: options.print,
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    root: options.root,
    logs: services.logs,
    xrayDaemon: services.xrayDaemon,
    watch: options.watch ?? true,
  });
  stops.push(() => host().stop());
  if (permissions) {
    audit(graph, permissions);
    stops.push(async () => writeReport(permissions.report()));
  }
  for (const service of services.all) await service.start?.();
  stops.push(async () => {
    for (const service of services.all) await service.pause?.();
  });
  return {
    cloud,
    lambda,
    permissions,
    services: services.all,
    userPools: services.userPools,
    sockets: services.sockets,
    localise,
  };
};

const announce = ({ url, cloud }: Pick<Running, "url" | "cloud">, demo: Demo | undefined, tookMs: number) => {
  const { developer } = cloud.credentials;
  cloud.print(
    [
      "",
      `  ${cloud.graph.app} · ${cloud.graph.stage} · ready in ${(tookMs / 1000).toFixed(1)} s`,
      `  web and API    ${url}/`,
      ...socketLines(cloud.graph, url),
      `  AWS endpoint   ${cloud.endpoint}: aws --endpoint-url ${cloud.endpoint} …, with`,
      `                 AWS_DEFAULT_REGION=${cloud.graph.region} AWS_ACCESS_KEY_ID=${developer.accessKeyId} AWS_SECRET_ACCESS_KEY=${developer.secretAccessKey}`,
      ...(demo?.users ?? []).map((user) => `  sign in as     ${user.email} · ${user.password}`),
      "  Ctrl-C stops everything.",
      "",
    ].join("\n"),
  );
};

/** Adds the demo's users to the app's first user pool. */
const addUsers = async ({ graph }: Cloud, userPools: CognitoService, demo: Demo | undefined) => {
  const pool = byType(graph, "aws:cognito/userPool:UserPool")[0];
  if (!pool || !demo) return;
  const users = demo.users.map(({ email, name, password, groups }) => ({
    username: email,
    password,
    groups,
    attributes: { name },
  }));
  await userPools.seedUsers(pool.id, users);
};

/** Takes the data folder for this process, empties it when asked to, and says whether there is no data yet. */
const openFolder = async ({ dataDir, reset }: StartOptions, stops: Stops): Promise<boolean> => {
  if (dataDir === undefined) return true;
  stops.push(await holdFolder(dataDir));
  if (reset) rmSync(dataDir, { recursive: true, force: true });
  const fresh = !existsSync(dataDir);
  mkdirSync(dataDir, { recursive: true });
  return fresh;
};

/** Starts everything the graph states: the AWS endpoint, its services, Lambda, the front door. Stops whole, or not at all. */
export const start = async (options: StartOptions): Promise<Running> => {
  const began = performance.now();
  const graph = await loadGraph({ root: options.root, stage: options.stage });
  const demo = await loadDemo(options.root);
  const stops: Stops = [];
  const fresh = await openFolder(options, stops);
  const stop = () => stopAll(stops);
  try {
    const door = await openDoor(options.port);
    stops.push(() => door.close());
    const aws = await startAws(graph, options, door, stops);
    const { cloud, lambda, services, userPools, sockets } = aws;
    await addUsers(cloud, userPools, demo);
    const { recorder, print } = cloud;
    const shown = createConsole({
      graph,
      recorder,
      users: demo?.users ?? [],
      aws: { endpoint: cloud.endpoint, ...cloud.credentials.developer },
      parts: [...services, faultsPart(cloud.faults), ...permissionsPart(aws.permissions)],
      print,
    });
    stops.push(async () => shown.stop());
    if (options.sites) await buildSites(graph, options.root, options.print, aws.localise);
    const extra = shown.handle;
    const { port, root: appRoot } = options;
    const front = await startFront(cloud, { port, door, appRoot, extra, upgrade: sockets.upgrade });
    stops.push(() => front.close());
    stops.push(() => sockets.closeAll()); // before the door: it waits for every connection
    const tokenOf = tokenSource(graph, cloud.endpoint, demo?.users ?? []);
    if (demo && (options.seed ?? fresh)) await demo.seed({ url: front.url, tokenOf });
    announce({ url: front.url, cloud }, demo, performance.now() - began);
    return { url: front.url, cloud, lambda, tokenOf, stop };
  } catch (error) {
    await stop();
    if (fresh && options.dataDir) rmSync(options.dataDir, { recursive: true, force: true }); // the next start is the first again: it seeds
    throw error;
  }
};
