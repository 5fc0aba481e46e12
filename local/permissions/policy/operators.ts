import { BlockList, isIP } from "node:net";
import { arnMatches, matches } from "./wildcard.ts";

/** Whether one value of the request fits one value of the policy. */
export type Compare = (wanted: string, given: string) => boolean;

/** A condition operator without its `ForAllValues:` and `IfExists`. */
export interface Operator {
  readonly compare: Compare;
  /** `…Not…` operators: the comparison is turned round, and a missing key satisfies them. */
  readonly negated: boolean;
}

const numeric =
  (test: (given: number, wanted: number) => boolean): Compare =>
  (wanted, given) => {
    const [a, b] = [Number(given), Number(wanted)];
    return given.trim() !== "" && !Number.isNaN(a) && !Number.isNaN(b) && test(a, b);
  };

/** ISO 8601, or epoch seconds. */
const instant = (text: string): number =>
  /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text);

const date =
  (test: (given: number, wanted: number) => boolean): Compare =>
  (wanted, given) => {
    const [a, b] = [instant(given), instant(wanted)];
    return !Number.isNaN(a) && !Number.isNaN(b) && test(a, b);
  };

const ip: Compare = (wanted, given) => {
  const [address = "", bits] = wanted.split("/");
  const family = isIP(address);
  if (family === 0 || isIP(given) === 0) return false;
  const kind = (version: number) => (version === 6 ? "ipv6" : "ipv4");
  const list = new BlockList();
  try {
    list.addSubnet(address, bits === undefined ? (family === 6 ? 128 : 32) : Number(bits), kind(family));
  } catch {
    return false; // no such prefix length
  }
  return list.check(given, kind(isIP(given)));
};

const same: Compare = (wanted, given) => wanted === given;
const sameText: Compare = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();

const is = (compare: Compare): Operator => ({ compare, negated: false });
const not = (compare: Compare): Operator => ({ compare, negated: true });
const equal = (a: number, b: number) => a === b;

const ordered = (name: string, by: typeof numeric): [string, Operator][] => [
  [`${name}equals`, is(by(equal))],
  [`${name}notequals`, not(by(equal))],
  [`${name}lessthan`, is(by((a, b) => a < b))],
  [`${name}lessthanequals`, is(by((a, b) => a <= b))],
  [`${name}greaterthan`, is(by((a, b) => a > b))],
  [`${name}greaterthanequals`, is(by((a, b) => a >= b))],
];

/** IAM's condition operators by lower-case name; `Null` is a case of its own. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ["stringequals", is(same)],
  ["stringnotequals", not(same)],
  ["stringequalsignorecase", is(sameText)],
  ["stringnotequalsignorecase", not(sameText)],
  ["stringlike", is(matches)],
  ["stringnotlike", not(matches)],
  ...ordered("numeric", numeric),
  ...ordered("date", date),
  ["bool", is(sameText)],
  ["binaryequals", is(same)],
  ["ipaddress", is(ip)],
  ["notipaddress", not(ip)],
  ["arnequals", is(arnMatches)],
  ["arnlike", is(arnMatches)],
  ["arnnotequals", not(arnMatches)],
  ["arnnotlike", not(arnMatches)],
]);
