import { describe, expect, it } from "vitest";
import { type Entry, spelled, verdictOn } from "./listed.ts";
import { inRange, rangeOf } from "./ranges.ts";

const entry = (list: "allow" | "deny", kind: Entry["kind"], value: string): Entry => ({
  ...spelled({ kind, value }),
  list,
  name: value,
  revision: 1,
});

describe("a range", () => {
  it.each([
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["192.0.2.1/32", "192.0.2.1/32"],
    ["2001:DB8:0:0::1/32", "2001:db8::/32"],
    ["::/0", "::/0"],
    ["::ffff:10.1.2.3/104", "10.0.0.0/8"],
  ])("%s is %s", (text, range) => {
    expect(rangeOf(text)).toBe(range);
  });

  it.each([
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0/8",
    "::/129",
    "::ffff:10.0.0.0/80",
    "x/8",
    "/8",
    "",
  ])("%s is none", (text) => {
    expect(rangeOf(text)).toBeUndefined();
  });

  it("holds addresses of its own kind, an IPv4 one written as IPv6 among them", () => {
    expect(inRange("::ffff:10.9.9.9", "10.0.0.0/8")).toBe(true);
    expect(inRange("2001:db8::1", "0.0.0.0/0")).toBe(false);
    expect(inRange("10.0.0.1", "::/0")).toBe(false);
    expect(inRange("no address", "0.0.0.0/0")).toBe(false);
  });
});

describe("a list", () => {
  it("denies who is on both lists", () => {
    const both = [entry("allow", "ip", "192.0.2.1"), entry("deny", "cidr", "192.0.2.0/24")];
    expect(verdictOn(both, { ip: "192.0.2.1" })?.list).toBe("deny");
    expect(verdictOn(both.slice(0, 1), { ip: "192.0.2.1" })?.list).toBe("allow");
    expect(verdictOn(both, { ip: "192.0.3.1" })).toBeUndefined();
  });

  it("takes nobody for another because a value of another kind is the same", () => {
    const users = [entry("deny", "user", "192.0.2.1")];
    expect(verdictOn(users, { ip: "192.0.2.1", key: "192.0.2.1", apiKey: "192.0.2.1" })).toBeUndefined();
    expect(verdictOn(users, { user: "192.0.2.1" })?.list).toBe("deny");
  });

  it.each([
    ["ip", "192.0.2.256"],
    ["ip", "0300.0.2.1"],
    ["cidr", "192.0.2.1"],
  ] as const)("refuses as %s: %s", (kind, value) => {
    expect(() => spelled({ kind, value })).toThrow(expect.objectContaining({ kind: "invalid-request" }));
  });
});
