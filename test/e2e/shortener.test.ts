import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { SYNC_MS, TTL_MS } from "../../core/shortener/link-cache.ts";
import type { Running } from "../../local/start.ts";
import { startApp } from "../kit/app.ts";
import { createClient, many, statuses } from "./client.ts";

const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36";

describe("the shortener over HTTP, through the whole local cloud", () => {
  let app: Running;
  let anonymous: ReturnType<typeof createClient>;
  let owner: ReturnType<typeof createClient>;
  let colleague: ReturnType<typeof createClient>;

  beforeAll(async () => {
    app = await startApp();
    anonymous = createClient(app);
    owner = createClient(app, await app.tokenOf("owner@tenfold.example"));
    colleague = createClient(app, await app.tokenOf("colleague@tenfold.example"));
  });

  afterAll(() => app.stop());

  const clicksOf = async (hash: string) => {
    const { json } = await owner.get(`/api/v1/links/${hash}/stats`);
    return json.clicks;
  };

  it("shortens, redirects, and counts the click", async () => {
    const { status, hash, json } = await owner.shorten({ url: "https://example.org/first" });
    expect(status).toBe(201);
    expect(json.short_url).toBe(`${app.url}/${hash}`);
    const followed = await fetch(`${app.url}/${hash}`, {
      redirect: "manual",
      headers: { "user-agent": BROWSER },
    });
    expect(followed.status).toBe(302);
    expect(followed.headers.get("location")).toBe("https://example.org/first");
    await vi.waitFor(async () => expect(await clicksOf(hash)).toBe(1), { timeout: 20_000, interval: 200 });
  });

  it("makes one link of 200 identical requests at once", async () => {
    const answers = await many(200, 200, () => owner.shorten({ url: "https://example.org/same" }));
    expect(statuses(answers)).toEqual({ 200: 199, 201: 1 });
    expect(new Set(answers.map(({ hash }) => hash)).size).toBe(1);
  });

  it("gives a custom code to one of 200 takers", async () => {
    const answers = await many(200, 200, (n) =>
      anonymous.shorten({ url: `https://example.org/${n}`, custom_hash: "wanted" }),
    );
    expect(statuses(answers)).toEqual({ 201: 1, 409: 199 });
    const winner = answers.findIndex(({ status }) => status === 201);
    const { headers } = await anonymous.get("/wanted");
    expect(headers.get("location")).toBe(`https://example.org/${winner}`);
  });

  it("counts 1,000 redirects as exactly 1,000 clicks", async () => {
    const { hash } = await owner.shorten({ url: "https://example.org/popular" });
    const answers = await many(1_000, 20, () =>
      fetch(`${app.url}/${hash}`, { redirect: "manual", headers: { "user-agent": BROWSER } }),
    );
    expect(answers.every(({ status }) => status === 302)).toBe(true);
    await vi.waitFor(async () => expect(await clicksOf(hash)).toBe(1_000), {
      timeout: 30_000,
      interval: 300,
    });
  });

  it("lets exactly max_clicks of racing visitors through, and answers the rest with 410", async () => {
    const { hash } = await owner.shorten({ url: "https://example.org/scarce", max_clicks: 25 });
    const answers = await many(100, 50, () => anonymous.get(`/${hash}`));
    expect(statuses(answers)).toEqual({ 302: 25, 410: 75 });
  });

  it("keeps a link to its owner: others see nothing of it", async () => {
    const { hash } = await owner.shorten({ url: "https://example.org/mine" });
    expect((await owner.get(`/api/v1/links/${hash}`)).status).toBe(200);
    const foreign = [
      await colleague.get(`/api/v1/links/${hash}`),
      await colleague.get(`/api/v1/links/${hash}/stats`),
      await colleague.patch(`/api/v1/links/${hash}`, { url: "https://example.org/theirs" }),
      await colleague.remove(`/api/v1/links/${hash}`),
    ];
    expect(statuses(foreign)).toEqual({ 404: 4 });
    expect((await anonymous.get(`/api/v1/links/${hash}`)).status).toBe(401);
    expect((await anonymous.get(`/${hash}`)).headers.get("location")).toBe("https://example.org/mine");
  });

  it("edits, disables and deletes, and redirects follow within seconds", async () => {
    const { hash } = await owner.shorten({ url: "https://example.org/before" });
    await owner.patch(`/api/v1/links/${hash}`, { url: "https://example.org/after" });
    const location = async () => (await anonymous.get(`/${hash}`)).headers.get("location");
    await vi.waitFor(async () => expect(await location()).toBe("https://example.org/after"), {
      timeout: 10_000,
    });
    await owner.patch(`/api/v1/links/${hash}`, { disabled: true });
    const status = async () => (await anonymous.get(`/${hash}`)).status;
    await vi.waitFor(async () => expect(await status()).toBe(410), { timeout: 10_000 });
    expect((await owner.remove(`/api/v1/links/${hash}`)).status).toBe(204);
    await vi.waitFor(async () => expect(await status()).toBe(404), { timeout: 10_000 });
  });

  const visited = async (path: string) => {
    const { hash } = await owner.shorten({ url: `https://example.org/${path}` });
    const follow = async () => (await anonymous.get(`/${hash}`)).headers.get("location");
    expect(await follow()).toBe(`https://example.org/${path}`); // from here on an environment remembers it
    return { hash, follow };
  };

  it("a redirect knows of an edit a second after it was answered", async () => {
    const { hash, follow } = await visited("remembered");
    await owner.patch(`/api/v1/links/${hash}`, { url: "https://example.org/edited" });
    const answered = Date.now();
    await vi.waitUntil(() => Date.now() - answered > SYNC_MS, { interval: 50, timeout: 10 * SYNC_MS });
    expect(await follow()).toBe("https://example.org/edited");
  });

  it("a redirect hears of an edit by its event, where whoever made it could not tell", async () => {
    const { hash, follow } = await visited("untold");
    app.cloud.faults.add({
      id: "untold",
      on: { service: "dynamodb", operation: "PutItem", function: "ShortenerEdit", target: "*CacheTable*" },
      fault: { kind: "error" },
    });
    try {
      const { status } = await owner.patch(`/api/v1/links/${hash}`, { url: "https://example.org/heard" });
      expect(status).toBe(200);
      const [rule] = app.cloud.faults.list().filter(({ id }) => id === "untold");
      expect(rule?.injected).toBeGreaterThan(0);
    } finally {
      app.cloud.faults.remove("untold");
    }
    const patience = { timeout: TTL_MS / 2, interval: 200 }; // less than it would be remembered for
    await vi.waitFor(async () => expect(await follow()).toBe("https://example.org/heard"), patience);
  });

  it("asks for the password of a protected link, and follows with it", async () => {
    const { hash } = await owner.shorten({ url: "https://example.org/secret", password: "open-sesame" });
    const asked = await fetch(`${app.url}/${hash}`, { redirect: "manual", headers: { accept: "text/html" } });
    expect(asked.status).toBe(401);
    expect(await asked.text()).toContain("<form");
    const unlock = (password: string) =>
      fetch(`${app.url}/${hash}`, {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams({ password }),
      });
    expect((await unlock("wrong")).status).toBe(401);
    const right = await unlock("open-sesame");
    expect(right.status).toBe(303);
    expect(right.headers.get("location")).toBe("https://example.org/secret");
  });

  it("pages through a list newest first, and finds links by their URL", async () => {
    const mine = createClient(app, await app.tokenOf("moderator@tenfold.example"));
    const hashes: string[] = [];
    for (let n = 0; n < 7; n++)
      hashes.unshift((await mine.shorten({ url: `https://example.net/${n}` })).hash);
    const seen: string[] = [];
    let path = "/api/v1/links?limit=3";
    for (let page = 0; page < 4 && path; page++) {
      const { json } = await mine.get(path);
      seen.push(...(json.links as { hash: string }[]).map((link) => link.hash));
      path = json.cursor ? `/api/v1/links?limit=3&cursor=${encodeURIComponent(String(json.cursor))}` : "";
    }
    expect(seen).toEqual(hashes);
    const found = await mine.get(`/api/v1/links?url=${encodeURIComponent("https://example.net/4")}`);
    expect((found.json.links as { hash: string }[]).map((link) => link.hash)).toEqual([hashes[2]]);
  });

  it("shortens in bulk, each with its own outcome", async () => {
    const links = [
      { url: "https://example.org/b1" },
      { url: "javascript:alert(1)" },
      { url: "https://example.org/b2" },
    ];
    const { status, json } = await owner.post("/api/v1/links/bulk", { links });
    expect(status).toBe(200);
    expect((json.outcomes as { status: number }[]).map((outcome) => outcome.status)).toEqual([201, 422, 201]);
  });

  it("exports CSV and draws QR codes", async () => {
    const { hash } = await owner.shorten({ url: "https://example.org/qr" });
    const csv = await owner.get("/api/v1/links/export");
    expect(csv.headers.get("content-type")).toContain("text/csv");
    expect(csv.text).toContain(hash);
    const png = await fetch(`${app.url}/api/v1/links/${hash}/qr?format=png`);
    expect(
      Buffer.from(await png.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    expect((await anonymous.get(`/api/v1/links/${hash}/qr`)).text).toContain("<svg");
  });
});
