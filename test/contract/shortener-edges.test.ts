import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashCodes } from "../../core/shortener/codes.ts";
import { toDraft } from "../../core/shortener/draft.ts";
import { memoryCache } from "../../core/shortener/link-cache.ts";
import { setCache } from "../../core/shortener/resolution.ts";
import { call, type TestRequest } from "../kit/http.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";

const NAMES = ["shorten", "redirect", "unlock", "get", "edit", "remove", "list", "stats", "qr"] as const;
type Name = (typeof NAMES)[number];

describe("expert edges", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  const handlers = new Map<Name, unknown>();
  beforeAll(async () => {
    world = await startShortener();
    for (const name of NAMES) {
      handlers.set(name, (await import(`../../functions/shortener/${name}.ts`)).handler);
    }
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    process.env.CODE_STRATEGY = "hash";
    process.env.SHORT_DOMAINS = "";
    setCache(memoryCache());
  });

  const ask = (name: Name, request: TestRequest) => call(handlers.get(name), request);
  const make = (body: Record<string, unknown>, user = newUser()) =>
    ask("shorten", { method: "POST", body: { url: newUrl(), ...body }, user });
  const visit = (hash: unknown, request: TestRequest = {}) =>
    ask("redirect", { params: { hash: encodeURIComponent(String(hash)) }, ...request });
  const kind = (reply: { json: { type?: unknown } }) => String(reply.json.type).split("#")[1];

  it("a URL over 2,048 bytes is shortened, followed and found again by its URL", async () => {
    const user = newUser();
    const url = `${newUrl()}?q=${"x".repeat(5_000)}`;
    const made = await make({ url }, user);
    expect(made.status).toBe(201);
    expect((await visit(made.json.hash)).headers.location).toBe(url);
    const found = await ask("list", { query: { url }, user });
    expect(found.json.links).toMatchObject([{ hash: made.json.hash }]);
    expect((await ask("list", { query: { url }, user: newUser() })).json.links).toEqual([]);
  });

  it("an internationalised host is shown in punycode, and a look-alike is flagged", async () => {
    const honest = await make({ url: "https://bücher.example/" });
    expect(honest.json).toMatchObject({ url: "https://xn--bcher-kva.example/", lookalike: false });
    expect((await make({ url: "https://pаypal.example/" })).json.lookalike).toBe(true);
    const byRule = await make({ rules: [{ devices: ["mobile"], url: "https://pаypal.example/" }] });
    expect(byRule.json.lookalike).toBe(true);
  });

  it("our own domains are refused as destinations, also in rules and in edits", async () => {
    process.env.SHORT_DOMAINS = "go.test,s.test";
    const user = newUser();
    expect(kind(await make({ url: "https://s.test/abc" }))).toBe("self-link");
    expect(kind(await make({ rules: [{ percent: 50, url: "https://go.test/x" }] }))).toBe("self-link");
    const made = await make({}, user);
    const params = { hash: String(made.json.hash) };
    const edited = await ask("edit", { method: "PATCH", params, body: { url: "https://go.test/x" }, user });
    expect(kind(edited)).toBe("self-link");
  });

  it("a link made before its target became a short domain of ours does not loop", async () => {
    const made = await make({ url: "https://later.test/x" });
    expect((await visit(made.json.hash)).status).toBe(302);
    process.env.SHORT_DOMAINS = "go.test,later.test";
    expect((await visit(made.json.hash)).status).toBe(410);
  });

  it("a custom code that was generated for another link is taken", async () => {
    const made = await make({});
    const reply = await make({ custom_hash: made.json.hash });
    expect([reply.status, kind(reply)]).toEqual([409, "slug-taken"]);
  });

  it("a link whose generated code was taken as a custom one gets its next code, and keeps it", async () => {
    const url = newUrl();
    const [first, second] = [...hashCodes((await toDraft({ url }, "", "go.test")).identity)];
    expect((await make({ custom_hash: first })).status).toBe(201);
    const made = await ask("shorten", { method: "POST", body: { url } });
    expect([made.status, made.json.hash]).toEqual([201, second]);
    const again = await ask("shorten", { method: "POST", body: { url } });
    expect([again.status, again.json.hash]).toEqual([200, second]);
  });

  it("codes tell case apart and Unicode forms not", async () => {
    const lower = await make({ custom_hash: "straße" });
    const upper = await make({ custom_hash: "Straße" });
    expect([lower.status, upper.status]).toEqual([201, 201]);
    const composed = await make({ custom_hash: "caf\u00e9" });
    expect(kind(await make({ custom_hash: "cafe\u0301" }))).toBe("slug-taken");
    expect((await visit("cafe\u0301")).headers.location).toBe(composed.json.url);
    expect(composed.json.short_url).toBe("https://go.test/caf%C3%A9");
  });

  it.each(["api", "API", "Docs", "admin", "robots", "assets"])(
    "the code %s is reserved",
    async (custom_hash) => {
      expect(kind(await make({ custom_hash }))).toBe("reserved-word");
    },
  );

  it("the same custom code asked again by its owner is answered with the link", async () => {
    const user = newUser();
    const body = { url: newUrl(), custom_hash: "mine-again" };
    const first = await make(body, user);
    const again = await make(body, user);
    expect([first.status, again.status, again.json.id]).toEqual([201, 200, first.json.id]);
    expect((await make(body)).status).toBe(409);
  });

  it("one code leads to two places on two short domains", async () => {
    process.env.SHORT_DOMAINS = "go.test,s.test";
    const here = await make({ custom_hash: "both" });
    const there = await make({ custom_hash: "both", domain: "s.test" });
    expect(there.json.short_url).toBe("https://s.test/both");
    expect((await visit("both")).headers.location).toBe(here.json.url);
    expect((await visit("both", { host: "s.test" })).headers.location).toBe(there.json.url);
    expect(kind(await make({ domain: "evil.test" }))).toBe("invalid-request");
  });

  it("a link that expires while it is cached expires on time", async () => {
    const made = await make({ expires_in: 2 });
    expect((await visit(made.json.hash)).status).toBe(302);
    world.advance(2_000);
    const reply = await visit(made.json.hash);
    expect([reply.status, kind(reply)]).toEqual([410, "link-expired"]);
  });

  it("a code that was asked for in vain works a second after it was created", async () => {
    expect((await visit("in-vain")).status).toBe(404);
    await make({ custom_hash: "in-vain" });
    world.advance(1_001);
    expect((await visit("in-vain")).status).toBe(302);
  });

  it("an edit and a block reach a cached link within three seconds", async () => {
    const user = newUser();
    const made = await make({}, user);
    const params = { hash: String(made.json.hash) };
    await visit(made.json.hash);
    await ask("edit", { method: "PATCH", params, body: { url: "https://example.com/new" }, user });
    world.advance(3_001);
    expect((await visit(made.json.hash)).headers.location).toBe("https://example.com/new");
    await ask("edit", { method: "PATCH", params, body: { blocked: true }, user: newUser("admins") });
    world.advance(3_001);
    const reply = await visit(made.json.hash);
    expect([reply.status, kind(reply)]).toEqual([451, "link-blocked"]);
  });

  it("a link past its end is gone although TTL has not deleted it, and its code is free", async () => {
    const user = newUser();
    const made = await make({ expires_in: 60, custom_hash: "ends-soon" }, user);
    const params = { hash: "ends-soon" };
    world.advance(60_000);
    expect((await visit("ends-soon")).status).toBe(410);
    expect((await ask("get", { params, user })).status).toBe(404);
    expect((await ask("edit", { method: "PATCH", params, body: { expires_in: 60 }, user })).status).toBe(404);
    expect((await ask("list", { user })).json.links).toEqual([]);
    expect((await ask("qr", { params })).status).toBe(404);
    const taken = await make({ custom_hash: "ends-soon" });
    expect(taken.status).toBe(201);
    expect(taken.json.id).not.toBe(made.json.id);
  });

  it.each(["hash", "counter"])(
    "the same link asked again after it expired is a new one (%s)",
    async (strategy) => {
      process.env.CODE_STRATEGY = strategy;
      const user = newUser();
      const body = { url: newUrl(), expires_in: 60 };
      const first = await make(body, user);
      expect((await make(body, user)).status).toBe(200);
      world.advance(60_000);
      const second = await make(body, user);
      expect([second.status, second.json.id === first.json.id]).toEqual([201, false]);
      expect((await make(body, user)).json.id).toBe(second.json.id);
    },
  );

  it.each(["hash", "counter"])(
    "the same link asked again after it was edited or deleted is a new one (%s)",
    async (strategy) => {
      process.env.CODE_STRATEGY = strategy;
      const user = newUser();
      const body = { url: newUrl() };
      const first = await make(body, user);
      const params = { hash: String(first.json.hash) };
      await ask("edit", { method: "PATCH", params, body: { url: newUrl() }, user });
      const second = await make(body, user);
      expect([second.status, second.json.hash === first.json.hash]).toEqual([201, false]);
      await ask("remove", { method: "DELETE", params: { hash: String(second.json.hash) }, user });
      const third = await make(body, user);
      expect([third.status, third.json.id === second.json.id]).toEqual([201, false]);
      expect((await make(body, user)).status).toBe(200);
    },
  );

  it("whatever changes what a visitor meets makes another link; labels do not", async () => {
    const user = newUser();
    const url = newUrl();
    const variants = [
      {},
      { redirect: 301 },
      { expires_in: 60 },
      { max_clicks: 5 },
      { password: "swordfish" },
    ];
    const replies = [];
    for (const variant of variants) replies.push(await make({ url, ...variant }, user));
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect((await make({ url, password: "swordfish" }, user)).status).toBe(200);
    expect((await make({ url, title: "Other", tags: ["a"] }, user)).status).toBe(200);
  });

  it("permanent redirects are kept by browsers for a minute, others not at all", async () => {
    const permanent = await make({ redirect: 301 });
    expect((await visit(permanent.json.hash)).headers["cache-control"]).toBe("private, max-age=60");
    const ending = await make({ redirect: 308, expires_in: 20 });
    const { "cache-control": ends } = (await visit(ending.json.hash)).headers;
    expect(Number(/max-age=(\d+)/.exec(ends ?? "")?.[1])).toBeLessThanOrEqual(20);
    for (const body of [
      {},
      { redirect: 301, max_clicks: 5 },
      { redirect: 301, rules: [{ percent: 5, url: newUrl() }] },
    ]) {
      const made = await make(body);
      expect((await visit(made.json.hash)).headers["cache-control"]).toBe("private, no-store");
    }
  });

  it("HEAD is answered as GET is, without a body, and uses up no click", async () => {
    const made = await make({ max_clicks: 1 });
    for (let n = 0; n < 3; n++) {
      const reply = await visit(made.json.hash, { method: "HEAD" });
      expect([reply.status, reply.headers.location, reply.text]).toEqual([302, made.json.url, ""]);
    }
    expect((await visit(made.json.hash)).status).toBe(302);
    const gone = await visit(made.json.hash, { method: "HEAD" });
    expect([gone.status, gone.text]).toEqual([410, ""]);
  });

  it("a link with a password asks for it, on a page or in a problem, and lets in who knows it", async () => {
    const made = await make({ password: "swordfish" });
    expect(made.json).toMatchObject({ has_password: true });
    const page = await visit(made.json.hash, { headers: { accept: "text/html,*/*" } });
    expect(page.status).toBe(401);
    expect(page.text).toContain('<form method="post">');
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(kind(await visit(made.json.hash))).toBe("password-required");
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const params = { hash: String(made.json.hash) };
    const wrong = await ask("unlock", { method: "POST", params, body: "password=marlin", headers: type });
    expect(wrong.status).toBe(401);
    const right = await ask("unlock", { method: "POST", params, body: "password=swordfish", headers: type });
    expect([right.status, right.headers.location]).toEqual([303, made.json.url]);
  });

  it("people are shown pages, programs problem documents", async () => {
    const page = await visit("nowhere", { headers: { accept: "text/html" } });
    expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(page.text).toMatch(/<html lang="en">.*<title>/s);
    const problem = await visit("nowhere");
    expect(problem.headers).toMatchObject({ "content-type": "application/problem+json", vary: "accept" });
  });

  it("somebody else's link does not exist, whatever is asked of it", async () => {
    const made = await make({});
    const params = { hash: String(made.json.hash) };
    const user = newUser();
    const replies = [
      await ask("get", { params, user }),
      await ask("edit", { method: "PATCH", params, body: { title: "Mine" }, user }),
      await ask("edit", { method: "PATCH", params, body: { blocked: true }, user }),
      await ask("remove", { method: "DELETE", params, user }),
      await ask("stats", { params, user }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await visit(made.json.hash)).status).toBe(302);
  });

  it("anonymous links belong to nobody, not even to a user without a name", async () => {
    const made = await ask("shorten", { method: "POST", body: { url: newUrl() } });
    const params = { hash: String(made.json.hash) };
    expect((await ask("get", { params, user: newUser() })).status).toBe(404);
  });

  it("only moderators block, and they do nothing else to links of others", async () => {
    const owner = newUser();
    const made = await make({}, owner);
    const params = { hash: String(made.json.hash) };
    const patch = (body: object, user: typeof owner) => ask("edit", { method: "PATCH", params, body, user });
    expect((await patch({ blocked: true }, owner)).status).toBe(403);
    expect((await patch({ title: "x" }, newUser("admins"))).status).toBe(403);
    expect((await patch({ blocked: true }, newUser("admins"))).json).toMatchObject({ blocked: true });
    const again = await make({ url: made.json.url }, owner);
    expect([again.status, kind(again)]).toEqual([451, "link-blocked"]);
  });

  it("null takes settings away, and a revision guards against lost updates", async () => {
    const user = newUser();
    const made = await make({ expires_in: 600, max_clicks: 3, password: "swordfish", title: "Old" }, user);
    const params = { hash: String(made.json.hash) };
    const body = { expires_in: null, max_clicks: null, password: null, title: null, revision: 1 };
    const edited = await ask("edit", { method: "PATCH", params, body, user });
    expect(edited.json).toMatchObject({
      expires_at: null,
      max_clicks: null,
      has_password: false,
      title: null,
      revision: 2,
    });
    expect(kind(await ask("edit", { method: "PATCH", params, body, user }))).toBe("edit-conflict");
    expect((await visit(made.json.hash)).status).toBe(302);
    const nothing = await ask("edit", { method: "PATCH", params, body: {}, user });
    expect(nothing.json).toMatchObject({ revision: 2 });
  });

  it("links are listed newest first, page by page, and a cursor serves its owner only", async () => {
    const user = newUser();
    const hashes = [];
    for (let n = 0; n < 7; n++) hashes.unshift((await make({}, user)).json.hash);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await ask("list", { query: { limit: "3", ...(cursor && { cursor }) }, user });
      seen.push(...(page.json.links as unknown as { hash: string }[]).map(({ hash }) => hash));
      cursor = (page.json.cursor as unknown as string | null) ?? undefined;
      if (cursor) {
        expect(kind(await ask("list", { query: { cursor }, user: newUser() }))).toBe("invalid-request");
        expect(kind(await ask("list", { query: { cursor: `x${cursor}` }, user }))).toBe("invalid-request");
      }
    } while (cursor);
    expect(seen).toEqual(hashes);
  });

  it("QR codes are drawn as svg and png", async () => {
    const made = await make({});
    const params = { hash: String(made.json.hash) };
    const svg = await ask("qr", { params });
    expect([svg.headers["content-type"], svg.text.slice(0, 4)]).toEqual(["image/svg+xml", "<svg"]);
    const png = await ask("qr", { params, query: { format: "png", size: "512" } });
    expect([png.headers["content-type"], png.text.slice(1, 4)]).toEqual(["image/png", "PNG"]);
  });
});
