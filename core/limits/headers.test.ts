import fc from "fast-check";
import { parseList } from "structured-headers";
import { describe, expect, it } from "vitest";
import { toDocument } from "#core/kit/problem.ts";
import { limitHeaders, policyName, refusal } from "./headers.ts";
import type { JudgedLevel, Judgement } from "./judgement.ts";

const level = (rule: object = {}, decision: object = {}): JudgedLevel => ({
  rule: {
    name: "user",
    algorithm: "token-bucket",
    limit: 100,
    window: 60,
    scope: "user",
    mode: "enforce",
    onFailure: "local",
    lease: 0,
    ...rule,
  },
  key: "k",
  decision: { allowed: true, remaining: 50, resetMs: 29_001, retryAfterMs: 0, waitMs: 0, ...decision },
  decidedBy: "store",
});
const allowed = (...levels: JudgedLevel[]): Judgement => ({
  allowed: true,
  levels,
  retryAfterMs: 0,
  waitMs: 0,
});
const refused = (...levels: JudgedLevel[]): Judgement => ({
  allowed: false,
  levels,
  retryAfterMs: Math.max(...levels.map(({ decision }) => decision.retryAfterMs)),
  waitMs: 0,
});
const no = (retryAfterMs: number, name = "user") =>
  level({ name }, { allowed: false, remaining: 0, retryAfterMs, resetMs: 60_000 });
/** Name → parameters, as any reader of structured fields finds them. */
const read = (field = ""): Record<string, Record<string, unknown>> =>
  Object.fromEntries(parseList(field).map(([name, params]) => [name, Object.fromEntries(params)]));

describe("the headers of a limit", () => {
  it("are those of the draft's own example", () => {
    expect(limitHeaders(allowed(level({}, { resetMs: 30_000 })))).toEqual({
      "ratelimit-policy": '"user";q=100;w=60',
      ratelimit: '"user";r=50;t=30',
    });
  });

  it("name each policy, and the burst where it is not the limit", () => {
    const headers = limitHeaders(
      allowed(level(), level({ name: "ip", limit: 10, window: 1, burst: 20 }, { remaining: 3 })),
    );
    expect(read(headers["ratelimit-policy"])).toEqual({
      user: { q: 100, w: 60 },
      ip: { q: 10, w: 1, "tenfold-burst": 20 },
    });
    expect(read(headers.ratelimit)).toEqual({ user: { r: 50, t: 30 }, ip: { r: 3, t: 30 } });
  });

  it("say nothing of a rule that only watches, nor how much of the whole service is left", () => {
    const shadow = level({ name: "watch", mode: "shadow" }, { allowed: false });
    const global = level({ name: "all", scope: "global" });
    expect(limitHeaders(allowed(shadow, global))).toEqual({});
    const full = level({ name: "all", scope: "global" }, { allowed: false, remaining: 0, retryAfterMs: 1 });
    expect(Object.keys(read(limitHeaders(refused(full)).ratelimit))).toEqual(["all"]);
  });

  it("never tell to come back before the moment, nor before a window that is named has ended", () => {
    const ms = fc.double({ min: 0.001, max: 1e10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(ms, ms), { minLength: 1, maxLength: 4 }), (times) => {
        const levels = times.map(([retryAfterMs, resetMs], n) =>
          level({ name: `p${n}` }, { allowed: false, remaining: 0, retryAfterMs, resetMs }),
        );
        const judged = refused(...levels, level({ name: "fine" }, { resetMs: 1e9 }));
        const headers = limitHeaders(judged);
        const after = Number(headers["retry-after"]);
        expect(after * 1_000).toBeGreaterThanOrEqual(judged.retryAfterMs);
        expect(after * 1_000).toBeLessThan(judged.retryAfterMs + 1_000);
        for (const { t } of Object.values(read(headers.ratelimit)))
          expect(after).toBeGreaterThanOrEqual(Number(t));
      }),
    );
  });

  it("give no time to what will never pass", () => {
    const headers = limitHeaders(refused(no(Number.POSITIVE_INFINITY)));
    expect(headers).not.toHaveProperty("retry-after");
    expect(headers.ratelimit).toBe('"user";r=0');
  });

  it("do not keep a client from following a redirection", () => {
    const spent = level({ name: "spent" }, { remaining: 0 });
    const headers = limitHeaders(allowed(level(), spent), 302);
    expect(Object.keys(read(headers.ratelimit))).toEqual(["user"]);
    expect(Object.keys(read(headers["ratelimit-policy"]))).toEqual(["user", "spent"]);
    expect(limitHeaders(allowed(spent), 301)).not.toHaveProperty("ratelimit");
  });

  it("count a rule that was met under two keys once, by the one that has less", () => {
    const two = allowed(level({}, { remaining: 9 }), level({}, { remaining: 4 }));
    expect(limitHeaders(two)).toMatchObject({
      ratelimit: '"user";r=4;t=30',
      "ratelimit-policy": '"user";q=100;w=60',
    });
  });

  it("can be read and hold no line break, whatever a rule is called and counts", () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.constantFrom(-1, 0.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY),
    );
    const hostile = fc.oneof(
      fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
      fc.constantFrom('a"b', "a\\", '";q=9', "a\r\nset-cookie: x", "ü", "☃", "\ud800", "", "a,b", "\u007f"),
    );
    fc.assert(
      fc.property(hostile, numbers, numbers, fc.boolean(), (name, remaining, ms, passes) => {
        const one = level({ name }, { remaining, resetMs: ms, retryAfterMs: ms, allowed: passes });
        const headers = limitHeaders(passes ? allowed(one) : refused(one));
        for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
        expect(Object.keys(read(headers.ratelimit))).toEqual([policyName(name)]);
        for (const { r } of Object.values(read(headers.ratelimit))) expect(r).toBeGreaterThanOrEqual(0);
        expect(parseList(headers["ratelimit-policy"] ?? "")).toHaveLength(1);
      }),
    );
  });
});

describe("the problem of a limit", () => {
  it("has the draft's members, and the exact time", () => {
    const problem = refusal(refused(no(1_500, "password-tries"), level()));
    expect(toDocument(problem)).toMatchObject({
      type: "/api/v1/problems#quota-exceeded",
      status: 429,
      detail: "Try again in 2 seconds",
      "violated-policies": ["password-tries"],
      retry_after_ms: 1_500,
    });
    expect(problem.extra.headers).toMatchObject({ "retry-after": "2" });
  });

  it("says when there is nothing to wait for", () => {
    const problem = refusal(refused(no(Number.POSITIVE_INFINITY)));
    expect(toDocument(problem)).toMatchObject({
      retry_after_ms: null,
      detail: expect.stringContaining("ever"),
    });
  });

  it("is no 429 where a rule refuses because its store failed", () => {
    const closed: JudgedLevel = { ...no(5_000), decidedBy: "closed" };
    const problem = refusal(refused(closed));
    expect(problem).toMatchObject({ kind: "unavailable", extra: { headers: { "retry-after": "5" } } });
    expect(refusal(refused(closed, no(1, "other"))).kind).toBe("quota-exceeded");
  });

  it("tells who is on the deny list that waiting is no use", () => {
    const listed: JudgedLevel = { ...no(Number.POSITIVE_INFINITY), decidedBy: "deny-list" };
    expect(refusal(refused(listed)).message).toContain("list");
  });

  it.each([
    [1, "1 second"],
    [60_000, "1 minute"],
    [61_000, "2 minutes"],
    [7_200_000, "2 hours"],
    [86_400_001, "2 days"],
  ])("says %d ms as %s", (ms, words) => {
    expect(refusal(refused(no(ms))).message).toBe(`Try again in ${words}`);
  });
});
