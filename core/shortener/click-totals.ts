import type { Seen } from "./click.ts";

/** Clicks added up. People only, but for `bots`. */
export interface Totals {
  clicks: number;
  bots: number;
  /** Epoch ms of the last click by a person. */
  lastAt: number;
  readonly countries: Map<string, number>;
  readonly referrers: Map<string, number>;
  readonly devices: Map<string, number>;
}

/** No clicks. */
export const emptyTotals = (): Totals => ({
  clicks: 0,
  bots: 0,
  lastAt: 0,
  countries: new Map(),
  referrers: new Map(),
  devices: new Map(),
});

const MAX_REFERRERS = 10_000; // anybody can send any referrer: what one day holds in memory is bounded

const bump = (map: Map<string, number>, key: string, by = 1) => map.set(key, (map.get(key) ?? 0) + by);

/** Adds one click. */
export const addSeen = (totals: Totals, seen: Seen): void => {
  if (seen.bot) {
    totals.bots++;
    return;
  }
  totals.clicks++;
  totals.lastAt = Math.max(totals.lastAt, seen.at);
  if (seen.country !== "") bump(totals.countries, seen.country);
  if (totals.referrers.size < MAX_REFERRERS || totals.referrers.has(seen.referrer)) {
    bump(totals.referrers, seen.referrer);
  }
  bump(totals.devices, seen.device);
};

/** Adds `more` to `totals`. */
export const addTotals = (totals: Totals, more: Totals): void => {
  totals.clicks += more.clicks;
  totals.bots += more.bots;
  totals.lastAt = Math.max(totals.lastAt, more.lastAt);
  for (const [key, value] of more.countries) bump(totals.countries, key, value);
  for (const [key, value] of more.referrers) bump(totals.referrers, key, value);
  for (const [key, value] of more.devices) bump(totals.devices, key, value);
};

/** The entries with the highest counts, highest first; equal ones by name. */
export const top = (counts: ReadonlyMap<string, number>, limit: number): [string, number][] =>
  [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, limit);

const DAY_REFERRERS = 50;

/** Totals as a day's item holds them. Its referrers are the day's top 50: sums over days are exact for those. */
export const toAttributes = (totals: Totals) => ({
  clicks: totals.clicks,
  bots: totals.bots,
  lastAt: totals.lastAt,
  countries: Object.fromEntries(totals.countries),
  // A list of pairs: an attribute name may not be empty, and no referrer at all is a referrer too.
  referrers: top(totals.referrers, DAY_REFERRERS),
  devices: Object.fromEntries(totals.devices),
});

/** The inverse of `toAttributes`; an item that only names shards counts nothing. */
export const fromAttributes = (item: Partial<ReturnType<typeof toAttributes>>): Totals => ({
  clicks: item.clicks ?? 0,
  bots: item.bots ?? 0,
  lastAt: item.lastAt ?? 0,
  countries: new Map(Object.entries(item.countries ?? {})),
  referrers: new Map(item.referrers ?? []),
  devices: new Map(Object.entries(item.devices ?? {})),
});
