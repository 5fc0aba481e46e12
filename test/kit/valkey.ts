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

/** Two free ports that are apart by what a cluster's bus takes. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 30_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
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
      if (String(chunk).includes("Ready to accept connections")) resolve(child);
    });
  });

/** A real server of the Redis protocol, empty, on a free port. */
export const startValkey = async (settings: readonly string[] = []): Promise<Server> => {
  const folder = await mkdtemp(join(tmpdir(), "tenfold-valkey-"));
  const port = await freePort();
  let child = await launch(folder, port, settings);
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
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("The cluster did not form");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Three primaries with a replica each, as ElastiCache's cluster mode: a primary that dies is succeeded within seconds. */
export const startCluster = async (primaries = 3) => {
  const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--appendonly", "no"];
  const servers = await Promise.all(Array.from({ length: primaries * 2 }, () => startValkey(settings)));
  const clients = servers.map(({ port }) => new Redis({ host: HOST, port }));
  const ids = await Promise.all(clients.map(async (client) => String(await client.cluster("MYID"))));
  const [first] = servers;
  if (!first) throw new Error("A cluster has at least one server");
  for (const client of clients.slice(1)) await client.cluster("MEET", HOST, first.port);
  const size = Math.ceil(SLOTS / primaries);
  for (const [index, client] of clients.slice(0, primaries).entries())
    await client.cluster("ADDSLOTSRANGE", index * size, Math.min(SLOTS, (index + 1) * size) - 1);
  const knows = async (client: Redis, what: string) => String(await client.cluster("NODES")).includes(what);
  for (const [index, client] of clients.slice(primaries).entries()) {
    const primary = ids[index] ?? "";
    await until(() => knows(client, primary));
    await client.cluster("REPLICATE", primary);
  }
  for (const client of clients)
    await until(async () => String(await client.cluster("INFO")).includes("cluster_state:ok"));
  for (const client of clients.slice(primaries))
    await until(async () => String(await client.info("replication")).includes("master_link_status:up"));
  // a client asks any of them which servers hold a slot: each must have heard of every replica
  const isWhole = (ranges: unknown) =>
    Array.isArray(ranges) && ranges.length === primaries && ranges.every((range) => range.length === 4);
  for (const client of clients) await until(async () => isWhole(await client.cluster("SLOTS")));
  for (const client of clients) client.disconnect();
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
