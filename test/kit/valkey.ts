import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster, Redis } from "iovalkey";

const HOST = "127.0.0.1";
const SLOTS = 16_384;

/** A running server, and the folder it lives in. */
export interface Server {
  readonly port: number;
  /** `redis://127.0.0.1:…` */
  readonly url: string;
  /** As a machine that loses power: no goodbye. */
  kill(): Promise<void>;
  /** The same server again, at the same port, with what its files hold. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

// Ports below those that systems give to outgoing connections (from 32,768), and so are those of a cluster's bus, 10,000 above.
const [LOWEST, HIGHEST, BUS] = [10_000, 22_000, 10_000];

/** A port that was free with its bus a moment ago. Another may take it meanwhile: whoever listens there tries others. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if ((await isFree(port)) && (await isFree(port + BUS))) return port;
  }
};

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });

const exit = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise<void>((resolve) => child.once("exit", () => resolve()));

const launch = (folder: string, port: number, settings: readonly string[]) =>
  new Promise<ChildProcess>((resolve, reject) => {
    const child = spawn(
      "redis-server",
      ["--port", `${port}`, "--bind", HOST, "--dir", folder, "--save", "", "--daemonize", "no", ...settings],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const lines: string[] = [];
    child.once("error", (cause) =>
      reject(new Error("Install the Debian package redis-server: Valkey's tests run on it", { cause })),
    );
    child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}: ${lines.join("")}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      lines.push(String(chunk));
      if (lines.join("").includes("Ready to accept connections")) resolve(child);
    });
  });

/** On another port where somebody was faster. */
const launchAnywhere = async (folder: string, settings: readonly string[]) => {
  for (;;) {
    const port = await freePort();
    try {
      return { port, child: await launch(folder, port, settings) };
    } catch (error) {
      if (!String(error).includes("Address already in use")) throw error;
    }
  }
};

/** A real server of the Redis protocol, empty, on a free port. */
export const startValkey = async (settings: readonly string[] = []): Promise<Server> => {
  const folder = await mkdtemp(join(tmpdir(), "tenfold-valkey-"));
  const launched = await launchAnywhere(folder, settings);
  const { port } = launched;
  let { child } = launched;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exit(child);
  };
  return {
    port,
    url: `redis://${HOST}:${port}`,
    kill: () => end("SIGKILL"),
    restart: async () => {
      await exit(child);
      child = await launch(folder, port, settings);
    },
    stop: async () => {
      await end("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const until = async (condition: () => Promise<boolean>) => {
  const end = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("The cluster did not form");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/**
 * Whether a server knows all of its cluster. A client asks any of them who holds a slot, and reads from the primary where none is
 * named that copies it. A server names a replica once it has heard from it that it copied something.
 */
const knowsAll = async (client: Redis, ids: readonly string[], primaries: number) => {
  const nodes = String(await client.cluster("NODES"))
    .trim()
    .split("\n");
  const isUp = (id: string) =>
    nodes.some((line) => line.startsWith(id) && / connected\b/.test(line) && !/fail\b|handshake/.test(line));
  const slots: unknown = await client.cluster("SLOTS");
  const named = Array.isArray(slots) ? slots.map((range) => range.slice(2).length) : [];
  return ids.every(isUp) && named.length === primaries && named.every((servers) => servers === 2);
};

/** While a cluster forms, its servers tell each other twice in this time what they know; none is succeeded yet. */
const FORMING_MS = 500;

/** How a cluster is laid out, and how soon it gives a silent primary up. */
interface Layout {
  readonly primaries?: number;
  /** Small where a test waits for a successor. Else no machine is to be so slow that a primary that lives is succeeded. */
  readonly timeoutMs?: number;
}

/** Primaries with a replica each, as ElastiCache's cluster mode: one that dies is succeeded. */
export const startCluster = async ({ primaries = 3, timeoutMs = 30_000 }: Layout = {}) => {
  const settings = Object.entries({
    "cluster-enabled": "yes",
    "cluster-node-timeout": FORMING_MS,
    "cluster-replica-no-failover": "yes",
    "repl-diskless-sync-delay": 0, // instead of 5 s in which more replicas may come before the first has its data
    "repl-ping-replica-period": 1, // instead of 10 s until there is something to copy: so long a replica is named by nobody
    appendonly: "no",
  }).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const servers = await Promise.all(Array.from({ length: primaries * 2 }, () => startValkey(settings)));
  const clients = servers.map(({ port }) => new Redis({ host: HOST, port }));
  const ids = await Promise.all(clients.map(async (client) => String(await client.cluster("MYID"))));
  const [first] = servers;
  if (!first) throw new Error("A cluster has at least one server");
  for (const client of clients.slice(1)) await client.cluster("MEET", HOST, first.port);
  const size = Math.ceil(SLOTS / primaries);
  for (const [index, client] of clients.slice(0, primaries).entries())
    await client.cluster("ADDSLOTSRANGE", index * size, Math.min(SLOTS, (index + 1) * size) - 1);
  for (const [index, client] of clients.slice(primaries).entries()) {
    const primary = ids[index] ?? "";
    await until(async () => String(await client.cluster("NODES")).includes(primary));
    await client.cluster("REPLICATE", primary);
  }
  for (const client of clients)
    await until(async () => String(await client.cluster("INFO")).includes("cluster_state:ok"));
  for (const client of clients.slice(primaries))
    await until(async () => String(await client.info("replication")).includes("master_link_status:up"));
  const know = () => Promise.all(clients.map((client) => knowsAll(client, ids, primaries)));
  await until(async () => (await know()).every(Boolean));
  for (const client of clients) {
    await client.config("SET", "cluster-node-timeout", timeoutMs);
    await client.config("SET", "cluster-replica-no-failover", "no");
    client.disconnect();
  }
  return {
    servers,
    /** `redis://…` of every server. */
    urls: servers.map(({ url }) => url),
    primaries: servers.slice(0, primaries),
    replicas: servers.slice(primaries),
    client: () => new Cluster(servers.map(({ port }) => ({ host: HOST, port }))),
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
};
