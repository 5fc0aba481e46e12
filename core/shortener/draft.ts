import { createHash } from "node:crypto";
import { now } from "#core/kit/clock.ts";
import { newId } from "#core/kit/id.ts";
import { hashUrl, toDestination } from "./destination.ts";
import { chooseDomain, ownDomains } from "./domains.ts";
import type { LinkItem } from "./link.model.ts";
import type { LinkRule, NewLink } from "./link.schema.ts";
import { hashPassword } from "./password.ts";

/** A link that lacks nothing but its code. */
export type Draft = Omit<LinkItem, "code"> & { readonly identity: string };

/** Everything a request decides, checked. `owner` is empty for nobody. */
export const toDraft = async (input: NewLink, owner: string, host: string): Promise<Draft> => {
  const domain = chooseDomain(host, input.domain);
  const own = ownDomains(host);
  const { url, lookalike } = toDestination(input.url, own);
  const checked = toRules(input.rules ?? [], own);
  const redirect = input.redirect ?? 302;
  const behaviour = [owner, domain, url, redirect, input.expires_in, input.max_clicks, checked.rules];
  // The salt is the link's own, so that the same request again gives the same identity, and the identity, which
  // holds the slow hash and never the password, is no quicker way to guess it.
  const salt = createHash("sha256").update(JSON.stringify(behaviour)).digest().subarray(0, 16);
  const password = input.password === undefined ? undefined : await hashPassword(input.password, salt);
  const at = now();
  return {
    ...{
      domain,
      id: newId("lnk"),
      owner,
      url,
      urlHash: hashUrl(url),
      redirect,
      createdAt: at,
      updatedAt: at,
    },
    identity: toIdentity([...behaviour, password]),
    ...(input.expires_in !== undefined && toExpiry(at + input.expires_in * 1000)),
    ...(input.max_clicks !== undefined && { maxClicks: input.max_clicks, clicksLeft: input.max_clicks }),
    ...(password !== undefined && { password }),
    ...(input.title !== undefined && { title: input.title }),
    ...(input.tags?.length && { tags: [...new Set(input.tags)] }),
    ...(checked.rules.length > 0 && { rules: checked.rules }),
    ...((lookalike || checked.lookalike) && { lookalike: true }),
    revision: 1,
  };
};

/** Rules with their URLs checked and made canonical, as the link's own is. */
export const toRules = (
  rules: readonly LinkRule[],
  own: readonly string[],
): { readonly rules: LinkRule[]; readonly lookalike: boolean } => {
  const targets = rules.map((rule) => toDestination(rule.url, own));
  return {
    rules: rules.map((rule, index) => ({ ...rule, url: targets[index]?.url ?? rule.url })),
    lookalike: targets.some((target) => target.lookalike),
  };
};

/** An ended link is kept for so long, that visitors hear it has ended (410), and not that it never was (404). */
export const KEPT_DAYS = 7;

/** When a link ends, and when TTL may take it. Its code is free from the end on: whoever claims it replaces the item. */
export const toExpiry = (expiresAt: number): { expiresAt: number; ttl: number } => ({
  expiresAt,
  ttl: Math.ceil(expiresAt / 1000) + KEPT_DAYS * 86_400,
});

/**
 * Two requests for the same link have the same identity: owner, domain, canonical URL and whatever changes what a
 * visitor meets. Title and tags are labels and do not count; expiry counts as it was asked, in seconds.
 */
const toIdentity = (parts: readonly unknown[]) =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
