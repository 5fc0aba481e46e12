import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey, NO_ADDRESS, toAddress } from "./address.ts";

describe("an address", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    [" 203.0.113.9 ", "203.0.113.9"],
    ["203.0.113.9:4711", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["::FFFF:cb00:7109", "203.0.113.9"],
    ["[::ffff:203.0.113.9]:443", "203.0.113.9"],
    ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"],
    ["64:ff9b::203.0.113.9", "203.0.113.9"],
    ["::203.0.113.9", "203.0.113.9"],
    ["::1", "::1"],
    ["::", "::"],
    ["fe80::1%eth0", "fe80::1"],
    ["[2001:DB8::1]:443", "2001:db8::1"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ])("%s is %s", (text, address) => {
    expect(toAddress(text)).toBe(address);
  });

  it.each([
    "",
    "localhost",
    "1.2.3",
    "0x7f.1",
    "0177.0.0.1",
    "1.2.3.4.5",
    "256.1.1.1",
    "1:2:3",
    "12345::",
    "::1::",
    "a,b",
    "☃",
  ])("%j is none, and is counted with all that are none", (text) => {
    expect(toAddress(text)).toBeUndefined();
    expect(addressKey(text)).toBe(NO_ADDRESS);
  });

  it("has one spelling, whatever text there is", () => {
    const ip = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string());
    fc.assert(
      fc.property(ip, (text) => {
        const address = toAddress(text);
        if (address !== undefined) expect(toAddress(address)).toBe(address);
      }),
    );
  });
});

describe("whom an address is counted as", () => {
  it("is the /64 of IPv6: another /64 is somebody else", () => {
    expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(addressKey("2001:db8:1:2::1")).toBe("2001:db8:1:2::/64");
    expect(addressKey("2001:db8:1:3::1")).toBe("2001:db8:1:3::/64");
    expect(addressKey("::1")).toBe("0:0:0:0::/64");
  });

  it("is the IPv4 address, in whatever IPv6 it is wrapped", () => {
    for (const text of [
      "203.0.113.9",
      "::ffff:203.0.113.9",
      "64:ff9b::cb00:7109",
      "2002:cb00:7109::1",
      "2002:cb00:7109:ffff::2",
    ])
      expect(addressKey(text)).toBe("203.0.113.9");
  });

  it("does not depend on the last 64 bits of an address", () => {
    const half = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(half, half, half, (prefix, a, b) => {
        const of = (rest: number[]) =>
          addressKey([0x2a00, ...prefix.slice(1), ...rest].map((n) => n.toString(16)).join(":"));
        expect(of(a)).toBe(of(b));
      }),
    );
  });
});
