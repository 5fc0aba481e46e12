import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newUrl, newUser } from "../kit/shortener.ts";
import { kindOf, startClient } from "../kit/shortener-client.ts";

describe("following a link", () => {
  let client: Awaited<ReturnType<typeof startClient>>;
  beforeAll(async () => {
    client = await startClient();
  });
  afterAll(() => client.stop());
  beforeEach(() => client.fresh());

  it("a link made before its target became a short domain of ours does not loop", async () => {
    const made = await client.make({ url: "https://later.test/x" });
    expect((await client.visit(made.json.hash)).status).toBe(302);
    process.env.SHORT_DOMAINS = "go.test,later.test";
    expect((await client.visit(made.json.hash)).status).toBe(410);
  });

  it("a link that expires while it is cached expires on time", async () => {
    const made = await client.make({ expires_in: 2 });
    expect((await client.visit(made.json.hash)).status).toBe(302);
    client.advance(2_000);
    const reply = await client.visit(made.json.hash);
    expect([reply.status, kindOf(reply)]).toEqual([410, "link-expired"]);
  });

  it("a code that was asked for in vain works a second after it was created", async () => {
    expect((await client.visit("in-vain")).status).toBe(404);
    await client.make({ custom_hash: "in-vain" });
    client.advance(1_001);
    expect((await client.visit("in-vain")).status).toBe(302);
  });

  it("an edit and a block reach a cached link within three seconds", async () => {
    const user = newUser();
    const made = await client.make({}, user);
    const params = { hash: String(made.json.hash) };
    await client.visit(made.json.hash);
    await client.ask("edit", { method: "PATCH", params, body: { url: "https://example.com/new" }, user });
    client.advance(3_001);
    expect((await client.visit(made.json.hash)).headers.location).toBe("https://example.com/new");
    await client.ask("edit", { method: "PATCH", params, body: { blocked: true }, user: newUser("admins") });
    client.advance(3_001);
    const reply = await client.visit(made.json.hash);
    expect([reply.status, kindOf(reply)]).toEqual([451, "link-blocked"]);
  });

  it("permanent redirects are kept by browsers for a minute, others not at all", async () => {
    const permanent = await client.make({ redirect: 301 });
    expect((await client.visit(permanent.json.hash)).headers["cache-control"]).toBe("private, max-age=60");
    const ending = await client.make({ redirect: 308, expires_in: 20 });
    const { "cache-control": ends } = (await client.visit(ending.json.hash)).headers;
    expect(Number(/max-age=(\d+)/.exec(ends ?? "")?.[1])).toBeLessThanOrEqual(20);
    for (const body of [
      {},
      { redirect: 301, max_clicks: 5 },
      { redirect: 301, rules: [{ percent: 5, url: newUrl() }] },
    ]) {
      const made = await client.make(body);
      expect((await client.visit(made.json.hash)).headers["cache-control"]).toBe("private, no-store");
    }
  });

  it("HEAD is answered as GET is, without a body, and uses up no click", async () => {
    const made = await client.make({ max_clicks: 1 });
    for (let n = 0; n < 3; n++) {
      const reply = await client.visit(made.json.hash, { method: "HEAD" });
      expect([reply.status, reply.headers.location, reply.text]).toEqual([302, made.json.url, ""]);
    }
    expect((await client.visit(made.json.hash)).status).toBe(302);
    const gone = await client.visit(made.json.hash, { method: "HEAD" });
    expect([gone.status, gone.text]).toEqual([410, ""]);
  });

  it("a link with a password asks for it, on a page or in a problem, and lets in who knows it", async () => {
    const made = await client.make({ password: "swordfish" });
    expect(made.json).toMatchObject({ has_password: true });
    const page = await client.visit(made.json.hash, { headers: { accept: "text/html,*/*" } });
    expect(page.status).toBe(401);
    expect(page.text).toContain('<form method="post">');
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(kindOf(await client.visit(made.json.hash))).toBe("password-required");
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const params = { hash: String(made.json.hash) };
    const wrong = await client.ask("unlock", {
      method: "POST",
      params,
      body: "password=marlin",
      headers: type,
    });
    expect(wrong.status).toBe(401);
    const right = await client.ask("unlock", {
      method: "POST",
      params,
      body: "password=swordfish",
      headers: type,
    });
    expect([right.status, right.headers.location]).toEqual([303, made.json.url]);
  });

  it("people are shown pages, programs problem documents", async () => {
    const page = await client.visit("nowhere", { headers: { accept: "text/html" } });
    expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(page.text).toMatch(/<html lang="en">.*<title>/s);
    const problem = await client.visit("nowhere");
    expect(problem.headers).toMatchObject({ "content-type": "application/problem+json", vary: "accept" });
  });
});
