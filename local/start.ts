import { existsSync, mkdirSync, rmSync } from "node:fs";
import { announce } from "./announce.ts";
import { type AwsOptions, startAws } from "./aws.ts";
import { createConsole } from "./console/console.ts";
import { type Demo, loadDemo, tokenSource } from "./demo.ts";
import { faultsPart } from "./faults/part.ts";
import { openDoor } from "./front/door.ts";
import { startFront } from "./front/front.ts";
import { byType } from "./graph/graph.ts";
import type { Cloud } from "./kit/cloud.ts";
import { holdFolder } from "./kit/lock.ts";
import { type Stops, stopAll } from "./kit/stops.ts";
import type { LambdaHost } from "./lambda/types.ts";
import { permissionsPart } from "./permissions/part.ts";
import type { CognitoService } from "./services/cognito/cognito.ts";
import { buildSites } from "./sites.ts";
import { loadGraph } from "./synth/load.ts";

/** What a local cloud is started with. */
export interface StartOptions extends AwsOptions {
  readonly stage: string;
  /** Of the front door; 0 takes any free port. */
  readonly port: number;
  /** True forgets all data first. */
  readonly reset?: boolean;
  /** Undefined seeds where there is no data yet. */
  readonly seed?: boolean;
  /** True builds the static sites that were never built, or are older than their sources. */
  readonly sites?: boolean;
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
    const aws = await startAws(graph, options, door.url, stops);
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
    // A page of the old build that the edge keeps would ask for files of it that are gone.
    let forget = () => {};
    if (options.sites) await buildSites(graph, options.root, options.print, aws.localise, () => forget());
    const extra = shown.handle;
    const { port, root: appRoot } = options;
    const front = await startFront(cloud, { port, door, appRoot, extra, upgrade: sockets.upgrade });
    forget = () => front.invalidate(["/*"]);
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
