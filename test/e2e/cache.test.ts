import { randomBytes } from "node:crypto";
import { type AttributeValue, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byType } from "../../local/graph/graph.ts";
import { type App, startApp } from "../kit/app.ts";
import { createCacheClient } from "./cache-client.ts";
import { createClient, many, statuses } from "./client.ts";

const STRONG = { consistency: "strong" };
const RECORDS = { origin: "records", ...STRONG };
const patience = { timeout: 30_000, interval: 100 };

let app: App;
let owner: ReturnType<typeof createCacheClient>;
let colleague: ReturnType<typeof createCacheClient>;
let anonymous: ReturnType<typeof createCacheClient>;
beforeAll(async () => {
  app = await startApp();
  owner = createCacheClient(app, await app.tokenOf("owner@tenfold.example"));
  colleague = createCacheClient(app, await app.tokenOf("colleague@tenfold.example"));
  anonymous = createCacheClient(app);
});
afterAll(() => app.stop());

const valueAt = async (key: string, query: Record<string, string> = STRONG) =>
  (await owner.get(key, query)).json.value;

describe("entries over HTTP, through the whole local cloud", () => {
  it("are kept as they were sent: any JSON, under any text", async () => {
    const values = [null, false, 0, "", "é\u0000\ud83d\ude00", [], { a: { b: [1, 2.5, null] } }, [[[]]]];
    const keys = [
      "plain",
      "with space",
      "a/b/c",
      "100%",
      "%2F",
      "ключ",
      "?q=1&x#y",
      "\u0000",
      "k".repeat(1_024),
    ];
    for (const [n, key] of keys.entries()) {
      const value = values[n % values.length];
      expect(await owner.put(key, { value })).toMatchObject({ status: 200, json: { key } });
      expect(await owner.get(key, STRONG)).toMatchObject({ status: 200, json: { key, value, tier: "l2" } });
    }
    const odd = '{"value":{"__proto__":{"x":1},"constructor":1}}';
    await owner.send("PUT", "pages/odd", odd);
    expect(JSON.stringify(await valueAt("odd"))).toBe('{"__proto__":{"x":1},"constructor":1}');
  });

  it("come from the memory of the process, then the store; a strong read never from memory", async () => {
    await owner.put("tiers", { value: 1, tags: ["t"] });
    await expect.poll(async () => (await owner.get("tiers")).json.tier, patience).toBe("l1");
    const { json } = await owner.get("tiers", STRONG);
    expect(json).toMatchObject({ tier: "l2", fresh: true, loaded: false, version: 1, tags: ["t"] });
    expect(Date.parse(String(json.expires_at))).toBeGreaterThan(Date.now());
  });

  it("may hold 4 MiB of JSON, and not a byte more", async () => {
    const most = { quotes: '"'.repeat(2 * 1024 * 1024 - 7) }; // each takes two bytes
    expect(JSON.stringify(most).length).toBe(4 * 1024 * 1024 - 1);
    expect((await owner.put("big", { value: most })).status).toBe(200);
    expect(await valueAt("big")).toEqual(most);
    const more = { quotes: `${most.quotes}aa` };
    expect(await owner.put("big", { value: more })).toMatchObject({ status: 413, kind: "value-too-large" });
    const far = await owner.put("big", { value: "a".repeat(5_000_000) });
    expect(far).toMatchObject({ status: 413, kind: "payload-too-large" });
    expect(await valueAt("big")).toEqual(most);
  });

  it("are their owner's: others find nothing, and change nothing", async () => {
    await owner.put("mine", { value: "secret", tags: ["t"], strategy: "write-through" });
    expect((await colleague.get("mine", STRONG)).status).toBe(404);
    expect((await colleague.get("mine", RECORDS)).status).toBe(404);
    expect((await colleague.remove("mine")).status).toBe(204);
    expect((await colleague.invalidate({ namespace: "pages" })).status).toBe(200);
    expect((await colleague.invalidate({ namespace: "pages", tag: "t" })).status).toBe(200);
    expect(await valueAt("mine")).toBe("secret");
    expect((await anonymous.get("mine")).status).toBe(401);
    expect((await anonymous.put("mine", { value: 1 })).status).toBe(401);
    for (const path of ["../pages/mine", "u%2Fx%2Fpages/mine", "pages:x/mine"])
      expect([400, 404]).toContain((await colleague.send("GET", path)).status);
  });

  it("answer what cannot be taken with a problem, and change nothing", async () => {
    await owner.put("kept", { value: "as it was" });
    const wrong: [unknown, number][] = [
      [{}, 400],
      [{ value: 1, ttl: -1 }, 400],
      [{ value: 1, ttl: 1.5 }, 400],
      [{ value: 1, ttl: "60" }, 400],
      [{ value: 1, ttl: 1e15 }, 400],
      [{ value: 1, tags: [""] }, 400],
      [{ value: 1, tags: ["x".repeat(129)] }, 400],
      [{ value: 1, tags: Array.from({ length: 11 }, String) }, 400],
      [{ value: 1, strategy: "hope" }, 400],
      [{ value: 1, unknown: 1 }, 400],
      ["{", 400],
      ["[]", 400],
      [`{"value":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, 400],
    ];
    for (const [body, status] of wrong) {
      const answer = await owner.send("PUT", "pages/kept", body);
      expect([status, answer.status, String(body).slice(0, 80)]).toEqual([
        status,
        status,
        String(body).slice(0, 80),
      ]);
      expect(answer.kind).toMatch(/invalid-request|malformed-json/);
    }
    expect((await owner.send("PUT", "pages/kept", "value=1", "text/plain")).status).toBe(415);
    expect((await owner.put("k".repeat(1_025), { value: 1 })).status).toBe(400);
    expect((await owner.put("key", { value: 1 }, "No such name")).status).toBe(400);
    for (const query of ["ttl=-1", "slow=9999", "origin=moon", "consistency=maybe", "x=1", "ttl=1&ttl=2"])
      expect([query, (await owner.send("GET", `pages/kept?${query}`)).status]).toEqual([query, 400]);
    expect((await owner.invalidate({ namespace: "pages", key: "kept", tag: "t" })).status).toBe(400);
    expect((await owner.invalidate({})).status).toBe(400);
    expect(await valueAt("kept")).toBe("as it was");
  });

  it("are no entries where somebody else's bytes stand under their key: a miss, which the next write or load replaces", async () => {
    const { accessKeyId, secretAccessKey } = app.cloud.credentials.developer;
    const { endpoint, graph } = app.cloud;
    const dynamo = new DynamoDBClient({
      endpoint,
      region: graph.region,
      credentials: { accessKeyId, secretAccessKey },
    });
    const [table] = byType(graph, "aws:dynamodb/table:Table").filter(({ name }) => name.startsWith("Cache"));
    const token = await app.tokenOf("owner@tenfold.example");
    const { sub } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const poison = (key: string, body: AttributeValue) =>
      dynamo.send(
        new PutItemCommand({
          TableName: String(table?.outputs.name),
          Item: { pk: { S: `E#u/${sub}/pages:${key}` }, sk: { S: "E" }, v: { N: "5" }, b: body },
        }),
      );
    const bodies: AttributeValue[] = [
      { S: "text" },
      { B: Buffer.from("not ours") },
      { B: Buffer.from("tf") },
    ];
    for (const [n, body] of bodies.entries()) {
      const key = `poisoned-${n}`;
      await poison(key, body);
      expect(await owner.get(key, STRONG)).toMatchObject({ status: 404, kind: "not-found" });
      expect((await owner.get(key, RECORDS)).status).toBe(404);
      await poison(key, body);
      expect((await owner.put(key, { value: n })).status).toBe(200);
      expect(await valueAt(key)).toBe(n);
    }
    dynamo.destroy();
  });

  it("refuse a key of 4 KB with a problem, and one of 10 KB at the edge, or with a problem where it is in the body", async () => {
    const key = "k".repeat(10_240);
    // An address of over 8,192 bytes does not get past CloudFront.
    expect((await fetch(`${app.url}/api/v1/cache/pages/${key}`)).status).toBe(414);
    expect(await owner.get("k".repeat(4_096))).toMatchObject({ status: 400, kind: "invalid-request" });
    expect(await owner.invalidate({ namespace: "pages", key })).toMatchObject({
      status: 400,
      kind: "invalid-request",
    });
  });

  it("go with their tag, or with their namespace, from the memory of every process too", async () => {
    await owner.put("a", { value: 1, tags: ["red"] }, "drops");
    await owner.put("b", { value: 2 }, "drops");
    const at = async (key: string) => (await owner.get(key, {}, "drops")).status;
    expect([await at("a"), await at("b")]).toEqual([200, 200]);
    expect((await owner.invalidate({ namespace: "drops", tag: "red" })).status).toBe(200);
    expect((await owner.get("a", STRONG, "drops")).status).toBe(404);
    await expect.poll(() => at("a"), patience).toBe(404);
    expect(await at("b")).toBe(200);
    await owner.invalidate({ namespace: "drops" });
    expect((await owner.get("b", STRONG, "drops")).status).toBe(404);
    await expect.poll(() => at("b"), patience).toBe(404);
    await owner.put("b", { value: 3 }, "drops");
    expect((await owner.get("b", STRONG, "drops")).json.value).toBe(3);
    await owner.invalidate({ namespace: "drops", key: "b" });
    expect((await owner.get("b", STRONG, "drops")).status).toBe(404);
  });

  it("end with their time, are kept for their grace, and with none are not kept", async () => {
    await owner.put("short", { value: 1, ttl: 5_000, grace: 0 });
    expect(await valueAt("short")).toBe(1);
    app.cloud.clock.advance(6_000);
    expect((await owner.get("short", STRONG)).status).toBe(404);
    await owner.put("none", { value: 1, ttl: 0 });
    expect((await owner.get("none", STRONG)).status).toBe(404);
  });
});

describe("records behind the cache", () => {
  it("are loaded where they are missing, by cache-aside at the next read", async () => {
    expect((await owner.get("aside", RECORDS)).status).toBe(404);
    await owner.put("aside", { value: 1, strategy: "cache-aside" });
    expect((await owner.get("aside", STRONG)).status).toBe(404);
    expect((await owner.get("aside", RECORDS)).json).toMatchObject({
      value: 1,
      tier: "origin",
      loaded: true,
    });
    expect((await owner.get("aside", RECORDS)).json).toMatchObject({ value: 1, tier: "l2", loaded: false });
  });

  it("are written with the entry by write-through", async () => {
    await owner.put("through", { value: 1, strategy: "write-through" });
    expect((await owner.get("through", STRONG)).json).toMatchObject({ value: 1, tier: "l2" });
    await owner.remove("through");
    expect((await owner.get("through", RECORDS)).json).toMatchObject({ value: 1, loaded: true });
  });

  it("refuse what no record holds, and leave the entry as it is", async () => {
    await owner.put("large", { value: 1, strategy: "write-through" });
    const value = Array.from({ length: 8 }, () => randomBytes(60_000).toString("base64"));
    const answer = await owner.put("large", { value, strategy: "write-behind" });
    expect(answer).toMatchObject({ status: 413, kind: "value-too-large" });
    expect(await valueAt("large")).toBe(1);
  });

  it("are asked once however many miss at once, and by each without protection", async () => {
    const warm = await many(50, 50, (n) => owner.get(`warm-${n}`));
    expect(statuses(warm)).toEqual({ 404: 50 });
    const stampede = async (key: string, more: Record<string, string>) => {
      await owner.put(key, { value: key, strategy: "cache-aside" });
      const answers = await many(50, 50, () => owner.get(key, { origin: "records", slow: "300", ...more }));
      expect(statuses(answers)).toEqual({ 200: 50 });
      expect(new Set(answers.map(({ json }) => json.value))).toEqual(new Set([key]));
      return answers.filter(({ json }) => json.loaded).length;
    };
    expect(await stampede("protected", {})).toBe(1);
    expect(await stampede("bare", { protect: "false" })).toBeGreaterThan(1);
  });

  it("that load while their entry is deleted do not bring it back", async () => {
    await owner.put("gone", { value: "old", strategy: "cache-aside" });
    const leases = () =>
      app.cloud.recorder
        .recent()
        .filter(({ name, from }) => name === "dynamodb:UpdateItem" && /CacheGet/.test(from ?? ""));
    const before = leases().length;
    const loading = owner.get("gone", { ...RECORDS, slow: "1000" });
    await expect.poll(() => leases().length, { interval: 10 }).toBeGreaterThan(before);
    await owner.remove("gone");
    expect((await loading).status).toBe(200);
    expect((await owner.get("gone", STRONG)).status).toBe(404);
  });

  it("are loaded anew before the end, and nobody waits twice", async () => {
    await owner.put("ahead", { value: 1, strategy: "cache-aside" });
    const ask = () => owner.get("ahead", { ...RECORDS, ttl: "60000", slow: "500", refresh_ahead: "true" });
    const first = await ask();
    expect(first.json.loaded).toBe(true);
    app.cloud.clock.advance(59_900 - 1_000);
    const later = async () => (await ask()).json;
    await expect
      .poll(async () => Date.parse(String((await later()).expires_at)), patience)
      .toBeGreaterThan(Date.parse(String(first.json.expires_at)));
  });
});

describe("what the cache tells of itself", () => {
  it("an event of another pattern drops what is tagged with it", async () => {
    const links = createClient(app, await app.tokenOf("owner@tenfold.example"));
    const { hash, json } = await links.shorten({ url: "https://example.org/cached" });
    await owner.put("card", { value: "a card", tags: [`link:${json.id}`] }, "links");
    expect((await owner.get("card", STRONG, "links")).status).toBe(200);
    await links.patch(`/api/v1/links/${hash}`, { title: "Another" });
    await expect.poll(async () => (await owner.get("card", STRONG, "links")).status, patience).toBe(404);
  });

  it("each invalidation is an event on the bus", async () => {
    const published = () =>
      app.cloud.recorder
        .recent()
        .filter(({ name, from }) => name === "events:PutEvents" && /CacheAnnounce/.test(from ?? ""));
    const before = published().length;
    await owner.invalidate({ namespace: "pages", tag: "told" });
    await expect.poll(() => published().length, patience).toBeGreaterThan(before);
  });

  it("figures of all processes add up, one's own and the app's apart", async () => {
    app.cloud.clock.advance(11_000);
    await owner.get("plain");
    const mine = await owner.send("GET", "stats?namespace=pages");
    expect(mine.status).toBe(200);
    expect(mine.json).toMatchObject({ store: "dynamodb", origin: { failures: 0 } });
    const { l2, origin } = mine.json as { l2: { hits: number; misses: number }; origin: { loads: number } };
    expect(Math.min(l2.hits, l2.misses, origin.loads)).toBeGreaterThan(0);
    expect((await colleague.send("GET", "stats?namespace=drops")).json).toMatchObject({ l2: { hits: 0 } });
    expect((await anonymous.send("GET", "stats")).status).toBe(401);
    expect((await anonymous.send("GET", "stats?of=app")).status).toBe(200);
  });

  it("a ring says which node owns which keys, and moves few when one joins", async () => {
    const keys = Array.from({ length: 200 }, (_, n) => `key-${n}`).join(",");
    const ring = async (nodes: string) =>
      (await anonymous.send("GET", `ring?nodes=${nodes}&keys=${keys}`)).json;
    const owners = (json: Record<string, unknown>) => json.keys as { node: string }[];
    const three = owners(await ring("a,b,c"));
    const four = owners(await ring("a,b,c,d"));
    const moved = four.filter(({ node }, n) => node !== three[n]?.node);
    expect(moved.every(({ node }) => node === "d")).toBe(true);
    expect(moved.length).toBeGreaterThan(20);
    expect(moved.length).toBeLessThan(90);
    for (const query of [
      "nodes=a,a",
      "nodes=a&points=0",
      "nodes=a&points=9999",
      `nodes=${Array.from({ length: 40 }, String)}`,
    ])
      expect([query, (await anonymous.send("GET", `ring?${query}`)).status]).toEqual([query, 400]);
    expect((await anonymous.send("GET", "ring")).json).toEqual({ nodes: [], keys: [] });
  });
});
