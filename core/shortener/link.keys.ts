import { CACHE_CHANNEL } from "./infra.schema.ts";

/** Key of an item of ShortenerTable. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Which link: its code, and the domain it stands on. */
export interface LinkName {
  readonly domain: string;
  readonly code: string;
}

// Kept apart from the model: the redirect and the click counter need keys, not the model's library (280 KB).

/** Pattern 1. A domain holds no `/`, so no two links share a key. */
export const linkKey = (domain: string, code: string): Key => ({ pk: `LNK#${domain}/${code}`, sk: "LINK" });

/** How caches call a link: its key in the cache's namespace. */
export const linkName = ({ domain, code }: LinkName): string =>
  `${CACHE_CHANNEL}:${linkKey(domain, code).pk}`;

/** Pattern 4. */
export const markerKey = (identity: string): Key => ({ pk: `IDN#${identity}`, sk: "IDN" });

/** Pattern 5. */
export const counterKey: Key = { pk: "CTR#codes", sk: "CTR" };

/** Pattern 6: one item collection for each day and shard, so that a hot link spreads over partitions. */
export const bucketsOf = (link: string, day: string, shard: number): string => `CLK#${link}#${day}#${shard}`;

/** Pattern 7. */
export const totalsOf = (link: string): string => `STS#${link}`;

/** Pattern 8: the work list of a day, in lanes because one partition takes 1,000 writes a second. */
export const workOf = (day: string, lane: number): string => `WRK#${day}#${lane}`;
