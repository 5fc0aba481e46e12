import { randomUUID } from "node:crypto";
import { Redis } from "iovalkey";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Running } from "../../local/start.ts";
import { startApp } from "../kit/app.ts";
import { type Server, startValkey } from "../kit/valkey.ts";

describe("a cloud whose stage names a server of Valkey", () => {
  let server: Server;
  let app: Running;
  let valkey: Redis;
  let headers: Record<string, string> = {};

  beforeAll(async () => {
    server = await startValkey();
    valkey = new Redis(server.url, { lazyConnect: false });
    valkey.on("error", () => undefined); // while it is stopped
    process.env.VALKEY_NODES = server.url;
    app = await startApp();
    const token = await app.tokenOf("owner@tenfold.example");
    headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const key = await send("GET", "limits/api-key");
    headers["x-api-key"] = String(key.json.api_key);
  });
  afterAll(async () => {
    delete process.env.VALKEY_NODES;
    valkey.disconnect();
    await app.stop();
    await server.stop();
  });

  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${app.url}/api/v1/${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, json: text ? JSON.parse(text) : {} };
  };
  const define = async (rule: Record<string, unknown>) => {
    const name = `r${randomUUID().slice(0, 8)}`;
    const body = { name, algorithm: "gcra", limit: 5, window: 3_600, scope: "user", ...rule };
    expect((await send("PUT", "limits/rules", body)).status).toBe(201);
    return name;
  };
  const check = async (rule: string) =>
    (await send("POST", "limits/check", { rule, key: "ada", cost: 1 })).json as {
      allowed: boolean;
      decided_by: string;
    };

  it("counts there, in functions as they are bundled, and exactly", async () => {
    const rule = await define({});
    const answers = await Promise.all(Array.from({ length: 30 }, () => check(rule)));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(5);
    expect(new Set(answers.map(({ decided_by }) => decided_by))).toEqual(new Set(["store", "memory"]));
    expect(await valkey.keys(`limit:b:*/${rule}/ada`)).toHaveLength(1);
  });

  it("keeps copies of the cache there", async () => {
    const put = await send("PUT", "cache/demo/home", { value: { cards: 10 }, ttl: 3_600_000 });
    expect(put.status, put.text).toBeLessThan(300);
    expect((await send("GET", "cache/demo/home")).json).toMatchObject({ value: { cards: 10 } });
    expect((await valkey.keys("*home*")).length).toBeGreaterThan(0);
  });

  it("begins anew when its server lost everything, scripts too, and goes on deciding", async () => {
    const rule = await define({});
    expect(await check(rule)).toMatchObject({ allowed: true, decided_by: "store" });
    await valkey.flushall();
    await valkey.script("FLUSH");
    const answers = await Promise.all(Array.from({ length: 30 }, () => check(rule)));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(5);
  });

  it("decides by itself while the server is away, by what each rule says, and by the server when it is back", async () => {
    const [local, closed] = [await define({}), await define({ onFailure: "closed" })];
    await server.kill();
    expect(await check(local)).toMatchObject({ allowed: true, decided_by: "local" });
    expect(await check(closed)).toMatchObject({ allowed: false, decided_by: "closed" });
    expect((await send("GET", "health")).status).toBe(200);
    await server.restart();
    await vi.waitFor(async () => expect((await check(local)).decided_by).toBe("store"), { timeout: 15_000 });
  });
});
