import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";

/** An address that was resolved and judged. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Refused for what it is asked to connect to. */
export class RefusedAddress extends Error {}

const GLOBAL_V6 = ipaddr.parseCIDR("2000::/3");

/**
 * Whether a stranger may make us connect to an address: the public internet and nothing else. Loopback, private, link-local
 * (metadata), shared, multicast, documentation and reserved ranges are out, and so is every IPv6 form that carries an IPv4
 * address (mapped, compatible, NAT64, 6to4, Teredo). IPv6 outside 2000::/3 is no unicast of the internet (IANA).
 * `allowed` names CIDR ranges that are let through nevertheless.
 */
export const isPublic = (text: string, allowed: readonly string[] = []): boolean => {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (allowed.some((range) => isWithin(address, ipaddr.parseCIDR(range)))) return true;
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || isWithin(address, GLOBAL_V6);
};

type Ip = ReturnType<typeof ipaddr.process>;

const isWithin = (address: Ip, [network, bits]: [Ip, number]) =>
  address.kind() === network.kind() && address.match(network, bits);

/**
 * Resolves a host once and picks the address to connect to, by which it must then be pinned: a name may resolve to another
 * address the next time (DNS rebinding). One address that is not public spoils the name.
 */
export const resolvePublic = async (hostname: string, allowed: readonly string[]): Promise<Address> => {
  const host = hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true, verbatim: true });
  const wrong = found.find(({ address }) => !isPublic(address, allowed));
  const [first] = found;
  if (wrong || !first) throw new RefusedAddress(`${host} is not on the public internet`);
  return { address: first.address, family: first.family === 6 ? 6 : 4 };
};
