import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { setClock } from "#core/kit/clock.ts";
import { Click, fromRecord, hourOf, toRecord } from "./click.ts";
import { BUCKET_CLICKS, createClickLog } from "./click-log.ts";

const visitor = {
  ip: "203.0.113.9",
  userAgent: "Mozilla/5.0 Chrome/130.0",
  acceptLanguage: "en",
  country: "DE",
};
const LINK = "lnk_01JDDQ2ZP0V5K4N6D0Y3ZB8Q1C";

describe("a click", () => {
  it("is read back from its record as it was", () => {
    fc.assert(
      fc.property(
        fc.record({
          n: fc.nat(1_000),
          at: fc.integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 }),
          country: fc.constantFrom("", "DE", "US"),
          device: fc.constantFrom("desktop" as const, "mobile" as const, "tablet" as const),
          bot: fc.boolean(),
          referrer: fc.oneof(fc.domain(), fc.constant(""), fc.constant("[::1]")),
        }),
        ({ at, ...rest }) => {
          const click = {
            ...rest,
            event: "link.clicked" as const,
            link: LINK,
            bucket: "abcdefgh.1",
            shard: 0,
          };
          const timestamp = new Date(at).toISOString();
          const seen = fromRecord(toRecord({ ...click, timestamp }), hourOf(at));
          const { country, device, bot, referrer } = rest;
          expect(seen).toEqual({ at: Math.floor(at / 1000) * 1000, country, device, bot, referrer });
        },
      ),
    );
  });

  it("is logged as one line that the counter reads", () => {
    const lines: string[] = [];
    createClickLog((line) => void lines.push(line))(LINK, visitor);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\n$/);
    expect(v.parse(Click, JSON.parse(lines[0] ?? ""))).toMatchObject({ link: LINK, country: "DE", n: 0 });
  });

  it("shares a bucket with its neighbours until it is full or the hour ends; each place is used once", () => {
    let at = Date.parse("2026-11-23T21:59:00Z");
    const restore = setClock(() => at);
    const clicks: Click[] = [];
    const log = createClickLog((line) => void clicks.push(v.parse(Click, JSON.parse(line))));
    for (let n = 0; n < BUCKET_CLICKS + 1; n++) log(LINK, visitor);
    at += 60_000;
    log(LINK, visitor);
    restore();
    expect(new Set(clicks.map(({ bucket }) => bucket)).size).toBe(3);
    expect(new Set(clicks.map(({ bucket, n }) => `${bucket}:${n}`)).size).toBe(clicks.length);
  });

  it("keeps a bucket's item below 1 KB for referrers of ordinary length", () => {
    const clicks: Click[] = [];
    const log = createClickLog((line) => void clicks.push(v.parse(Click, JSON.parse(line))));
    for (let n = 0; n < BUCKET_CLICKS; n++)
      log(LINK, { ...visitor, referrer: "https://news.ycombinator.com/x" });
    const bytes = clicks.reduce((sum, click) => sum + toRecord(click).length + 1, 0); // a byte for each member of a set
    expect(bytes).toBeLessThan(1_024 - 120); // 120: keys, ttl and attribute names
  });

  it("of a hot link goes to a shard of its own", () => {
    const clicks: Click[] = [];
    const log = createClickLog((line) => void clicks.push(v.parse(Click, JSON.parse(line))));
    for (let n = 0; n < 3 * BUCKET_CLICKS; n++) log(LINK, visitor);
    expect(clicks[0]?.shard).toBe(0);
    expect(clicks.at(-1)?.shard).toBeGreaterThan(0);
  });
});
