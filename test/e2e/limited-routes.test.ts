import { parseList } from "structured-headers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { policies, RULES_TTL_MS } from "../../core/limits/policies.schema.ts";
import { byType } from "../../local/graph/graph.ts";
import { type App, startApp } from "../kit/app.ts";
import { createClient, many, statuses } from "./client.ts";

let app: App;
let moderator: string;
let api: string;
let edgeKey: string;

beforeAll(async () => {
  app = await startApp();
  moderator = await app.tokenOf("moderator@tenfold.example");
  const [rest] = byType(app.cloud.graph, "aws:apigateway/restApi:RestApi");
  const [stage] = byType(app.cloud.graph, "aws:apigateway/stage:Stage");
  api = `${app.url}/_aws/execute-api/${rest?.id}/${stage?.inputs.stageName}`;
  const code = byType(app.cloud.graph, "aws:cloudfront/function:Function").map((fn) =>
    String(fn.inputs.code),
  );
  edgeKey = /"x-edge-key"\] = \{ value: "(\w+)" \}/.exec(code.join("\n"))?.[1] ?? "";
  for (const [name, limit] of Object.entries(limits)) await set(name, limit);
  const changed = Date.now();
  await vi.waitUntil(() => Date.now() - changed > RULES_TTL_MS, { timeout: 10_000 });
}, 120_000);
afterAll(() => app?.stop());

// So many in an hour, counted at once and exactly.
const limits = { "anonymous-creation": 100, "password-tries": 4, "sign-in-tries-account": 6 };

/** One of the app's rules as an admin sets it over HTTP. */
const set = async (name: string, limit: number): Promise<void> => {
  const { burst, ban, ...kept } = policies.get(name) ?? fail(name);
  const rule = { ...kept, algorithm: "fixed-window", limit, window: 3_600, lease: 0 };
  const answer = await fetch(`${app.url}/api/v1/limits/rules?owner=app`, {
    method: "PUT",
    headers: { "content-type": "application/json", authorization: `Bearer ${moderator}` },
    body: JSON.stringify(rule),
  });
  expect(answer.status, await answer.text()).toBe(200);
};
const fail = (name: string): never => {
  throw new Error(`there is no rule ${name}`);
};

/** A request as our edge would pass it on for a visitor at this address; without one, past the edge. */
const direct = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  fetch(`${api}${path}`, {
    method,
    redirect: "manual",
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
const viewedBy = (ip: string) => ({ "x-viewer-ip": ip, "x-edge-key": edgeKey });
const policiesOf = (headers: Headers, name = "ratelimit-policy") =>
  parseList(headers.get(name) ?? "").map(([policy]) => policy);

describe("limits over HTTP, through edge, API and functions", () => {
  it("tell every caller what is left, through the edge, in fields that parse, problems and redirects too", async () => {
    const client = createClient(app);
    const made = await client.shorten({ url: "https://example.org/told" });
    expect(policiesOf(made.headers)).toEqual(
      expect.arrayContaining(["write-ip", "write-route", "anonymous-creation"]),
    );
    expect(policiesOf(made.headers, "ratelimit")).toContain("anonymous-creation");
    const wrong = await client.shorten({ url: 1 });
    expect(wrong.status).toBe(400);
    expect(policiesOf(wrong.headers, "ratelimit")).toContain("anonymous-creation");
    const followed = await client.get(`/${made.hash}`);
    expect(followed.status).toBe(302);
    expect(policiesOf(followed.headers)).toEqual(["redirect-ip"]);
    const asset = await client.get(`/api/v1/links/${made.hash}/qr`);
    expect(asset.headers.get("cache-control")).toContain("public");
    expect(asset.headers.has("ratelimit")).toBe(false); // a shared cache would tell it to others
  });

  it("count who comes past the edge by the address of their connection, whatever they claim", async () => {
    expect(edgeKey).toHaveLength(48);
    const left = async (headers: Record<string, string>) => {
      const answer = await direct("POST", "/api/v1/shorten", headers, {
        url: `https://example.org/${Math.random()}`,
      });
      expect(answer.status).toBe(201);
      const found = parseList(answer.headers.get("ratelimit") ?? "").find(
        ([name]) => name === "anonymous-creation",
      );
      return Number(found?.[1].get("r"));
    };
    const before = await left({});
    const claims: Record<string, string>[] = [
      { "x-forwarded-for": "198.51.100.1" },
      { "x-forwarded-for": "198.51.100.2, 198.51.100.3" },
      { "cloudfront-viewer-address": "198.51.100.4:1" },
      { "x-viewer-ip": "198.51.100.5" },
      { "x-viewer-ip": "198.51.100.6", "x-edge-key": "x".repeat(48) },
    ];
    const after: number[] = [];
    for (const claim of claims) after.push(await left(claim));
    expect(after).toEqual(claims.map((_, n) => before - n - 1));
    // The edge itself is believed, and nobody who speaks through it is heard on where they are.
    expect(await left(viewedBy("198.51.100.7"))).toBe(99);
    const through = await fetch(`${app.url}/api/v1/shorten`, {
      method: "POST",
      headers: { "content-type": "application/json", ...viewedBy("198.51.100.8"), "x-edge-key": "guess" },
      body: JSON.stringify({ url: "https://example.org/through" }),
    });
    const found = parseList(through.headers.get("ratelimit") ?? "").find(
      ([name]) => name === "anonymous-creation",
    );
    expect(Number(found?.[1].get("r"))).toBeLessThan(before);
  });

  it("stop whoever guesses a link's password, and nobody else", async () => {
    const owner = createClient(app, await app.tokenOf("owner@tenfold.example"));
    const { hash } = await owner.shorten({ url: "https://example.org/kept", password: "open-sesame" });
    const unlock = (password: string, ip: string) =>
      direct(
        "POST",
        `/${hash}`,
        { ...viewedBy(ip), "content-type": "application/x-www-form-urlencoded" },
        new URLSearchParams({ password }).toString(),
      );
    const guesser = "198.51.100.44";
    const answers = await many(12, 12, () => unlock("guess", guesser));
    expect(statuses(answers)).toEqual({ 401: 4, 429: 8 });
    const refused = answers.find(({ status }) => status === 429);
    const after = Number(refused?.headers.get("retry-after"));
    const problem = (await refused?.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status: 429, "violated-policies": ["password-tries"] });
    expect(after * 1_000).toBeGreaterThanOrEqual(Number(problem.retry_after_ms));
    expect((await unlock("open-sesame", guesser)).status).toBe(429);
    expect((await unlock("open-sesame", "203.0.113.77")).status).toBe(303);
  });

  it("stop whoever tries an account's password, from one address or from many", async () => {
    const signIn = (email: string, password: string, ip: string) =>
      direct("POST", "/api/v1/auth/sign-in", viewedBy(ip), { email, password });
    const answers = await many(20, 20, (n) => signIn("victim@tenfold.example", "guess", `192.0.2.${n + 1}`));
    expect(statuses(answers)).toEqual({ 401: 6, 429: 14 });
  });

  it("make exactly as many links for an address as it may, of a thousand that are asked for at once", async () => {
    const create = (ip: string, n: number) =>
      direct("POST", "/api/v1/shorten", viewedBy(ip), { url: `https://example.org/flood/${n}` });
    const answers = await many(1_000, 50, (n) => create("2001:db8:77::1", n));
    expect(statuses(answers)).toEqual({ 201: 100, 429: 900 });
  });
});
