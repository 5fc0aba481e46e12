import { isIP, isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { InvalidPattern } from "./pattern-error.ts";

/** True when both are addresses and the same one, however written (`::1` and `0:0:0:0:0:0:0:1`). */
export const sameAddress = (a: string, b: string): boolean =>
  isIPv6(a) && isIPv6(b) && ipaddr.parse(a).toNormalizedString() === ipaddr.parse(b).toNormalizedString();

/** Whether an address lies in a CIDR block; anything that is not an address of the same family does not. */
export const withinCidr = (block: string): ((value: string) => boolean) => {
  const [address, bits, ...more] = block.split("/");
  if (address === undefined || bits === undefined || more.length > 0)
    throw new InvalidPattern("Malformed CIDR, one '/' required");
  if (!/^\d+$/.test(bits)) throw new InvalidPattern("Malformed CIDR, mask bits must be an integer");
  if (isIP(address) === 0) throw new InvalidPattern(`Nonstandard IP address: ${address}`);
  const mask = Number(bits);
  if (isIPv4(address) && mask > 32) throw new InvalidPattern("IPv4 mask bits must be < 33");
  if (mask > 128) throw new InvalidPattern("IPv6 mask bits must be < 129");
  const base = ipaddr.parse(address);
  return (value) => {
    if (isIP(value) === 0) return false;
    const candidate = ipaddr.parse(value);
    return candidate.kind() === base.kind() && candidate.match(base, mask);
  };
};
