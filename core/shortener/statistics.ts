import type { User } from "#core/identity/user.schema.ts";
import { now, rfc3339 } from "#core/kit/clock.ts";
import { dayOf } from "./click.ts";
import { type Day, readBuckets, readDays } from "./click-days.ts";
import { addTotals, emptyTotals, type Totals, top } from "./click-totals.ts";
import type { LinkName } from "./link.keys.ts";
import type { Device, LinkStats } from "./link.schema.ts";
import { get } from "./links.ts";

const DAY_MS = 86_400_000;
const MAX_REFERRERS = 20;
const MAX_LIVE_PAGES = 4; // 4 MB, some 110,000 clicks since the last roll-up; more is answered as `partial`

/**
 * Clicks of one of the user's own links on the last `days` days (UTC): totals of each day, and the buckets that are not
 * folded into them yet. Totals are read first and say up to which hour they count, so no click is counted twice while a
 * roll-up runs. Buckets live only in the last two days unless the roll-up stands still.
 */
export const stats = async (name: LinkName, user: User, days: number): Promise<LinkStats> => {
  const link = await get(name, user);
  const at = now();
  const wanted = Array.from({ length: days }, (_, index) => dayOf(at - (days - 1 - index) * DAY_MS));
  const known = await readDays(link.id, wanted[0] ?? "", wanted.at(-1) ?? "");
  const live = await Promise.all(
    wanted.map((day) => (day >= dayOf(at - DAY_MS) ? readLive(link.id, day, known.get(day)) : undefined)),
  );
  const sum = emptyTotals();
  const rows = wanted.map((day, index) => {
    const totals = emptyTotals();
    for (const part of [known.get(day)?.totals, live[index]?.totals]) if (part) addTotals(totals, part);
    addTotals(sum, totals);
    return { day, clicks: totals.clicks, bots: totals.bots };
  });
  const partial = live.some((part) => part?.complete === false);
  return toStats(link.code, sum, rows, partial);
};

const readLive = async (link: string, day: string, known: Day | undefined) => {
  const from = known?.through ?? "";
  if (from === "24") return undefined;
  const range = {
    shards: known?.shards ?? [],
    from,
    before: "24",
    consistent: false,
    maxPages: MAX_LIVE_PAGES,
  };
  return readBuckets(link, day, range);
};

const toStats = (hash: string, sum: Totals, days: LinkStats["days"], partial: boolean): LinkStats => ({
  hash,
  clicks: sum.clicks,
  bots: sum.bots,
  days,
  countries: top(sum.countries, 250).map(([country, clicks]) => ({ country, clicks })),
  referrers: top(sum.referrers, MAX_REFERRERS).map(([referrer, clicks]) => ({ referrer, clicks })),
  devices: top(sum.devices, 3).map(([device, clicks]) => ({ device: device as Device, clicks })),
  last_click_at: sum.lastAt === 0 ? null : rfc3339(sum.lastAt),
  partial,
});
