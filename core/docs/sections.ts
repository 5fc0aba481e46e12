import { CacheAnswer, cacheApi, NewEntry } from "#core/cache/api.schema.ts";
import { CacheStats, Ring } from "#core/cache/report.schema.ts";
import { Session, SignedUp } from "#core/identity/account.schema.ts";
import { identityApi } from "#core/identity/api.schema.ts";
import { Checked, limitsApi, StandingRule } from "#core/limits/api.schema.ts";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import { BulkOutcomes, Link, LinkPage, LinkPatch, LinkStats, NewLink } from "#core/shortener/link.schema.ts";
import { docsApi } from "./api.schema.ts";
import type { Section } from "./openapi.ts";

const link = {
  id: "lnk_01JDDQ2ZP0V5K4N6D0Y3ZB8Q1C",
  hash: "gX7mQ2a",
  domain: "go.example",
  short_url: "https://go.example/gX7mQ2a",
  url: "https://example.com/spring?utm_source=mail",
  redirect: 302,
  created_at: "2026-11-23T21:00:00.000Z",
  updated_at: "2026-11-23T21:00:00.000Z",
  expires_at: "2026-11-30T21:00:00.000Z",
  max_clicks: null,
  has_password: false,
  disabled: false,
  blocked: false,
  title: "Spring campaign",
  tags: ["spring"],
  rules: [],
  preview: null,
  lookalike: false,
  revision: 1,
};

/** Every API of the product, in reading order. */
export const sections: readonly Section[] = [
  {
    name: "shortener",
    description: "Short links: make, follow, change, count.",
    api: shortenerApi,
    schemas: { NewLink, LinkPatch, Link, LinkPage, LinkStats, BulkOutcomes },
    examples: {
      shorten: {
        request: {
          url: "https://example.com/spring?utm_source=mail",
          expires_in: 604_800,
          title: "Spring campaign",
        },
        reply: link,
      },
      get: { reply: link },
      edit: { request: { url: "https://example.com/summer", revision: 1 }, reply: { ...link, revision: 2 } },
      list: { reply: { links: [link], cursor: null } },
    },
  },
  {
    name: "cache",
    description: "A cache of one's own namespaces: entries, the records behind them, invalidation, figures.",
    api: cacheApi,
    schemas: { NewEntry, CacheAnswer, CacheStats, Ring },
    examples: {
      put: {
        request: { value: { title: "Spring" }, ttl: 60_000, tags: ["page"], strategy: "write-through" },
        reply: { key: "home", version: 1, expires_at: "2026-11-23T21:01:00.000Z" },
      },
      get: {
        reply: {
          key: "home",
          value: { title: "Spring" },
          tier: "l2",
          fresh: true,
          loaded: false,
          version: 1,
          expires_at: "2026-11-23T21:01:00.000Z",
          tags: ["page"],
          took_ms: 4.2,
        },
      },
      invalidate: { request: { namespace: "pages", tag: "page" }, reply: { version: 1 } },
    },
  },
  {
    name: "identity",
    description: "Accounts and sessions.",
    api: identityApi,
    schemas: { Session, SignedUp },
    examples: { signIn: { request: { email: "ada@example.com", password: "correct horse battery" } } },
  },
  {
    name: "limits",
    description: "Rate limits: rules, decisions, lists and bans of one's own, and those that guard this API.",
    api: limitsApi,
    schemas: { Checked, StandingRule },
    examples: {
      check: {
        request: { rule: "sms", key: "customer-7", cost: 1 },
        reply: {
          allowed: true,
          rule: "sms",
          within_limit: true,
          limit: 100,
          remaining: 99,
          reset_ms: 600,
          retry_after_ms: 0,
          wait_ms: 0,
          decided_by: "store",
        },
      },
      define: {
        request: { name: "sms", algorithm: "token-bucket", limit: 100, window: 60, scope: "user" },
      },
      enlist: { request: { kind: "cidr", value: "203.0.113.0/24", until: "2026-12-31T00:00:00Z" } },
    },
  },
  { name: "docs", description: "What the API says of itself.", api: docsApi, schemas: {} },
];
