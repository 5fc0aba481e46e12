import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  closeValkey,
  connectValkey,
  openValkey,
  type Valkey,
  valkeySettings,
} from "../../core/kit/valkey.ts";
import { type Server, startCluster, startValkey } from "../kit/valkey.ts";

describe("the settings of Valkey", () => {
  it("are none where the environment names no node", () => {
    expect(valkeySettings({})).toBeUndefined();
    expect(valkeySettings({ VALKEY_NODES: " , " })).toBeUndefined();
  });

  it("name the nodes of a ring, or of a cluster", () => {
    expect(valkeySettings({ VALKEY_NODES: "redis://a:1, redis://b:2" })).toEqual({
      nodes: ["redis://a:1", "redis://b:2"],
      mode: "single",
    });
    expect(valkeySettings({ VALKEY_NODES: "rediss://a", VALKEY_MODE: "cluster" })?.mode).toBe("cluster");
  });

  it("are refused where they hold a password, another protocol or another mode", async () => {
    expect(() => valkeySettings({ VALKEY_NODES: "redis://a", VALKEY_MODE: "ring" })).toThrow(
      "single or cluster",
    );
    await expect(openValkey({ nodes: ["redis://:pw@a"], mode: "single" })).rejects.toThrow("secret");
    await expect(openValkey({ nodes: ["http://a"], mode: "single" })).rejects.toThrow("redis://");
  });
});

describe("a connection to Valkey", () => {
  const ends: (() => unknown)[] = [];
  let server: Server;
  beforeEach(async () => {
    server = await startValkey();
    ends.push(server.stop);
  });
  afterEach(async () => {
    delete process.env.VALKEY_NODES;
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const open = async (nodes: readonly string[], mode: "single" | "cluster"): Promise<Valkey> => {
    const valkey = await openValkey({ nodes, mode });
    ends.push(valkey.close);
    return valkey;
  };

  it("is one for the whole process", async () => {
    process.env.VALKEY_NODES = server.url;
    const [first, second] = await Promise.all([connectValkey(), connectValkey()]);
    ends.push(closeValkey);
    expect(first).toBe(second);
    expect(await first.clients[0]?.ping()).toBe("PONG");
    expect(first.names).toEqual([`127.0.0.1:${server.port}`]);
  });

  it("fails its commands at once while the server is gone, and serves again when it is back", async () => {
    const { clients } = await open([server.url], "single");
    await clients[0]?.set("a", "1");
    await server.kill();
    await expect(clients[0]?.get("a")).rejects.toThrow();
    await server.restart();
    await expect.poll(() => clients[0]?.get("a").catch(() => "down")).toBeNull();
  });

  it("never sends again what was under way when the connection broke", async () => {
    const { clients } = await open([server.url], "single");
    const [waiting] = clients;
    const lost = waiting?.blpop("list", 0).then(
      () => "popped",
      () => "failed",
    );
    const watcher = (await open([server.url], "single")).clients[0];
    await expect.poll(async () => String(await watcher?.info("clients"))).toContain("blocked_clients:1");
    await server.kill();
    expect(await lost).toBe("failed");
    await server.restart();
    await expect.poll(() => waiting?.rpush("list", "a").catch(() => 0)).toBe(1);
    expect(await waiting?.llen("list")).toBe(1);
  });

  it("speaks a password that is not in the URL", async () => {
    const guarded = await startValkey(["--requirepass", "s3cret"]);
    ends.push(guarded.stop);
    const valkey = await openValkey({ nodes: [guarded.url], mode: "single", password: "s3cret" });
    ends.push(valkey.close);
    expect(await valkey.clients[0]?.ping()).toBe("PONG");
    const { clients } = await open([guarded.url], "single");
    await expect(clients[0]?.ping()).rejects.toThrow("NOAUTH");
  });

  it("of a cluster says within seconds that no node answers", async () => {
    await server.kill();
    await expect(openValkey({ nodes: [server.url], mode: "cluster" })).rejects.toThrow("No node");
  });

  it("of a cluster outlives a primary: commands fail in bounded time, then are served again", async () => {
    const cluster = await startCluster({ timeoutMs: 1_000 });
    ends.push(cluster.stop);
    const { clients } = await open(cluster.urls, "cluster");
    const everyKey = () =>
      Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          clients[0]?.set(`k${n}`, "1").then(
            () => true,
            () => false,
          ),
        ),
      );
    expect((await everyKey()).every(Boolean)).toBe(true);
    await cluster.primaries[0]?.kill();
    await everyKey(); // settles, one way or the other
    await expect.poll(async () => (await everyKey()).every(Boolean), { timeout: 40_000 }).toBe(true);
  });
});
