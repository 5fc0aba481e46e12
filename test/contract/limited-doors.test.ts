import { parseList } from "structured-headers";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defineApi } from "../../core/kit/api.schema.ts";
import { policies } from "../../core/limits/policies.schema.ts";
import type { Rule } from "../../core/limits/rule.schema.ts";
import { define } from "../../core/limits/rules.ts";
import { setStores } from "../../core/limits/stores.ts";
import { MAX_HOLD_MS } from "../../functions/kit/limits.ts";
import { ok } from "../../functions/kit/reply.ts";
import { route } from "../../functions/kit/route.ts";
import { call, type TestReply } from "../kit/http.ts";
import { newUrl, newUser } from "../kit/shortener.ts";
import { kindOf, startClient } from "../kit/shortener-client.ts";

let client: Awaited<ReturnType<typeof startClient>>;
beforeAll(async () => {
  client = await startClient();
});
afterAll(() => client.stop());
beforeEach(() => client.fresh());

/** One of the app's rules as an admin would set it for now: so many in an hour, counted at once and exactly. */
const set = async (name: string, limit: number, more: Partial<Rule> = {}): Promise<void> => {
  const rule = policies.get(name);
  if (!rule) throw new Error(`there is no rule ${name}`);
  const { burst, ban, ...kept } = rule;
  const plain = { algorithm: "fixed-window", limit, window: 3_600, lease: 0 } as const;
  await define(newUser("admins"), "app", { ...kept, ...plain, ...more });
};

let addresses = 0;
/** An address nobody has asked from. */
const newIp = (): string => `198.18.${++addresses >> 8}.${addresses & 255}`;
const statuses = (replies: readonly TestReply[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const names = (field = "") => parseList(field).map(([name]) => name);
const many = <T>(times: number, make: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: times }, (_, n) => make(n)));

describe("links that nobody owns", () => {
  const create = (ip: string, body: unknown = { url: newUrl() }) =>
    client.ask("shorten", { method: "POST", body, ip });

  it("are made as often as one address may, of a thousand that ask at once", async () => {
    await set("anonymous-creation", 100);
    const ip = newIp();
    const replies = await many(1_000, () => create(ip));
    expect(statuses(replies)).toEqual({ 201: 100, 429: 900 });
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.json).toMatchObject({
      type: "/api/v1/problems#quota-exceeded",
      "violated-policies": ["anonymous-creation"],
      retry_after_ms: expect.any(Number),
    });
    const after = Number(refused?.headers["retry-after"]);
    const ms = Number(refused?.json.retry_after_ms);
    expect(after).toBe(Math.ceil(ms / 1_000));
    expect(names(refused?.headers.ratelimit)).toEqual(["anonymous-creation"]);
    expect(names(refused?.headers["ratelimit-policy"])).toContain("write-ip");
    expect((await create(newIp())).status).toBe(201);
  });

  it("are counted by the /64 of an address, and not for who has signed in", async () => {
    await set("anonymous-creation", 1);
    const site = `2001:db8:${(++addresses).toString(16)}:1`;
    expect((await create(`${site}::1`)).status).toBe(201);
    expect((await create(`${site}:ffff::2`)).status).toBe(429);
    const owned = await client.ask("shorten", {
      method: "POST",
      body: { url: newUrl() },
      user: newUser(),
      ip: `${site}::1`,
    });
    expect(owned.status).toBe(201);
  });

  it("are refused before anything of the request is read", async () => {
    await set("anonymous-creation", 1);
    const ip = newIp();
    expect((await create(ip, "{")).status).toBe(400);
    expect((await create(ip, "{")).status).toBe(429);
  });

  it("say what is left with every answer, problems too", async () => {
    await set("anonymous-creation", 10);
    const ip = newIp();
    for (const [reply, left] of [
      [await create(ip), 9],
      [await create(ip, "{"), 8],
      [await create(ip, { url: "javascript:alert(1)" }), 7],
    ] as const) {
      const standing = parseList(reply.headers.ratelimit ?? "").find(
        ([name]) => name === "anonymous-creation",
      );
      expect(standing?.[1].get("r")).toBe(left);
      expect(reply.headers).not.toHaveProperty("retry-after");
    }
  });
});

describe("guesses at a link's password", () => {
  const RIGHT = "open-sesame";
  const protectedLink = async () => String((await client.make({ password: RIGHT })).json.hash);
  const unlock = (hash: string, password: string, ip: string, headers: Record<string, string> = {}) =>
    client.ask("unlock", {
      method: "POST",
      params: { hash: encodeURIComponent(hash) },
      body: new URLSearchParams({ password }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      ip,
    });

  it("end after as many as an address may; the right password works from any other, and for any other link", async () => {
    await set("password-tries", 5);
    const [hash, other] = [await protectedLink(), await protectedLink()];
    const ip = newIp();
    expect(statuses(await many(40, () => unlock(hash, "guess", ip)))).toEqual({ 401: 5, 429: 35 });
    expect((await unlock(hash, RIGHT, ip)).status).toBe(429);
    expect((await unlock(hash, RIGHT, newIp())).status).toBe(303);
    expect((await unlock(other, RIGHT, ip)).status).toBe(303);
  });

  it("are counted to the link however its code is spelt, and nothing else is: neither right ones nor what is no link", async () => {
    await set("password-tries", 3);
    const ip = newIp();
    const made = await client.make({ password: RIGHT, custom_hash: `caf\u00e9${addresses}` });
    const hash = String(made.json.hash);
    for (let n = 0; n < 6; n++) expect((await unlock(hash, RIGHT, ip)).status).toBe(303);
    for (let n = 0; n < 6; n++) expect((await unlock("nothing-here", "guess", ip)).status).toBe(404);
    const spellings = [hash, hash.normalize("NFD"), hash, hash.normalize("NFD")];
    const kinds: string[] = [];
    for (const spelling of spellings) kinds.push(kindOf(await unlock(spelling, "guess", ip)));
    expect(kinds).toEqual(["password-required", "password-required", "password-required", "quota-exceeded"]);
  });

  it("end for all addresses together where they are spread over many", async () => {
    await set("password-tries", 5);
    await set("password-tries-link", 6);
    const hash = await protectedLink();
    const replies = await many(30, () => unlock(hash, "guess", newIp()));
    expect(statuses(replies)).toEqual({ 401: 6, 429: 24 });
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.json["violated-policies"]).toEqual(["password-tries-link"]);
  });

  it("are refused with a page to who has a browser, which is told when to come again", async () => {
    await set("password-tries", 1);
    const [hash, ip] = [await protectedLink(), newIp()];
    const accept = { accept: "text/html,*/*;q=0.8" };
    expect((await unlock(hash, "guess", ip, accept)).text).toContain("<form");
    const refused = await unlock(hash, "guess", ip, accept);
    expect(refused.status).toBe(429);
    expect(refused.headers["content-type"]).toContain("text/html");
    expect(refused.text).toContain("Try again in");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("the doors", () => {
  it("let a bulk cost what its links would, one by one", async () => {
    await set("write-user", 100);
    const { handler } = await import("../../functions/shortener/bulk.ts");
    const user = newUser();
    const bulk = (size: number) =>
      call(handler, {
        method: "POST",
        body: { links: Array.from({ length: size }, () => ({ url: newUrl() })) },
        user,
        ip: newIp(),
      });
    const left = (reply: TestReply) =>
      parseList(reply.headers.ratelimit ?? "")
        .find(([name]) => name === "write-user")?.[1]
        .get("r");
    const first = await bulk(60);
    expect([first.status, left(first)]).toEqual([200, 40]);
    // 1 of 41 is taken as the request comes; the other 40 do not fit, and take nothing.
    const second = await bulk(41);
    expect(second.status).toBe(429);
    const third = await bulk(39);
    expect([third.status, left(third)]).toEqual([200, 0]);
    await set("write-user", 6_000);
  });

  it("redirect without asking a table, and tell the policy without keeping anybody from following", async () => {
    const { json } = await client.make({});
    await client.visit(json.hash);
    const { calls } = await client.meter.measure(() => client.visit(json.hash));
    expect(calls).toBe(0);
    const { headers } = await client.visit(json.hash);
    expect(names(headers["ratelimit-policy"])).toEqual(["redirect-ip"]);
    expect(headers.location).toMatch(/^https:/);
  });

  it("stop a flood of redirects from one address where it floods, HEAD and GET alike", async () => {
    await set("redirect-ip", 20);
    const { json } = await client.make({});
    const ip = newIp();
    const replies = await many(60, (n) =>
      client.visit(json.hash, { method: n % 2 === 0 ? "GET" : "HEAD", ip }),
    );
    expect(statuses(replies)).toEqual({ 302: 20, 429: 40 });
    expect((await client.visit(json.hash, { ip: newIp() })).status).toBe(302);
    await set("redirect-ip", 30_000);
  });

  it("count a token that is none to its address", async () => {
    await set("write-ip", 2);
    const ip = newIp();
    process.env.AUTH_ISSUER = "https://issuer.test/pool";
    const ask = () =>
      client.ask("shorten", { method: "POST", body: {}, headers: { authorization: "Basic x" }, ip });
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([401, 401, 429]);
    await set("write-ip", 6_000);
  });
});

describe("a limiter whose table fails", () => {
  afterEach(() => {
    client.faults.clear();
    setStores();
  });

  it("lets through, refuses or counts by itself, as each rule says, and the rest of the app works on", async () => {
    const { json } = await client.make({ password: "open-sesame" });
    await set("anonymous-creation", 3, { onFailure: "local" });
    await set("write-ip", 6_000, { onFailure: "open" });
    const [ip, other] = [newIp(), newIp()];
    const create = () => client.ask("shorten", { method: "POST", body: { url: newUrl() }, ip });
    client.faults.add({ on: { target: "*LimitsTable" }, fault: { kind: "error" } });
    const replies: TestReply[] = [];
    for (let n = 0; n < 5; n++) replies.push(await create());
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 429, 429]);
    // Guesses at passwords are not let through unseen: but that is no fault of who asks.
    const guess = () =>
      client.ask("unlock", {
        method: "POST",
        params: { hash: String(json.hash) },
        body: "password=open-sesame",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        ip: other,
      });
    const refused = await guess();
    expect([refused.status, kindOf(refused)]).toEqual([503, "unavailable"]);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    client.faults.clear();
    await expect.poll(async () => (await guess()).status).toBe(303);
    await set("write-ip", 6_000);
  });
});

describe("a leaky queue at a door", () => {
  const api = defineApi({
    drip: {
      method: "GET",
      path: "/drip",
      handler: "test/drip",
      summary: "Drips.",
      auth: "none",
      limit: "redirect",
      limits: [{ rule: "anonymous-creation", by: ["ip"] }],
      replies: { 200: v.object({}) },
    },
  });
  const handler = route(api.drip, async () => ok({}));

  it("holds a request for its turn, and refuses one whose turn is too far off without keeping its place", async () => {
    // One each 200 ms: of 20 at once 11 have their turn within 2 s.
    await set("anonymous-creation", 5, { algorithm: "leaky-queue", window: 1, burst: 20 });
    const ip = newIp();
    const began = performance.now();
    const replies = await many(20, () => call(handler, { ip }));
    const took = performance.now() - began;
    const { 200: served = 0, 429: refused = 0 } = statuses(replies);
    expect(served + refused).toBe(20);
    expect(served).toBeGreaterThanOrEqual(MAX_HOLD_MS / 200);
    expect(refused).toBeGreaterThan(0);
    expect(took).toBeGreaterThanOrEqual((served - 2) * 200 - 50);
    const last = replies.find(({ status }) => status === 429);
    expect(last?.json).toMatchObject({ "violated-policies": ["anonymous-creation"] });
    // those who were refused hold no place: by now the line is as good as empty, else it were two seconds long
    const { 200: servedAgain = 0 } = statuses(await many(20, () => call(handler, { ip })));
    expect(servedAgain).toBeGreaterThanOrEqual(MAX_HOLD_MS / 200 - 2);
  });
});
