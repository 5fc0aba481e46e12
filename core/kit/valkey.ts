import type { EventEmitter } from "node:events";
import type { Cluster, Redis } from "iovalkey";
import { linkedIfAny } from "./config.ts";
import { tune } from "./valkey-wire.ts";

/** A connection to one server, or to a cluster. Both take the same commands. */
export type ValkeyClient = Redis | Cluster;

/** Servers of Valkey, and how keys spread over them. */
export interface ValkeySettings {
  /** `redis://` or `rediss://`, with no password in it. */
  readonly nodes: readonly string[];
  /** `single`: each node is on its own, the caller spreads keys over them. `cluster`: the nodes do, by slots. */
  readonly mode: "single" | "cluster";
  readonly username?: string;
  readonly password?: string;
  /** `replicas`: these connections only read, and from a cluster's replicas. */
  readonly reads?: "replicas";
}

/** Connections of this process. */
export interface Valkey {
  readonly mode: "single" | "cluster";
  /** In the order of the nodes; a cluster is one client. */
  readonly clients: readonly ValkeyClient[];
  /** Node of each client, as a ring names it: `host:port`. */
  readonly names: readonly string[];
  close(): void;
}

/**
 * Fails fast: whoever asks has an answer for a store that is silent. A command whose connection broke may have been carried
 * out, so none is ever sent twice on its own.
 */
const patience = {
  connectTimeout: 2_000,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  keepAlive: 10_000,
} as const;

/** An answer that takes longer has failed. */
const COMMAND_MS = 1_000;

/** What the environment says; undefined where no Valkey is configured. */
export const valkeySettings = (env: NodeJS.ProcessEnv = process.env): ValkeySettings | undefined => {
  const nodes = (env.VALKEY_NODES ?? "")
    .split(",")
    .map((node) => node.trim())
    .filter((node) => node !== "");
  if (nodes.length === 0) return undefined;
  const mode = env.VALKEY_MODE ?? "single";
  if (mode !== "single" && mode !== "cluster") throw new Error("VALKEY_MODE is single or cluster");
  const { username, password } = linkedIfAny("Valkey") ?? {};
  return {
    nodes,
    mode,
    ...(typeof username === "string" && username !== "" ? { username } : {}),
    ...(typeof password === "string" && password !== "" ? { password } : {}),
  };
};

const parse = (node: string) => {
  const url = new URL(node);
  const tls = url.protocol === "rediss:";
  if (!tls && url.protocol !== "redis:") throw new Error("A node of VALKEY_NODES is redis:// or rediss://");
  if (url.password !== "") throw new Error("VALKEY_NODES holds a password: link it as the secret Valkey");
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 6379), tls };
};

/** A node as a ring names it: `host:port`. */
export const nodeName = (node: string): string => {
  const { host, port } = parse(node);
  return `${host}:${port}`;
};

/** Opens connections of one's own, which one closes. Waits for none of single servers: one that is down fails its commands. */
export const openValkey = async (settings: ValkeySettings): Promise<Valkey> => {
  const nodes = settings.nodes.map(parse);
  const { username, password, mode } = settings;
  const secured = (tls: boolean) => ({ ...patience, username, password, ...(tls ? { tls: {} } : {}) });
  // loaded here, so that only a function with a Valkey pays for it
  const { Cluster, Redis } = (await import("./valkey-client.ts")).valkeyClient;
  const clients: ValkeyClient[] =
    mode === "single"
      ? nodes.map(
          ({ host, port, tls }) =>
            new Redis({
              ...secured(tls),
              host,
              port,
              retryStrategy: (times) => Math.min(50 * times, 1_000),
            }),
        )
      : [
          new Cluster(
            nodes.map(({ host, port }) => ({ host, port })),
            {
              scaleReads: settings.reads === "replicas" ? "slave" : "master",
              redisOptions: secured(nodes.some(({ tls }) => tls)),
              clusterRetryStrategy: (times) => Math.min(50 * times, 1_000),
              // names, not addresses, are in the certificates of a cluster
              dnsLookup: (address, callback) => callback(null, address),
              // commands that wait for a cluster to come back would wait without a limit
              enableOfflineQueue: false,
              // 0: never again after a broken connection; CLUSTERDOWN and TRYAGAIN say that nothing was done
              retryDelayOnFailover: 0,
              maxRedirections: 6,
            },
          ),
        ];
  for (const client of clients) {
    listen(client);
    tune(client, COMMAND_MS);
  }
  const valkey: Valkey = {
    mode,
    clients,
    names: settings.nodes.map(nodeName),
    close: () => {
      for (const client of clients) client.disconnect();
    },
  };
  if (mode === "cluster") await ready(valkey);
  return valkey;
};

// A failure reaches whoever asked, by their command: an 'error' event nobody listens to would only fill the log.
const listen = (client: ValkeyClient) => {
  const events: EventEmitter = client;
  events.on("error", () => undefined);
  // a node that is gone has perhaps been succeeded: ask who has its slots now, not at the next of the 5 s rounds
  if (client.isCluster)
    events.on("-node", () => {
      if (client.status === "ready") (client as Cluster).refreshSlotsCache(() => undefined);
    });
};

const ready = (valkey: Valkey) =>
  new Promise<void>((resolve, reject) => {
    const client: EventEmitter | undefined = valkey.clients[0];
    const late = setTimeout(() => {
      valkey.close();
      reject(new Error("No node of the Valkey cluster answers"));
    }, patience.connectTimeout);
    client?.once("ready", () => {
      clearTimeout(late);
      resolve();
    });
  });

let shared: Promise<Valkey> | undefined;

/** The one set of connections of this process, kept over invocations. Call it for each use: an attempt that failed is made anew. */
export const connectValkey = (): Promise<Valkey> => {
  shared ??= connect().catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
};

const connect = async () => {
  const settings = valkeySettings();
  if (!settings) throw new Error("The stack sets no environment variable VALKEY_NODES");
  return openValkey(settings);
};

/** Ends the connections of this process. For tests: a function keeps them until it is gone. */
export const closeValkey = async (): Promise<void> => {
  const open = shared;
  shared = undefined;
  await open?.then(
    (valkey) => valkey.close(),
    () => undefined,
  );
};
