import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newUrl, newUser } from "../kit/shortener.ts";
import { kindOf, startClient } from "../kit/shortener-client.ts";

describe("a link and its owner", () => {
  let client: Awaited<ReturnType<typeof startClient>>;
  beforeAll(async () => {
    client = await startClient();
  });
  afterAll(() => client.stop());
  beforeEach(() => client.fresh());

  it("a link past its end is gone although TTL has not deleted it, and its code is free", async () => {
    const user = newUser();
    const made = await client.make({ expires_in: 60, custom_hash: "ends-soon" }, user);
    const params = { hash: "ends-soon" };
    client.advance(60_000);
    expect((await client.visit("ends-soon")).status).toBe(410);
    expect((await client.ask("get", { params, user })).status).toBe(404);
    expect(
      (await client.ask("edit", { method: "PATCH", params, body: { expires_in: 60 }, user })).status,
    ).toBe(404);
    expect((await client.ask("list", { user })).json.links).toEqual([]);
    expect((await client.ask("qr", { params })).status).toBe(404);
    const taken = await client.make({ custom_hash: "ends-soon" });
    expect(taken.status).toBe(201);
    expect(taken.json.id).not.toBe(made.json.id);
  });

  it.each(["hash", "counter"])(
    "the same link asked again after it expired is a new one (%s)",
    async (strategy) => {
      process.env.CODE_STRATEGY = strategy;
      const user = newUser();
      const body = { url: newUrl(), expires_in: 60 };
      const first = await client.make(body, user);
      expect((await client.make(body, user)).status).toBe(200);
      client.advance(60_000);
      const second = await client.make(body, user);
      expect([second.status, second.json.id === first.json.id]).toEqual([201, false]);
      expect((await client.make(body, user)).json.id).toBe(second.json.id);
    },
  );

  it.each(["hash", "counter"])(
    "the same link asked again after it was edited or deleted is a new one (%s)",
    async (strategy) => {
      process.env.CODE_STRATEGY = strategy;
      const user = newUser();
      const body = { url: newUrl() };
      const first = await client.make(body, user);
      const params = { hash: String(first.json.hash) };
      await client.ask("edit", { method: "PATCH", params, body: { url: newUrl() }, user });
      const second = await client.make(body, user);
      expect([second.status, second.json.hash === first.json.hash]).toEqual([201, false]);
      await client.ask("remove", { method: "DELETE", params: { hash: String(second.json.hash) }, user });
      const third = await client.make(body, user);
      expect([third.status, third.json.id === second.json.id]).toEqual([201, false]);
      expect((await client.make(body, user)).status).toBe(200);
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
    for (const variant of variants) replies.push(await client.make({ url, ...variant }, user));
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect((await client.make({ url, password: "swordfish" }, user)).status).toBe(200);
    expect((await client.make({ url, title: "Other", tags: ["a"] }, user)).status).toBe(200);
  });

  it("somebody else's link does not exist, whatever is asked of it", async () => {
    const made = await client.make({});
    const params = { hash: String(made.json.hash) };
    const user = newUser();
    const replies = [
      await client.ask("get", { params, user }),
      await client.ask("edit", { method: "PATCH", params, body: { title: "Mine" }, user }),
      await client.ask("edit", { method: "PATCH", params, body: { blocked: true }, user }),
      await client.ask("remove", { method: "DELETE", params, user }),
      await client.ask("stats", { params, user }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await client.visit(made.json.hash)).status).toBe(302);
  });

  it("anonymous links belong to nobody, not even to a user without a name", async () => {
    const made = await client.ask("shorten", { method: "POST", body: { url: newUrl() } });
    const params = { hash: String(made.json.hash) };
    expect((await client.ask("get", { params, user: newUser() })).status).toBe(404);
  });

  it("only moderators block, and they do nothing else to links of others", async () => {
    const owner = newUser();
    const made = await client.make({}, owner);
    const params = { hash: String(made.json.hash) };
    const patch = (body: object, user: typeof owner) =>
      client.ask("edit", { method: "PATCH", params, body, user });
    expect((await patch({ blocked: true }, owner)).status).toBe(403);
    expect((await patch({ title: "x" }, newUser("admins"))).status).toBe(403);
    expect((await patch({ blocked: true }, newUser("admins"))).json).toMatchObject({ blocked: true });
    const again = await client.make({ url: made.json.url }, owner);
    expect([again.status, kindOf(again)]).toEqual([451, "link-blocked"]);
  });

  it("an address that was taken down does not come back: not by deletion, not by expiry", async () => {
    const user = newUser();
    const body = { url: newUrl(), expires_in: 60, custom_hash: "taken-down" };
    await client.make(body, user);
    const params = { hash: "taken-down" };
    const moderator = newUser("admins");
    await client.ask("edit", { method: "PATCH", params, body: { blocked: true }, user: moderator });
    expect((await client.ask("remove", { method: "DELETE", params, user })).status).toBe(403);
    expect((await client.ask("remove", { method: "DELETE", params, user: newUser() })).status).toBe(404);
    client.advance(60_000);
    expect((await client.visit("taken-down")).status).toBe(451);
    expect(kindOf(await client.make(body, user))).toBe("link-blocked");
    expect(kindOf(await client.make({ custom_hash: "taken-down" }))).toBe("slug-taken");
  });

  it("a link that is put back can be followed, changed and deleted again", async () => {
    const user = newUser();
    const made = await client.make({ expires_in: 600 }, user);
    const params = { hash: String(made.json.hash) };
    const moderator = newUser("admins");
    for (const blocked of [true, false]) {
      await client.ask("edit", { method: "PATCH", params, body: { blocked }, user: moderator });
    }
    expect((await client.visit(made.json.hash)).status).toBe(302);
    expect((await client.ask("remove", { method: "DELETE", params, user })).status).toBe(204);
  });

  it("null takes settings away, and a revision guards against lost updates", async () => {
    const user = newUser();
    const made = await client.make(
      { expires_in: 600, max_clicks: 3, password: "swordfish", title: "Old" },
      user,
    );
    const params = { hash: String(made.json.hash) };
    const body = { expires_in: null, max_clicks: null, password: null, title: null, revision: 1 };
    const edited = await client.ask("edit", { method: "PATCH", params, body, user });
    expect(edited.json).toMatchObject({
      expires_at: null,
      max_clicks: null,
      has_password: false,
      title: null,
      revision: 2,
    });
    expect(kindOf(await client.ask("edit", { method: "PATCH", params, body, user }))).toBe("edit-conflict");
    expect((await client.visit(made.json.hash)).status).toBe(302);
    const nothing = await client.ask("edit", { method: "PATCH", params, body: {}, user });
    expect(nothing.json).toMatchObject({ revision: 2 });
  });

  it("links are listed newest first, page by page, and a cursor serves its owner only", async () => {
    const user = newUser();
    const hashes = [];
    for (let n = 0; n < 7; n++) hashes.unshift((await client.make({}, user)).json.hash);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.ask("list", { query: { limit: "3", ...(cursor && { cursor }) }, user });
      seen.push(...(page.json.links as unknown as { hash: string }[]).map(({ hash }) => hash));
      cursor = (page.json.cursor as unknown as string | null) ?? undefined;
      if (cursor) {
        expect(kindOf(await client.ask("list", { query: { cursor }, user: newUser() }))).toBe(
          "invalid-request",
        );
        expect(kindOf(await client.ask("list", { query: { cursor: `x${cursor}` }, user }))).toBe(
          "invalid-request",
        );
      }
    } while (cursor);
    expect(seen).toEqual(hashes);
  });

  it("QR codes are drawn as svg and png", async () => {
    const made = await client.make({});
    const params = { hash: String(made.json.hash) };
    const svg = await client.ask("qr", { params });
    expect([svg.headers["content-type"], svg.text.slice(0, 4)]).toEqual(["image/svg+xml", "<svg"]);
    const png = await client.ask("qr", { params, query: { format: "png", size: "512" } });
    expect([png.headers["content-type"], png.text.slice(1, 4)]).toEqual(["image/png", "PNG"]);
  });
});
