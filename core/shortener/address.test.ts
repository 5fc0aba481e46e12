import { describe, expect, it } from "vitest";
import { isPublic, RefusedAddress, resolvePublic } from "./address.ts";

describe("what a preview may connect to", () => {
  it.each(["8.8.8.8", "93.184.215.14", "2001:4860:4860::8888", "2606:4700::1111"])(
    "%s is public",
    (address) => {
      expect(isPublic(address)).toBe(true);
    },
  );

  it.each([
    ["127.0.0.1", "loopback"],
    ["127.8.8.8", "loopback"],
    ["0.0.0.0", "this host"],
    ["0.1.2.3", "this network"],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["192.168.1.1", "private"],
    ["169.254.169.254", "metadata"],
    ["169.254.170.2", "container credentials"],
    ["100.64.0.1", "shared"],
    ["192.0.0.8", "reserved"],
    ["192.0.2.1", "documentation"],
    ["198.18.0.1", "benchmarking"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["240.0.0.1", "reserved"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::7f00:1", "IPv4-compatible"],
    ["::ffff:127.0.0.1", "IPv4-mapped"],
    ["::ffff:a9fe:a9fe", "IPv4-mapped metadata"],
    ["64:ff9b::7f00:1", "NAT64"],
    ["64:ff9b:1::1", "local NAT64"],
    ["2002:7f00:1::", "6to4"],
    ["2001:0:7f00:1::", "Teredo"],
    ["2001:db8::1", "documentation"],
    ["fe80::1", "link-local"],
    ["fc00::1", "unique local"],
    ["fd00:ec2::254", "metadata"],
    ["fec0::1", "site-local"],
    ["ff02::1", "multicast"],
    ["100::1", "discard"],
    ["5f00::1", "segment routing"],
    ["not an address", "nonsense"],
  ])("%s is not: %s", (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it("lets named ranges through", () => {
    expect(isPublic("127.0.0.1", ["127.0.0.0/8"])).toBe(true);
    expect(isPublic("10.0.0.1", ["127.0.0.0/8"])).toBe(false);
  });

  it("refuses names that resolve to this machine, and literals in brackets", async () => {
    await expect(resolvePublic("localhost", [])).rejects.toThrow(RefusedAddress);
    await expect(resolvePublic("[::1]", [])).rejects.toThrow(RefusedAddress);
    await expect(resolvePublic("169.254.169.254", [])).rejects.toThrow(RefusedAddress);
  });
});
