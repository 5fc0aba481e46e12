import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { createCache } from "#core/cache/cache.ts";
import { createHearingStore } from "#core/cache/hearing-store.ts";
import type { Stats } from "#core/cache/options.ts";
import type { CacheStore } from "#core/cache/store.ts";
import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import { Problem } from "#core/kit/problem.ts";
import { CACHE_CHANNEL } from "./infra.schema.ts";
import { type LinkName, linkKey, linkName } from "./link.keys.ts";
import type { LinkItem } from "./link.model.ts";

/** What a redirect needs of a link. */
export type Followed = Pick<
  LinkItem,
  | "id"
  | "domain"
  | "code"
  | "url"
  | "redirect"
  | "rules"
  | "expiresAt"
  | "clicksLeft"
  | "password"
  | "disabled"
  | "blocked"
>;

/** Links of one process: its memory, a tier that all share where there is one, then the table. */
export interface LinkCache {
  /** `loaded`: the table was read. */
  read(name: LinkName): Promise<{ readonly link: Followed | null; readonly loaded: boolean }>;
  /** A link was changed: what every process has of it is void. */
  drop(name: LinkName): Promise<void>;
  /** Of memory and the tier below it. */
  readonly stats?: () => Stats;
}

/** What others did is heard within this time of use. */
export const SYNC_MS = 1_000;
/** Of memory. What was lost of the news, by whatever failed, is old for this long at most. */
export const TTL_MS = 60_000;
/** A code that was asked for in vain works this soon after it was created; so does one taken over from a link that ended. */
export const NEGATIVE_TTL_MS = 1_000;
/** Of the tier that all share: so old at most is what was lost of the news there. */
export const SHARED_TTL_MS = 300_000;

const MEMORY = { entries: 20_000, bytes: 16 * 1_024 * 1_024, ttl: TTL_MS }; // about 0.7 KB each, of 1,024 MB
const STORE_TIMEOUT_MS = 500; // beyond it a visitor is better served by the table

const REST_MS = 5_000; // a cluster that does not answer costs a visitor its wait once in this time

/** Where copies are kept besides memory, and whether a link's replicas may lag behind what was heard of it. */
export interface Tier {
  readonly store: CacheStore;
  /** All processes read it: it is filled from the primary copy alone, and with no password's hash. */
  readonly shared: boolean;
  readonly changedLately?: (key: string) => boolean;
}

/** Links of one process over a tier. */
export const createLinkCache = ({ store, shared, changedLately }: Tier): LinkCache => {
  const lifetime = (value: unknown) => lifetimeOf(value as Followed, shared);
  const cache = createCache({
    namespace: CACHE_CHANNEL,
    store,
    l1: MEMORY,
    syncMs: SYNC_MS,
    heeds: "needed",
    storeTimeoutMs: STORE_TIMEOUT_MS,
    failureMs: 0, // the next visitor tries anew
    defaults: { ttl: shared ? SHARED_TTL_MS : TTL_MS, negativeTtl: NEGATIVE_TTL_MS, lifetime },
  });
  return {
    read: async (name) => {
      const { pk } = linkKey(name.domain, name.code);
      let loaded = false;
      const link = await cache.getOrSet(pk, () => {
        loaded = true;
        return load(name, shared || (changedLately?.(linkName(name)) ?? false));
      });
      return { link, loaded };
    },
    drop: async ({ domain, code }) => {
      await cache.delete(linkKey(domain, code).pk);
    },
    stats: cache.stats,
  };
};

// Judged again on each request; but for its clicks, which only the table can count, and its end, after which another may have its code.
const lifetimeOf = (link: Followed, shared: boolean): number => {
  if (link.clicksLeft !== undefined || (shared && link.password !== undefined)) return 0;
  if (link.expiresAt === undefined) return Number.POSITIVE_INFINITY;
  const left = link.expiresAt - now();
  return left > 0 ? left : NEGATIVE_TTL_MS;
};

/** One GetItem: 0.5 RCU, strong 1. */
const load = async ({ domain, code }: LinkName, strong: boolean): Promise<Followed | null> => {
  const { Item } = await documents().send(
    new GetCommand({
      TableName: linked("ShortenerTable").name,
      Key: linkKey(domain, code),
      ConsistentRead: strong,
    }),
  );
  return Item === undefined ? null : toFollowed(Item as LinkItem);
};

const toFollowed = (item: LinkItem): Followed => {
  const { id, url, redirect, rules, expiresAt, clicksLeft, password, disabled, blocked } = item;
  const { domain, code } = item;
  return { id, domain, code, url, redirect, rules, expiresAt, clicksLeft, password, disabled, blocked };
};

interface Own {
  readonly cache: Promise<LinkCache>;
  /** It is opened anew from then on. */
  until: number;
}

let own: Own | undefined;

/** This process's, over the tier that is configured. Where that cannot be reached the table alone answers, for a while. */
export const linkCache = (): Promise<LinkCache> => {
  own = own && now() < own.until ? own : begin();
  return own.cache;
};

const begin = (): Own => {
  const cache = open().catch((error: unknown) => {
    mine.until = now() + REST_MS;
    return withoutTier(error);
  });
  const mine: Own = { until: Number.POSITIVE_INFINITY, cache };
  return mine;
};

const withoutTier = (cause: unknown): LinkCache => ({
  read: async (name) => ({ link: await load(name, false), loaded: true }),
  drop: async () => {
    throw new Problem("unavailable", "The store of links cannot be reached", { cause });
  },
});

const open = async () => createLinkCache(process.env.VALKEY_NODES ? await valkeyTier() : hearingTier());

const valkeyTier = async (): Promise<Tier> => {
  const { connectValkeyStore } = await import("#core/cache/valkey-connect.ts");
  return sharedTier(await connectValkeyStore());
};

/** The feed alone. Before a table, another table as second tier costs more than it spares: docs/01-shortener.md. */
export const hearingTier = (): Tier => {
  const store = createHearingStore(linked("CacheTable").name, CACHE_CHANNEL);
  return { store, shared: false, changedLately: store.changedLately };
};

/**
 * A store of links that all processes read. Nobody waits for another's load: a lease would cost as much as the read it spares, and who
 * waits for one that ends in nothing (a link with a click limit is not kept) waits in line. What ends in all memories at once is
 * read once by each.
 */
export const sharedTier = (store: CacheStore): Tier => ({
  shared: true,
  store: {
    ...store,
    lease: async () => ({ taken: true, entry: undefined }),
    release: async () => {},
    // where no lease was left, none is looked for
    fill: (key, draft, expected) => store.fill(key, draft, expected),
  },
});

/** Forgets what this process keeps, as a new environment would. */
export const forgetLinkCache = (): void => {
  own = undefined;
};
