import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashCodes } from "../../core/shortener/codes.ts";
import { toDraft } from "../../core/shortener/draft.ts";
import { newUrl, newUser } from "../kit/shortener.ts";
import { kindOf, startClient } from "../kit/shortener-client.ts";

describe("expert edges", () => {
  let client: Awaited<ReturnType<typeof startClient>>;
  beforeAll(async () => {
    client = await startClient();
  });
  afterAll(() => client.stop());
  beforeEach(() => client.fresh());

  it("a URL over 2,048 bytes is shortened, followed and found again by its URL", async () => {
    const user = newUser();
    const url = `${newUrl()}?q=${"x".repeat(5_000)}`;
    const made = await client.make({ url }, user);
    expect(made.status).toBe(201);
    expect((await client.visit(made.json.hash)).headers.location).toBe(url);
    const found = await client.ask("list", { query: { url }, user });
    expect(found.json.links).toMatchObject([{ hash: made.json.hash }]);
    expect((await client.ask("list", { query: { url }, user: newUser() })).json.links).toEqual([]);
  });

  it("an internationalised host is shown in punycode, and a look-alike is flagged", async () => {
    const honest = await client.make({ url: "https://bücher.example/" });
    expect(honest.json).toMatchObject({ url: "https://xn--bcher-kva.example/", lookalike: false });
    expect((await client.make({ url: "https://pаypal.example/" })).json.lookalike).toBe(true);
    const byRule = await client.make({ rules: [{ devices: ["mobile"], url: "https://pаypal.example/" }] });
    expect(byRule.json.lookalike).toBe(true);
  });

  it("our own domains are refused as destinations, also in rules and in edits", async () => {
    process.env.SHORT_DOMAINS = "go.test,s.test";
    const user = newUser();
    expect(kindOf(await client.make({ url: "https://s.test/abc" }))).toBe("self-link");
    expect(kindOf(await client.make({ rules: [{ percent: 50, url: "https://go.test/x" }] }))).toBe(
      "self-link",
    );
    const made = await client.make({}, user);
    const params = { hash: String(made.json.hash) };
    const edited = await client.ask("edit", {
      method: "PATCH",
      params,
      body: { url: "https://go.test/x" },
      user,
    });
    expect(kindOf(edited)).toBe("self-link");
  });

  it("a custom code that was generated for another link is taken", async () => {
    const made = await client.make({});
    const reply = await client.make({ custom_hash: made.json.hash });
    expect([reply.status, kindOf(reply)]).toEqual([409, "slug-taken"]);
  });

  it("a link whose generated code was taken as a custom one gets its next code, and keeps it", async () => {
    const url = newUrl();
    const [first, second] = [...hashCodes((await toDraft({ url }, "", "go.test")).identity)];
    expect((await client.make({ custom_hash: first })).status).toBe(201);
    const made = await client.ask("shorten", { method: "POST", body: { url } });
    expect([made.status, made.json.hash]).toEqual([201, second]);
    const again = await client.ask("shorten", { method: "POST", body: { url } });
    expect([again.status, again.json.hash]).toEqual([200, second]);
  });

  it("codes tell case apart and Unicode forms not", async () => {
    const lower = await client.make({ custom_hash: "straße" });
    const upper = await client.make({ custom_hash: "Straße" });
    expect([lower.status, upper.status]).toEqual([201, 201]);
    const composed = await client.make({ custom_hash: "caf\u00e9" });
    expect(kindOf(await client.make({ custom_hash: "cafe\u0301" }))).toBe("slug-taken");
    expect((await client.visit("cafe\u0301")).headers.location).toBe(composed.json.url);
    expect(composed.json.short_url).toBe("https://go.test/caf%C3%A9");
  });

  it.each(["abc\ufe0f", "\u3164\u3164\u3164", "a\u034fpi"])(
    "the code %j holds what nobody sees, and is refused",
    async (custom_hash) => {
      expect(kindOf(await client.make({ custom_hash }))).toBe("invalid-request");
      expect((await client.visit(custom_hash)).status).toBe(404);
    },
  );

  it.each(["api", "API", "Docs", "admin", "robots", "assets"])(
    "the code %s is reserved",
    async (custom_hash) => {
      expect(kindOf(await client.make({ custom_hash }))).toBe("reserved-word");
    },
  );

  it("the same custom code asked again by its owner is answered with the link", async () => {
    const user = newUser();
    const body = { url: newUrl(), custom_hash: "mine-again" };
    const first = await client.make(body, user);
    const again = await client.make(body, user);
    expect([first.status, again.status, again.json.id]).toEqual([201, 200, first.json.id]);
    expect((await client.make(body)).status).toBe(409);
  });

  it("one code leads to two places on two short domains", async () => {
    process.env.SHORT_DOMAINS = "go.test,s.test";
    const here = await client.make({ custom_hash: "both" });
    const there = await client.make({ custom_hash: "both", domain: "s.test" });
    expect(there.json.short_url).toBe("https://s.test/both");
    expect((await client.visit("both")).headers.location).toBe(here.json.url);
    expect((await client.visit("both", { host: "s.test" })).headers.location).toBe(there.json.url);
    expect(kindOf(await client.make({ domain: "evil.test" }))).toBe("invalid-request");
  });

  it("a write whose answer was lost and that is tried again makes one link, told as new", async () => {
    for (const strategy of ["hash", "counter"]) {
      process.env.CODE_STRATEGY = strategy;
      client.reached.length = 0;
      client.faults.add({ on: { operation: "PutItem" }, when: { nth: 1 }, fault: { kind: "drop" } });
      const made = await client.ask("shorten", { method: "POST", body: { url: newUrl() } });
      client.faults.clear();
      const puts = client.reached.filter(({ operation }) => operation === "PutItem");
      const ids = puts.map(({ input }) => (input.Item as { id: { S: string } }).id.S);
      expect([made.status, ids]).toEqual([201, [made.json.id, made.json.id]]);
    }
  });

  it("a transaction that a throttled table cancels is tried again: one link, told as new", async () => {
    process.env.CODE_STRATEGY = "counter";
    const user = newUser();
    const throttled = client.faults.add({
      on: { operation: "TransactWriteItems" },
      when: { first: 2 },
      fault: { kind: "throttle" },
    });
    const made = await client.make({}, user);
    const struck = client.faults.list().find(({ id }) => id === throttled);
    client.faults.clear();
    expect([made.status, struck?.injected]).toEqual([201, 2]);
    const list = await client.ask("list", { user });
    expect(list.json.links).toMatchObject([{ hash: made.json.hash }]);
  });

  it("a cursor of one's own making that no key can be made of is refused", async () => {
    const user = newUser();
    const last = { id: `lnk_${"0".repeat(26)}`, domain: "*", code: "abc" };
    const ask = (position: object) => {
      const text = Buffer.from(JSON.stringify(position)).toString("base64url");
      const mark = createHash("sha256").update(`${user.id}\0${text}`).digest("base64url").slice(0, 16);
      return client.ask("list", { query: { cursor: `${text}.${mark}` }, user });
    };
    expect((await ask(last)).status).toBe(200);
    for (const wrong of [{ id: "漢".repeat(400) }, { code: "漢".repeat(65) }, { domain: "d".repeat(254) }])
      expect(kindOf(await ask({ ...last, ...wrong }))).toBe("invalid-request");
  });

  it("a link whose traces cannot be cleared is deleted nevertheless, and answered so", async () => {
    const user = newUser();
    const made = await client.make({}, user);
    client.faults.add({ on: { operation: "UpdateItem" }, fault: { kind: "throttle" } });
    const params = { hash: String(made.json.hash) };
    const reply = await client.ask("remove", { method: "DELETE", params, user });
    client.faults.clear();
    expect(reply.status).toBe(204);
    expect((await client.visit(made.json.hash)).status).toBe(404);
  });

  it("a rule names each device once, and no link outgrows its item", async () => {
    const rule = (count: number) => ({ devices: Array(count).fill("mobile"), url: newUrl() });
    expect((await client.make({ rules: [rule(3)] })).status).toBe(201);
    expect(kindOf(await client.make({ rules: [rule(60_000)] }))).toBe("invalid-request");
  });

  it("an edit that is overtaken hashes its password once", async () => {
    const user = newUser();
    const params = { hash: String((await client.make({}, user)).json.hash) };
    const edit = (body: object) => client.ask("edit", { method: "PATCH", params, body, user });
    client.reached.length = 0;
    client.faults.seed(1);
    const late = { kind: "latency", ms: 1_000 } as const;
    client.faults.add({ on: { operation: "UpdateItem" }, when: { nth: 1 }, fault: late });
    const slow = edit({ password: "swordfish" });
    await expect.poll(() => client.faults.log().length).toBe(1);
    expect((await edit({ title: "first" })).status).toBe(200);
    const reply = await slow;
    client.faults.clear();
    const hashes = client.reached.flatMap(
      ({ input }) => /scrypt\$[^"]+/.exec(JSON.stringify(input.ExpressionAttributeValues ?? {}))?.[0] ?? [],
    );
    expect(reply.json).toMatchObject({ title: "first", has_password: true, revision: 3 });
    expect(hashes).toHaveLength(2);
    expect(hashes[1]).toBe(hashes[0]);
  });
});
