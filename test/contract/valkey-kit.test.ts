import { Redis } from "iovalkey";
import { afterAll, describe, expect, it } from "vitest";
import { startCluster, startValkey } from "../kit/valkey.ts";

describe("a real Valkey for tests", () => {
  const ends: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends) await end();
  });

  it("answers as a single server", async () => {
    const server = await startValkey();
    ends.push(server.stop);
    const client = new Redis(server.url);
    await client.set("a", "1");
    expect(await client.get("a")).toBe("1");
    client.disconnect();
  });

  it("forms a cluster of three primaries and three replicas, and outlives one of them", async () => {
    const cluster = await startCluster({ timeoutMs: 1_000 });
    ends.push(cluster.stop);
    const client = cluster.client();
    for (let n = 0; n < 50; n++) await client.set(`k${n}`, String(n));
    await cluster.primaries[0]?.kill();
    await expect
      .poll(
        async () => {
          const values = await Promise.all(
            Array.from({ length: 50 }, (_, n) => client.get(`k${n}`).catch(() => "")),
          );
          return values.filter((value, n) => value === String(n)).length;
        },
        { timeout: 40_000 },
      )
      .toBe(50);
    client.disconnect();
  });
});
