import * as v from "valibot";
import { now } from "#core/kit/clock.ts";
import { Problem } from "#core/kit/problem.ts";
import { toAddress } from "./address.ts";
import type { Who } from "./judgement.ts";
import { Listed } from "./listed.schema.ts";
import { inRange, rangeOf } from "./ranges.ts";

export type ListName = "allow" | "deny";

/** An entry as it is stored, with the list it stands on. */
export const StoredListed = v.object({ ...Listed.entries, list: v.picklist(["allow", "deny"]) });

/** An entry, and what it is stored under. */
export interface Entry extends v.InferOutput<typeof StoredListed> {
  readonly name: string;
  readonly revision: number;
}

/** Who is asked about: `key` is what a level counts. */
export interface Subject extends Who {
  readonly key?: string;
}

const wrong = (message: string) =>
  new Problem("invalid-request", `/value: ${message}`, {
    issues: [{ in: "body", pointer: "/value", message }],
  });

/** An entry in its one spelling, so that nobody stands on a list twice. */
export const spelled = (listed: Listed): Listed => {
  if (listed.kind === "ip") {
    const value = toAddress(listed.value);
    if (value === undefined) throw wrong("This is no IPv4 or IPv6 address");
    return { ...listed, value };
  }
  if (listed.kind === "cidr") {
    const value = rangeOf(listed.value);
    if (value === undefined) throw wrong("This is no range: write it as 203.0.113.0/24 or 2001:db8::/48");
    return { ...listed, value };
  }
  return listed;
};

const names = ({ kind, value }: Listed, who: Subject): boolean => {
  if (kind === "user") return who.user === value;
  if (kind === "api-key") return who.apiKey === value;
  if (kind === "key") return who.key === value;
  if (who.ip === undefined) return false;
  return kind === "ip" ? toAddress(who.ip) === value : inRange(who.ip, value);
};

/** Whether an entry holds yet. */
export const holds = ({ until }: Listed): boolean => until === undefined || Date.parse(until) > now();

/** The entry by which somebody is denied, or else allowed: who is on both lists is denied. */
export const verdictOn = (entries: readonly Entry[], who: Subject): Entry | undefined => {
  const meant = entries.filter((entry) => holds(entry) && names(entry, who));
  return meant.find(({ list }) => list === "deny") ?? meant[0];
};
