import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../kit/http.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";

describe("many links of one owner", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  let bulk: unknown;
  let exported: unknown;
  beforeAll(async () => {
    world = await startShortener();
    ({ handler: bulk } = await import("../../functions/shortener/bulk.ts"));
    ({ handler: exported } = await import("../../functions/shortener/export.ts"));
  });
  afterAll(() => world.stop());

  it("each of a hundred has its own outcome, in order", async () => {
    const bad = [
      { url: "javascript:alert(1)" },
      { url: newUrl(), custom_hash: "api" },
      { nonsense: true },
      null,
    ];
    const links = [...Array.from({ length: 96 }, () => ({ url: newUrl() })), ...bad];
    const reply = await call(bulk, { method: "POST", body: { links }, user: newUser() });
    const outcomes = reply.json.outcomes as unknown as { status: number; problem?: { type: string } }[];
    expect(reply.status).toBe(200);
    expect(outcomes.map(({ status }) => status)).toEqual([...Array(96).fill(201), 422, 422, 400, 400]);
    expect(outcomes[96]?.problem?.type).toBe("/api/v1/problems#unsafe-url");
  });

  it("a hundred and one are refused", async () => {
    const links = Array.from({ length: 101 }, () => ({ url: newUrl() }));
    expect((await call(bulk, { method: "POST", body: { links }, user: newUser() })).status).toBe(400);
  });

  it("are exported as CSV in pages, with quotes doubled and formulas disarmed", async () => {
    const user = newUser();
    const titles = ['say "hi", twice', "=HYPERLINK(1)", "+1", "@SUM(A1)", "-2", "日本"];
    for (let round = 0; round < 6; round++) {
      const links = Array.from({ length: 100 }, (_, n) => ({
        url: newUrl(),
        title: titles[n % titles.length],
      }));
      await call(bulk, { method: "POST", body: { links }, user });
    }
    const first = await call(exported, { user });
    expect(first.headers["content-type"]).toContain("text/csv");
    const rows = first.text.split("\r\n");
    expect(rows[0]).toBe(
      "\uFEFFhash,domain,short_url,url,redirect,title,tags,created_at,updated_at,expires_at,max_clicks,has_password,disabled",
    );
    expect(rows).toHaveLength(502);
    expect(first.text).toContain('"say ""hi"", twice"');
    expect(first.text).toContain(",'=HYPERLINK(1),");
    expect(first.text).not.toMatch(/,[=+@-][^,]/);
    const cursor = /cursor=([^>]+)>; rel="next"/.exec(first.headers.link ?? "")?.[1] ?? "";
    const second = await call(exported, { user, query: { cursor: decodeURIComponent(cursor) } });
    expect(second.text.split("\r\n")).toHaveLength(102);
    expect(second.headers.link).toBeUndefined();
  });
});
