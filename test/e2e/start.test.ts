import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256 } from "@aws-crypto/sha256-js";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListEventBusesCommand } from "@aws-sdk/client-eventbridge";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startApp } from "../kit/app.ts";
import { createClient } from "./client.ts";

const root = join(import.meta.dirname, "../..");
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const freshFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-"));
  folders.push(folder);
  return folder;
};

const childrenOf = (pid: number): number[] => {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const direct = pairs.filter(([, parent]) => parent === pid).map(([child = 0]) => child);
  return direct.flatMap((child) => [child, ...childrenOf(child)]);
};
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("npm start", () => {
  const launch = (args: string[]) => {
    const child = spawn(process.execPath, ["local/main.ts", ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return { child, output: () => output };
  };
  const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on("exit", resolve));

  it("starts, says where, and takes every child along at Ctrl-C", async () => {
    const { child, output } = launch([
      "--port",
      "0",
      "--aws-port",
      "0",
      "--stage",
      "e2e-start",
      "--reset",
      "--no-seed",
    ]);
    await vi.waitFor(() => expect(output()).toContain("ready in"), { timeout: 60_000, interval: 100 });
    const url = /web and API\s+(\S+)/.exec(output())?.[1] ?? "";
    expect((await fetch(`${url}api/v1/health`)).status).toBe(200);
    const children = childrenOf(child.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    const exit = ended(child);
    child.kill("SIGINT");
    expect(await exit).toBe(0);
    await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]), { timeout: 10_000 });
    rmSync(join(root, ".data/e2e-start"), { recursive: true, force: true });
  });

  it("names what it does not understand", async () => {
    const { child, output } = launch(["--prot", "1"]);
    expect(await ended(child)).toBe(2);
    expect(output()).toContain("--port <n>");
    expect(output()).not.toMatch(/\bat .+\.ts:\d+/);
  });
});

describe("the local cloud", () => {
  it("keeps links, users and clicks over a restart", async () => {
    const dataDir = freshFolder();
    const first = await startApp({ dataDir });
    const owner = createClient(first, await first.tokenOf("owner@tenfold.example"));
    const { hash } = await owner.shorten({ url: "https://example.org/kept" });
    await createClient(first).get(`/${hash}`);
    await first.stop();

    const second = await startApp({ dataDir, port: Number(new URL(first.url).port) });
    const again = createClient(second, await second.tokenOf("owner@tenfold.example"));
    expect((await createClient(second).get(`/${hash}`)).headers.get("location")).toBe(
      "https://example.org/kept",
    );
    expect((await again.get("/api/v1/links")).json.links).toHaveLength(1);
    await second.stop();
  });

  it("leaves no data behind when its first start fails, so that the next one seeds", async () => {
    const dataDir = join(freshFolder(), "fresh");
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    await expect(startApp({ dataDir, port: (taken.address() as AddressInfo).port })).rejects.toThrow(
      "EADDRINUSE",
    );
    expect(existsSync(dataDir)).toBe(false);
    taken.close();
  });

  it("answers a signed call to any service of the graph, and refuses one it does not serve by name", async () => {
    const app = await startApp();
    try {
      const { accessKeyId, secretAccessKey } = app.cloud.credentials.developer;
      const config = {
        endpoint: app.cloud.endpoint,
        region: app.cloud.graph.region,
        credentials: { accessKeyId, secretAccessKey },
      };
      const { TableNames } = await new DynamoDBClient(config).send(new ListTablesCommand({}));
      expect(TableNames?.length).toBeGreaterThan(0);
      const { EventBuses } = await new EventBridgeClient(config).send(new ListEventBusesCommand({}));
      expect(EventBuses?.length).toBeGreaterThan(1);

      const signer = new SignatureV4({ ...config, service: "kinesis", sha256: Sha256 });
      const { hostname, port, host } = new URL(config.endpoint);
      const signed = await signer.sign({
        method: "POST",
        protocol: "http:",
        hostname,
        port: Number(port),
        path: "/",
        headers: {
          host,
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": "Kinesis_20131202.ListStreams",
        },
        body: "{}",
      });
      const answer = await fetch(config.endpoint, { method: "POST", headers: signed.headers, body: "{}" });
      expect(answer.status).toBe(501);
      expect(await answer.text()).toMatch(/kinesis.*ListStreams/is);
    } finally {
      await app.stop();
    }
  });

  it("draws a map on which every function of the graph has its place", async () => {
    const app = await startApp();
    try {
      const { nodes, edges } = (await (await fetch(`${app.url}/_local/map`)).json()) as {
        nodes: { id: string; x: number; y: number; file?: string }[];
        edges: { from: string; to: string; points: unknown[] }[];
      };
      const placed = new Set(nodes.map((node) => node.id));
      expect(app.cloud.graph.functions.filter((fn) => !placed.has(fn.arn))).toEqual([]);
      const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
      expect(app.cloud.graph.functions.filter((fn) => !connected.has(fn.arn))).toEqual([]);
      expect(edges.every(({ points }) => points.length >= 2)).toBe(true);
      const spots = new Set(nodes.map(({ x, y }) => `${x},${y}`));
      expect(spots.size).toBe(nodes.length);
    } finally {
      await app.stop();
    }
  });
});
