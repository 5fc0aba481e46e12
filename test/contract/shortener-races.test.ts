import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dropLease, nextCode } from "../../core/shortener/counter.ts";
import { forgetLinkCache } from "../../core/shortener/link-cache.ts";
import { list } from "../../core/shortener/listing.ts";
import { call, type TestReply } from "../kit/http.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";

const tally = (replies: readonly TestReply[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

describe("many at once", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  let shorten: unknown;
  let redirect: unknown;
  let edit: unknown;
  beforeAll(async () => {
    world = await startShortener();
    ({ handler: shorten } = await import("../../functions/shortener/shorten.ts"));
    ({ handler: redirect } = await import("../../functions/shortener/redirect.ts"));
    ({ handler: edit } = await import("../../functions/shortener/edit.ts"));
  });
  afterAll(() => world.stop());

  const atOnce = (times: number, work: (index: number) => Promise<TestReply>) =>
    Promise.all(Array.from({ length: times }, (_, index) => work(index)));

  it.each(["hash", "counter"] as const)(
    "200 identical requests of one owner make one link (%s)",
    async (strategy) => {
      process.env.CODE_STRATEGY = strategy;
      const user = newUser();
      const body = { url: newUrl() };
      const replies = await atOnce(200, () => call(shorten, { method: "POST", body, user }));
      expect(tally(replies)).toEqual({ 200: 199, 201: 1 });
      expect(new Set(replies.map(({ json }) => json.hash)).size).toBe(1);
      expect((await list(user.id, { limit: 100 })).items).toHaveLength(1);
    },
  );

  it("200 identical anonymous requests make one link by hash, and 200 by counter", async () => {
    const body = { url: newUrl() };
    process.env.CODE_STRATEGY = "hash";
    expect(tally(await atOnce(200, () => call(shorten, { method: "POST", body })))).toEqual({
      200: 199,
      201: 1,
    });
    process.env.CODE_STRATEGY = "counter";
    expect(tally(await atOnce(200, () => call(shorten, { method: "POST", body })))).toEqual({ 201: 200 });
  });

  it("of 200 takers of one custom code one gets it and 199 are told it is taken", async () => {
    const replies = await atOnce(200, () =>
      call(shorten, { method: "POST", body: { url: newUrl(), custom_hash: "launch" }, user: newUser() }),
    );
    expect(tally(replies)).toEqual({ 201: 1, 409: 199 });
    expect(replies.find(({ status }) => status === 409)?.json.type).toBe("/api/v1/problems#slug-taken");
  });

  it("of 300 visits at once for 100 clicks exactly 100 get through", async () => {
    forgetLinkCache();
    const made = await call(shorten, { method: "POST", body: { url: newUrl(), max_clicks: 100 } });
    const params = { hash: String(made.json.hash) };
    const replies = await atOnce(300, () => call(redirect, { params }));
    expect(tally(replies)).toEqual({ 302: 100, 410: 200 });
    expect((await call(redirect, { params })).json.type).toBe("/api/v1/problems#link-exhausted");
  });

  it("of 20 edits of one revision one is applied and 19 are told of the conflict", async () => {
    const user = newUser();
    const made = await call(shorten, { method: "POST", body: { url: newUrl() }, user });
    const params = { hash: String(made.json.hash) };
    const replies = await atOnce(20, (n) =>
      call(edit, { method: "PATCH", params, body: { title: `title ${n}`, revision: 1 }, user }),
    );
    expect(tally(replies)).toEqual({ 200: 1, 409: 19 });
  });

  it("leases taken at once by many environments never give a code twice", async () => {
    process.env.CODE_LEASE = "10";
    const codes = new Set<string>();
    for (let environment = 0; environment < 20; environment++) {
      dropLease();
      for (const code of await Promise.all(Array.from({ length: 25 }, nextCode))) codes.add(code);
    }
    process.env.CODE_LEASE = "1000";
    expect(codes.size).toBe(500);
  });
});
