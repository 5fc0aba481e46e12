import { LRUCache } from "lru-cache";
import { now } from "#core/kit/clock.ts";
import type { LinkItem } from "./link.model.ts";

/** A link, or `null` for the knowledge that there is none. */
export type Cached = LinkItem | null;

/** Where the redirect keeps what it read. In this process today; a store shared by all of them fits behind it. */
export interface LinkCache {
  get(key: string): Promise<Cached | undefined> | Cached | undefined;
  set(key: string, link: Cached): Promise<void> | void;
}

const MAX_LINKS = 5_000; // about 1 KB each: 5 MB of an environment
/** An edit takes effect everywhere within this time. */
export const TTL_MS = 3_000;
/** A code that was asked for in vain works this soon after it was created. */
export const NEGATIVE_TTL_MS = 1_000;

/** Bounded, least recently used goes first; entries live for seconds, so that edits, blocks and deletions bite. */
export const memoryCache = (): LinkCache => {
  const cache = new LRUCache<string, { readonly link: Cached }>({
    max: MAX_LINKS,
    ttl: TTL_MS,
    ttlResolution: 0,
    perf: { now },
  });
  return {
    get: (key) => cache.get(key)?.link,
    set: (key, link) => void cache.set(key, { link }, { ttl: link === null ? NEGATIVE_TTL_MS : TTL_MS }),
  };
};
