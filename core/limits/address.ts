import { isIPv4, isIPv6 } from "node:net";

/** Whom requests are counted to that come from no address we can read: one bucket for all of them, so that garbage buys nothing. */
export const NO_ADDRESS = "unknown";

/**
 * An address in one spelling, or undefined if it is none. Ports, brackets and zone ids are cut, and IPv4 inside IPv6 is taken out
 * of it: mapped (`::ffff:1.2.3.4`), compatible (`::1.2.3.4`, RFC 4291 2.5.5) and NAT64 (`64:ff9b::1.2.3.4`, RFC 6052: so
 * does a translator before an IPv6-only host show IPv4 clients). Octal, hexadecimal and short forms of IPv4 are none.
 */
export const toAddress = (text: string): string | undefined => {
  const bare = bareOf(text.trim());
  if (isIPv4(bare)) return bare;
  const groups = isIPv6(bare) ? groupsOf(bare) : undefined;
  if (!groups) return undefined;
  return embedded(groups) ?? spell(groups);
};

/**
 * Whom an address is counted as: an IPv4 address itself; of IPv6 the /64, which is what one household or host is given
 * (RFC 6177), so that nobody draws 2^64 fresh allowances. A 6to4 address (2002::/16, RFC 3056) holds 65,536 of them: it is
 * counted as the IPv4 address it is made of.
 */
export const addressKey = (text: string): string => {
  const address = toAddress(text);
  if (address === undefined) return NO_ADDRESS;
  if (isIPv4(address)) return address;
  const groups = groupsOf(address);
  if (groups[0] === 0x2002) return dotted(groups[1] ?? 0, groups[2] ?? 0);
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
};

// `1.2.3.4:80`, `[::1]:80`, `[::1]`, `fe80::1%eth0`. A port after bare IPv6 cannot be told from a group: CloudFront writes
// one so (`CloudFront-Viewer-Address`), and is not read for it.
const bareOf = (text: string): string => {
  const inner = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  return inner.replace(/%.*$/s, "");
};

/** The eight groups of a valid IPv6 address. */
const groupsOf = (address: string): number[] => {
  const [head = "", tail] = address.split("::", 2);
  const before = parse(head);
  const after = parse(tail ?? "");
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
};

const parse = (part: string): number[] =>
  part === ""
    ? []
    : part.split(":").flatMap((group) => (group.includes(".") ? pair(group) : [parseInt(group, 16)]));

const pair = (ipv4: string): number[] => {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split(".").map(Number);
  return [a * 256 + b, c * 256 + d];
};

const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");

const embedded = (groups: readonly number[]): string | undefined => {
  const [high = 0, low = 0] = groups.slice(6);
  const prefix = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(":");
  const holds = ["0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"].includes(prefix);
  const compatible = prefix === "0:0:0:0:0:0" && high !== 0; // `::` and `::1` are no IPv4 addresses
  return holds || compatible ? dotted(high, low) : undefined;
};

// The longest run of zeros is shortened, as RFC 5952 asks: two spellings of an address are one text.
const spell = (groups: readonly number[]): string => {
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  const [run] = runs;
  if (!run) return text;
  const start = text.slice(0, run.index).replace(/:$/, "");
  return `${start}::${text.slice(run.index + run[0].length).replace(/^:/, "")}`;
};
