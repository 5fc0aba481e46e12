import { createHash } from "node:crypto";
import Bowser from "bowser";
import { isbot } from "isbot";
import Negotiator from "negotiator";
import type { Device, LinkRule } from "./link.schema.ts";

/** Who follows a link, as far as a request tells. */
export interface Visitor {
  readonly ip: string;
  readonly userAgent: string;
  readonly acceptLanguage: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** The `Referer` header. */
  readonly referrer?: string;
}

const MAX_AGENT = 512; // parsing is a list of regular expressions: bound what they are run on

/** What the visitor holds in hand. Anything unknown is a desktop. */
export const deviceOf = (visitor: Visitor): Device => {
  const agent = visitor.userAgent.slice(0, MAX_AGENT);
  // `true` parses nothing ahead: only the platform is asked for.
  const type = agent === "" ? undefined : Bowser.getParser(agent, true).getPlatformType();
  return type === "mobile" || type === "tablet" ? type : "desktop";
};

/** Whether a program asks, by what it says of itself. No user agent at all is a program. */
export const isRobot = (visitor: Visitor): boolean =>
  visitor.userAgent === "" || isbot(visitor.userAgent.slice(0, MAX_AGENT));

/** Where the first rule leads whose every condition holds; undefined: the link's own URL. */
export const matchRule = (rules: readonly LinkRule[], visitor: Visitor, seed: string): string | undefined =>
  rules.find((rule, index) => {
    if (rule.countries && !rule.countries.includes(visitor.country ?? "")) return false;
    if (rule.devices && !rule.devices.includes(deviceOf(visitor))) return false;
    if (rule.languages && !rule.languages.includes(languageOf(visitor))) return false;
    return rule.percent === undefined || share(visitor, `${seed}#${index}`) < rule.percent;
  })?.url;

// The language the visitor likes best, without its region.
const languageOf = (visitor: Visitor): string => {
  const [best = ""] = new Negotiator({
    headers: { "accept-language": visitor.acceptLanguage.slice(0, MAX_AGENT) },
  }).languages();
  return best.split("-")[0]?.toLowerCase() ?? "";
};

/** 0 ≤ share < 100: the same visitor always falls on the same side of a split, with no cookie set and nothing stored. */
const share = (visitor: Visitor, seed: string): number =>
  (createHash("sha256").update(`${visitor.ip}\0${visitor.userAgent}\0${seed}`).digest().readUInt32BE(0) /
    2 ** 32) *
  100;

const MAX_HOST = 48;

/** Host of the page that linked here, empty when unknown. */
export const referrerHost = (visitor: Visitor): string => {
  const url = visitor.referrer === undefined ? null : URL.parse(visitor.referrer);
  if (!url?.protocol.startsWith("http")) return "";
  return url.hostname.replace(/^www\./, "").slice(0, MAX_HOST);
};

/** A visitor, from what the door knows of a request. */
export const toVisitor = (caller: {
  readonly ip: string;
  readonly country?: string;
  readonly headers: Readonly<Record<string, string>>;
}): Visitor => ({
  ip: caller.ip,
  userAgent: caller.headers["user-agent"] ?? "",
  acceptLanguage: caller.headers["accept-language"] ?? "",
  ...(caller.country !== undefined && { country: caller.country }),
  ...(caller.headers.referer !== undefined && { referrer: caller.headers.referer }),
});
