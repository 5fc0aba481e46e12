import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { safeParse } from "valibot";
import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { Problem } from "#core/kit/problem.ts";
import { count } from "#core/kit/tally.ts";
import { domainOf, ownDomains } from "./domains.ts";
import { linkKey } from "./link.keys.ts";
import { Code } from "./link.schema.ts";
import { type Followed, linkCache } from "./link-cache.ts";
import { isExhausted, isExpired } from "./liveness.ts";
import { isOwn } from "./own.ts";
import { matchRule, type Visitor } from "./visitor.ts";

/** Where a visitor is sent, and how long the answer may be remembered by them. */
export interface Resolved {
  readonly id: string;
  readonly url: string;
  readonly status: 301 | 302 | 307 | 308;
  /** Seconds; 0: ask each time. */
  readonly maxAge: number;
}

/** What a visitor asks. */
export interface Visit {
  readonly code: string;
  readonly host: string;
  readonly visitor: Visitor;
  /** Whether this uses up one of the clicks of a limited link. HEAD does not. */
  readonly uses: boolean;
  /** What was typed on the page that asks for it. */
  readonly password?: string;
}

/**
 * Follows a link: nothing called when it is in memory, else one eventual GetItem (0.5 RCU). Once in a second of use, where something
 * in memory is about to be served, one Query (0.5 RCU) asks what others changed. A link with a click limit is never cached and costs
 * one conditional write more, which is what makes the limit exact.
 */
export const resolve = async (visit: Visit): Promise<Resolved> => {
  try {
    const resolved = await follow(visit);
    count("RedirectsFollowed");
    return resolved;
  } catch (error) {
    count(error instanceof Problem ? "RedirectsRefused" : "RedirectsFailed");
    throw error;
  }
};

const follow = async (visit: Visit): Promise<Resolved> => {
  const link = await lookUp(visit);
  check(link);
  if (link.password !== undefined) await unlock(link.password, visit.password);
  const own = ownDomains(visit.host);
  const url = matchRule(link.rules ?? [], visit.visitor, link.id) ?? link.url;
  // A domain may have become ours after the link was made: it must not send visitors round in circles.
  const target = URL.parse(url);
  if (!target || isOwn(target, own))
    throw new Problem("link-disabled", "This link leads back to short links");
  if (link.clicksLeft !== undefined && visit.uses) await spend(link);
  return { id: link.id, url, status: link.redirect as Resolved["status"], maxAge: maxAgeOf(link) };
};

const codeOf = (text: string): string | undefined => {
  const parsed = safeParse(Code, text);
  return parsed.success ? parsed.output : undefined;
};

/** What a request asks for, by one name however it is spelt: guesses at a link's password are counted by it. */
export const linkAsked = (text: string, host: string): string =>
  linkKey(domainOf(host), codeOf(text) ?? "").pk;

const lookUp = async ({ code: text, host }: Visit): Promise<Followed> => {
  const code = codeOf(text);
  const link = code === undefined ? null : await read(domainOf(host), code);
  if (link) return link;
  throw new Problem("not-found", "There is no such link");
};

const read = async (domain: string, code: string): Promise<Followed | null> => {
  const cache = await linkCache();
  const { link, loaded } = await cache.read({ domain, code });
  count(loaded ? "LinkCacheMiss" : "LinkCacheHit");
  return link;
};

// Judged on each request, cached or not: a link that expires while it is cached expires on time.
const check = (link: Followed) => {
  if (link.blocked) throw new Problem("link-blocked", "A moderator took this link down");
  if (isExpired(link)) throw new Problem("link-expired", "This link was made to end, and it has");
  if (link.disabled) throw new Problem("link-disabled", "Its owner switched this link off");
  if (isExhausted(link)) throw exhausted();
};

const exhausted = () =>
  new Problem("link-exhausted", "This link was made for a number of visits, and had them");

const unlock = async (stored: string, given: string | undefined) => {
  // Loaded when asked for: of a hundred links hardly one has a password.
  const { verifyPassword } = await import("./password.ts");
  if (given !== undefined && (await verifyPassword(given, stored))) return;
  const detail = given === undefined ? "Enter the password you were given" : "That is not the password";
  throw new Problem("password-required", detail, { ask: { name: "password", label: "Password" } });
};

/** Takes one click, if there is one left: of 300 at once for the last 100, exactly 100 get through. */
const spend = async (link: Followed) => {
  try {
    await documents().send(
      new UpdateCommand({
        TableName: linked("ShortenerTable").name,
        Key: linkKey(link.domain, link.code),
        UpdateExpression: "SET clicksLeft = clicksLeft - :one",
        ConditionExpression: "id = :id AND clicksLeft > :none",
        ExpressionAttributeValues: { ":id": link.id, ":one": 1, ":none": 0 },
      }),
    );
  } catch (error) {
    if (isConditionFailed(error)) throw exhausted();
    throw error;
  }
};

const MAX_AGE = 60;

/**
 * Browsers keep a 301 or 308 for ever unless told otherwise; a minute lets an edit reach them and a repeated click
 * count. What depends on who asks, or when, or how often, is asked for each time.
 */
const maxAgeOf = (link: Followed): number => {
  const permanent = link.redirect === 301 || link.redirect === 308;
  const varies = link.rules?.length || link.password !== undefined || link.clicksLeft !== undefined;
  if (!permanent || varies) return 0;
  const left = link.expiresAt === undefined ? MAX_AGE : Math.floor((link.expiresAt - now()) / 1000);
  return Math.min(MAX_AGE, left);
};
