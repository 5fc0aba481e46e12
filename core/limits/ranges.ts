import ipaddr from "ipaddr.js";
import { toAddress } from "./address.ts";

const bitsOf = (address: ipaddr.IPv4 | ipaddr.IPv6) => (address.kind() === "ipv4" ? 32 : 128);

/**
 * A range in its one spelling, its host bits cleared: `10.1.2.3/8` is `10.0.0.0/8`; one of IPv4 that is written as IPv6
 * (`::ffff:10.0.0.0/104`) is of IPv4. Undefined: no range.
 */
export const rangeOf = (text: string): string | undefined => {
  const [, base = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text.trim()) ?? [];
  const plain = toAddress(base);
  if (plain === undefined) return undefined;
  const address = ipaddr.parse(plain);
  const folded = base.includes(":") && address.kind() === "ipv4";
  const bits = Number(digits) - (folded ? 96 : 0);
  if (bits < 0 || bits > bitsOf(address)) return undefined;
  const kind = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${toAddress(kind.networkAddressFromCIDR(`${plain}/${bits}`).toString())}/${bits}`;
};

/** Whether an address lies in a range that `rangeOf` has written. */
export const inRange = (text: string, range: string): boolean => {
  const plain = toAddress(text);
  if (plain === undefined) return false;
  const address = ipaddr.parse(plain);
  const [base, bits] = ipaddr.parseCIDR(range);
  return address.kind() === base.kind() && address.match(base, bits);
};
