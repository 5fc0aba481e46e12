import { rfc3339 } from "#core/kit/clock.ts";
import { hostOf } from "./domains.ts";
import type { LinkItem } from "./link.model.ts";
import type { Link } from "./link.schema.ts";

/** Where a request came in: `https` and `go.example.com`. */
export interface Origin {
  readonly scheme: string;
  readonly host: string;
}

/** Address of a link as people write it. A code of another script is percent-encoded. */
export const shortUrl = (link: { domain: string; code: string }, { scheme, host }: Origin): string =>
  `${scheme}://${hostOf(link.domain, host)}/${encodeURIComponent(link.code)}`;

/** A stored link as the API shows it: never the password's hash, never the owner. */
export const toLink = (item: LinkItem, origin: Origin): Link => ({
  id: item.id,
  hash: item.code,
  domain: hostOf(item.domain, origin.host),
  short_url: shortUrl(item, origin),
  url: item.url,
  redirect: item.redirect as Link["redirect"],
  created_at: rfc3339(item.createdAt),
  updated_at: rfc3339(item.updatedAt),
  expires_at: item.expiresAt === undefined ? null : rfc3339(item.expiresAt),
  max_clicks: item.maxClicks ?? null,
  has_password: item.password !== undefined,
  disabled: item.disabled ?? false,
  blocked: item.blocked ?? false,
  title: item.title ?? null,
  tags: item.tags ?? [],
  rules: item.rules ?? [],
  preview: item.preview ?? null,
  lookalike: item.lookalike ?? false,
  revision: item.revision,
});
