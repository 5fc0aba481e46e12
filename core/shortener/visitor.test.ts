import { describe, expect, it } from "vitest";
import { deviceOf, isRobot, matchRule, referrerHost, type Visitor } from "./visitor.ts";

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
const IPAD =
  "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Version/16.0 Mobile/15E148 Safari/604.1";
const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36";

const visitor = (changes: Partial<Visitor> = {}): Visitor => ({
  ip: "203.0.113.9",
  userAgent: CHROME,
  acceptLanguage: "de-CH,de;q=0.9,en;q=0.8",
  ...changes,
});

describe("a visitor", () => {
  it("holds a desktop, a phone or a tablet", () => {
    expect(
      [CHROME, IPHONE, IPAD, "", "\u0000".repeat(9_999)].map((userAgent) => deviceOf(visitor({ userAgent }))),
    ).toEqual(["desktop", "mobile", "tablet", "desktop", "desktop"]);
  });

  it("is a program when it says so, or says nothing", () => {
    const robots = ["", "Googlebot/2.1 (+http://www.google.com/bot.html)", "curl/8.5.0"];
    expect(robots.map((userAgent) => isRobot(visitor({ userAgent })))).toEqual([true, true, true]);
    expect(isRobot(visitor())).toBe(false);
  });

  it("comes from a host, without www, bounded", () => {
    expect(referrerHost(visitor({ referrer: "https://www.News.example/a?b" }))).toBe("news.example");
    expect(referrerHost(visitor({ referrer: "android-app://com.example" }))).toBe("");
    expect(
      referrerHost(visitor({ referrer: `https://${"a.".repeat(100)}example/` })).length,
    ).toBeLessThanOrEqual(48);
    expect(referrerHost(visitor())).toBe("");
  });
});

describe("rules", () => {
  const to = (name: string) => `https://example.com/${name}`;

  it("the first whose every condition holds decides", () => {
    const rules = [
      { countries: ["CH"], devices: ["mobile" as const], url: to("swiss-phones") },
      { languages: ["de"], url: to("german") },
      { languages: ["en"], url: to("english") },
    ];
    expect(matchRule(rules, visitor({ country: "CH", userAgent: IPHONE }), "l")).toBe(to("swiss-phones"));
    expect(matchRule(rules, visitor({ country: "CH" }), "l")).toBe(to("german"));
    expect(matchRule(rules, visitor({ acceptLanguage: "en-GB" }), "l")).toBe(to("english"));
    expect(matchRule(rules, visitor({ acceptLanguage: "fr" }), "l")).toBeUndefined();
    expect(matchRule(rules, visitor({ acceptLanguage: ";;;q=x" }), "l")).toBeUndefined();
  });

  it("a split is sticky for a visitor and near its share over many", () => {
    const rules = [{ percent: 30, url: to("b") }];
    const side = (n: number, seed: string) => matchRule(rules, visitor({ ip: `198.51.100.${n}` }), seed);
    const sides = Array.from({ length: 2_000 }, (_, n) => side(n, "link"));
    expect(sides).toEqual(Array.from({ length: 2_000 }, (_, n) => side(n, "link")));
    const share = sides.filter(Boolean).length / 2_000;
    expect(share).toBeGreaterThan(0.26);
    expect(share).toBeLessThan(0.34);
    expect(Array.from({ length: 2_000 }, (_, n) => side(n, "other link"))).not.toEqual(sides);
  });
});
