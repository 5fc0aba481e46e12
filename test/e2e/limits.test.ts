import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Running } from "../../local/start.ts";
import { startApp } from "../kit/app.ts";
import { type Answer, many, statuses } from "./client.ts";

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

describe("the rate limiter over HTTP, through the whole local cloud", () => {
  let app: Running;
  const tokens: Record<string, string> = {};
  let key = "";

  beforeAll(async () => {
    app = await startApp();
    for (const who of ["owner", "colleague", "moderator"])
      tokens[who] = await app.tokenOf(`${who}@tenfold.example`);
    key = String((await send("GET", "/api/v1/limits/api-key", "owner")).json.api_key);
  });
  afterAll(() => app.stop());

  const send = async (method: string, path: string, who?: string, { body, headers }: Sent = {}) => {
    const token = who && tokens[who];
    const response = await fetch(`${app.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get("content-type") ?? "") && text ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, text, json } as Answer;
  };
  const rule = (changes: Record<string, unknown> = {}) => ({
    name: `r${randomUUID().slice(0, 8)}`,
    algorithm: "token-bucket",
    limit: 3,
    window: 60,
    scope: "user",
    ...changes,
  });
  const define = async (changes: Record<string, unknown> = {}, who = "owner") => {
    const body = rule(changes);
    const { status, text } = await send("PUT", "/api/v1/limits/rules", who, { body });
    expect(status, text).toBe(201);
    return body.name;
  };
  const check = (name: string, of: string, cost = 1, who = "owner") =>
    send("POST", "/api/v1/limits/check", who, {
      body: { rule: name, key: of, cost },
      headers: { "x-api-key": key },
    });

  it("decides, gives back, forgets, and says what is left", async () => {
    const name = await define();
    const first = await check(name, "ada", 2);
    expect(first.json).toMatchObject({
      allowed: true,
      within_limit: true,
      remaining: 1,
      decided_by: "store",
    });
    const denied = await check(name, "ada", 2);
    expect(denied.status).toBe(200);
    expect(denied.json).toMatchObject({ allowed: false, within_limit: false, remaining: 1 });
    expect(denied.json.retry_after_ms).toBeGreaterThan(0);
    expect((await check(name, "ada", 4)).json).toMatchObject({ allowed: false, retry_after_ms: null });
    const back = await send("POST", "/api/v1/limits/refund", "owner", {
      body: { rule: name, key: "ada", cost: 1 },
    });
    expect(back.json).toMatchObject({ rule: name, key: "ada", remaining: 2 });
    const used = await send("GET", `/api/v1/limits/usage?key=ada&rule=${name}`, "owner");
    expect(used.json.usage).toMatchObject([{ rule: name, remaining: 2, limit: 3, banned_ms: 0 }]);
    const reset = await send("POST", "/api/v1/limits/reset", "owner", { body: { rule: name, key: "ada" } });
    expect(reset.json).toMatchObject({ remaining: 3 });
  });

  it("admits exactly 100 of 1,000 concurrent checks", async () => {
    const name = await define({ limit: 100, window: 3_600 });
    // The plan's key is slower than that: each tries again while API Gateway says 429.
    const answers = await many(1_000, 100, async () => {
      for (;;) {
        const answer = await check(name, "all");
        if (answer.status !== 429) return answer;
      }
    });
    expect(statuses(answers)).toEqual({ 200: 1_000 });
    expect(answers.filter(({ json }) => json.allowed === true)).toHaveLength(100);
  });

  it("is told by API Gateway that the plan's key is used up for now, in a problem document", async () => {
    const name = await define({ limit: 1_000 });
    // 400 at once are more than the plan's burst of 100 and what it grants of 50 a second meanwhile
    const began = performance.now();
    const answers = await many(400, 400, () => check(name, "plan"));
    const seconds = (performance.now() - began) / 1_000;
    const { 200: passed = 0, 429: refused = 0 } = statuses(answers);
    expect(passed + refused).toBe(400);
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(101 + 50 * seconds);
    expect(refused).toBeGreaterThan(0);
    const { headers, json } = answers.find(({ status }) => status === 429) as Answer;
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.get("retry-after")).toBe("1");
    expect(json).toMatchObject({ type: "/api/v1/problems#quota-exceeded", status: 429 });
    // what API Gateway refused reached no function, and was counted by no rule
    const usage = await send("GET", `/api/v1/limits/usage?key=plan&rule=${name}`, "owner");
    const [{ remaining } = { remaining: -1 }] = usage.json.usage as { remaining: number }[];
    expect(remaining).toBeGreaterThanOrEqual(1_000 - passed);
  });

  it.each([
    ["a cost below zero", { cost: -1 }, "/cost"],
    ["half a unit", { cost: 0.5 }, "/cost"],
    ["a key of 10 KB", { key: "k".repeat(10_240) }, "/key"],
    ["no key", { key: "" }, "/key"],
    ["half a character for a key, which stores would keep as any other's half", { key: "\ud800" }, "/key"],
    ["a name that no rule can have", { rule: "../app" }, "/rule"],
  ])("refuses %s, says where it is, and changes nothing", async (_name, changes, pointer) => {
    const name = await define();
    for (const path of ["check", "refund"]) {
      const { status, json } = await send("POST", `/api/v1/limits/${path}`, "owner", {
        body: { rule: name, key: "ada", cost: 1, ...changes },
        headers: { "x-api-key": key },
      });
      expect([path, status, json.issues]).toMatchObject([path, 400, [{ in: "body", pointer }]]);
    }
    const { json } = await send("GET", `/api/v1/limits/usage?key=ada&rule=${name}`, "owner");
    expect(json.usage).toMatchObject([{ remaining: 3 }]);
  });

  it("asks for the API key of the usage plan, in a problem document", async () => {
    const { status, headers, json } = await send("POST", "/api/v1/limits/check", "owner", {
      body: { rule: "any", key: "k" },
    });
    expect(status).toBe(403);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(json).toMatchObject({ type: "/api/v1/problems#api-key-required", status: 403 });
  });

  it("keeps tenants apart: rules, keys and lists of another are not there", async () => {
    const name = await define({ limit: 1 });
    expect((await check(name, "same")).json.allowed).toBe(true);
    const foreign = await check(name, "same", 1, "colleague");
    expect([foreign.status, foreign.json.type]).toEqual([404, "/api/v1/problems#not-found"]);
    expect((await send("DELETE", `/api/v1/limits/rules/${name}`, "colleague")).status).toBe(404);
    const seen = await send("GET", "/api/v1/limits/rules", "colleague");
    expect(JSON.stringify(seen.json)).not.toContain(name);
    expect((await send("GET", "/api/v1/limits/usage?key=same", "colleague")).json.usage).toEqual([]);
    expect((await send("GET", "/api/v1/limits/usage?key=same")).status).toBe(401);
    for (const [method, path, body] of [
      ["PUT", "/api/v1/limits/rules?owner=app", rule({ name: "write-ip", scope: "ip" })],
      ["DELETE", "/api/v1/limits/rules/write-ip?owner=app", undefined],
      ["GET", "/api/v1/limits/lists/deny?owner=app", undefined],
      ["PUT", "/api/v1/limits/lists/deny?owner=app", { kind: "ip", value: "192.0.2.1" }],
      ["DELETE", "/api/v1/limits/lists/deny?owner=app&kind=ip&value=192.0.2.1", undefined],
    ] as const) {
      const { status } = await send(method, path, "owner", body === undefined ? {} : { body });
      expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 403`);
    }
  });

  it("lets through who is on the allow list, and denies who is on the deny list", async () => {
    const name = await define({ limit: 1 });
    const put = (list: string, value: string) =>
      send("PUT", `/api/v1/limits/lists/${list}`, "owner", { body: { kind: "key", value } });
    const [vip, mallory] = [randomUUID(), randomUUID()];
    await check(name, vip);
    expect((await put("allow", vip)).status).toBe(201);
    expect((await put("allow", vip)).status).toBe(200);
    expect((await put("deny", mallory)).status).toBe(201);
    const decidedBy = async (of: string) => (await check(name, of)).json.decided_by;
    await vi.waitFor(async () => expect(await decidedBy(vip)).toBe("allow-list"), { timeout: 20_000 });
    await vi.waitFor(async () => expect(await decidedBy(mallory)).toBe("deny-list"), { timeout: 20_000 });
    const listed = await send("GET", "/api/v1/limits/lists/deny", "owner");
    expect(listed.json.listed).toContainEqual({ kind: "key", value: mallory });
    const gone = () => send("DELETE", `/api/v1/limits/lists/deny?kind=key&value=${mallory}`, "owner");
    expect([(await gone()).status, (await gone()).status]).toEqual([204, 404]);
  });

  it("bans who was denied too often, until it is lifted", async () => {
    const name = await define({ limit: 1, ban: { after: 2, within: 60, for: 3_600 } });
    for (let n = 0; n < 3; n++) await check(name, "eve");
    const banned = await check(name, "eve");
    expect(banned.json).toMatchObject({ allowed: false, decided_by: "ban" });
    expect(banned.json.retry_after_ms).toBeGreaterThan(3_000_000);
    const lifted = await send("POST", "/api/v1/limits/reset", "owner", { body: { rule: name, key: "eve" } });
    expect(lifted.json).toMatchObject({ banned_ms: 0, remaining: 1 });
  });

  it("decides and lets through in shadow mode", async () => {
    const name = await define({ limit: 1, mode: "shadow" });
    await check(name, "k");
    expect((await check(name, "k")).json).toMatchObject({ allowed: true, within_limit: false });
  });

  it("follows a changed rule within seconds, everywhere", async () => {
    const body = rule({ limit: 2 });
    await send("PUT", "/api/v1/limits/rules", "owner", { body });
    expect((await check(body.name, "k")).json.limit).toBe(2);
    const changed = await send("PUT", "/api/v1/limits/rules", "owner", { body: { ...body, limit: 50 } });
    expect([changed.status, changed.json.owner]).toEqual([200, "you"]);
    await vi.waitFor(async () => expect((await check(body.name, "k")).json.limit).toBe(50), {
      timeout: 20_000,
    });
    expect((await send("DELETE", `/api/v1/limits/rules/${body.name}`, "owner")).status).toBe(204);
    await vi.waitFor(async () => expect((await check(body.name, "k")).status).toBe(404), { timeout: 20_000 });
  });

  it("names the app's rules, and what they leave to the caller", async () => {
    const { json } = await send("GET", "/api/v1/limits/rules");
    const rules = json.rules as { name: string; owner: string; revision: number }[];
    expect(rules.find(({ name }) => name === "anonymous-creation")).toMatchObject({
      owner: "app",
      revision: 0,
    });
    const usage = (await send("GET", "/api/v1/limits/usage", "owner")).json.usage as { rule: string }[];
    expect(usage.map((one) => one.rule)).toEqual(expect.arrayContaining(["read-user", "write-ip"]));
  });

  it.each([
    ["a cost below zero", { rule: "r", key: "k", cost: -1 }, "/cost"],
    ["half a unit", { rule: "r", key: "k", cost: 0.5 }, "/cost"],
    ["a key of 10 KB", { rule: "r", key: "x".repeat(10_240) }, "/key"],
    ["an empty key", { rule: "r", key: "" }, "/key"],
    ["a rule of another alphabet", { rule: "../r", key: "k" }, "/rule"],
    ["a member nobody knows", { rule: "r", key: "k", owner: "app" }, "/owner"],
  ])("refuses %s with a pointer to it", async (_name, body, pointer) => {
    const headers = { "x-api-key": key };
    const { status, json } = await send("POST", "/api/v1/limits/check", "owner", { body, headers });
    expect(status).toBe(400);
    expect((json.issues as { pointer: string }[]).map((issue) => issue.pointer)).toContain(pointer);
  });

  it.each([
    ["a burst of a window", { algorithm: "fixed-window", burst: 5 }],
    ["a log that no item holds", { algorithm: "sliding-window-log", limit: 10_001 }],
    ["a limit of nothing", { limit: 0 }],
    ["a lease beyond the bucket", { limit: 5, lease: 6 }],
    ["a name that would break a header", { name: 'a";q=1' }],
  ])("makes no rule of %s", async (_name, changes) => {
    const { status } = await send("PUT", "/api/v1/limits/rules", "colleague", { body: rule(changes) });
    expect(status).toBe(400);
    const { json } = await send("GET", "/api/v1/limits/rules", "colleague");
    expect((json.rules as { owner: string }[]).filter(({ owner }) => owner === "you")).toEqual([]);
  });

  it("says that a rule is not there, and how to make it", async () => {
    const { status, json } = await check("nobodys", "k");
    expect(status).toBe(404);
    expect(json.detail).toContain("PUT /api/v1/limits/rules");
  });
});
