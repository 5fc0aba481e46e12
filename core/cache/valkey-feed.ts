import * as v from "valibot";
import { isPlain } from "./cache.keys.ts";
import type { CacheStore, Change } from "./store.ts";
import { send } from "./valkey-scripts.ts";
import type { Shard } from "./valkey-shards.ts";

/** Entries asked for at a time. */
const PAGE = 1_000;

/** How a name goes into a feed: as it is, or in UTF-16 where UTF-8 cannot hold it. */
export const told = (what: "key" | "mark", name: string): [field: string, name: string | Buffer] =>
  isPlain(name) ? [what, name] : [`${what}16`, Buffer.from(name, "utf16le")];

/** Last entry read of each shard. */
const Cursor = v.record(v.string(), v.string());

type Entry = [id: Buffer, fields: Buffer[]];

const toChange = (shard: Shard, [id, fields]: Entry): Change[] => {
  const [field = "", name, , version] = fields.map((each, n) => (n === 1 ? each : String(each)));
  if (!Buffer.isBuffer(name) || version === undefined) return [];
  const text = name.toString(String(field).endsWith("16") ? "utf16le" : "utf8");
  const what = String(field).startsWith("key") ? { key: text } : { mark: text };
  return [{ id: `${shard.id}/${id}`, ...what, version: Number(version) }];
};

/** Where a feed ends. One that is empty is given a first entry, so that a later reader can tell it from one that was lost. */
const endOf = async ({ client, feed }: Shard): Promise<string> => {
  const [last] = (await send(client, "xrevrange", [feed, "+", "-", "COUNT", 1])) as Entry[];
  return String(last?.[0] ?? (await send(client, "xadd", [feed, "*", "start", "1"])));
};

interface News {
  readonly changes: Change[];
  readonly last: string;
  readonly gap: boolean;
}

const start = async (shard: Shard, gap: boolean): Promise<News> => ({
  changes: [],
  gap,
  last: await endOf(shard),
});

/** From the last entry read on: it comes first, unless it was trimmed, or its server died before its replica had it. */
const readOn = async (shard: Shard, last: string): Promise<News> => {
  const changes: Change[] = [];
  for (let from = last; ; ) {
    const page = (await send(shard.client, "xrange", [shard.feed, from, "+", "COUNT", PAGE])) as Entry[];
    if (String(page[0]?.[0]) !== from) return start(shard, true);
    changes.push(...page.slice(1).flatMap((entry) => toChange(shard, entry)));
    from = String(page.at(-1)?.[0]);
    if (page.length < PAGE) return { changes, last: from, gap: false };
  }
};

/**
 * One command a shard, all of them at once. Where one does not answer, nobody knows what happened there: a gap, until it does.
 */
export const changesSince = async (
  shards: readonly Shard[],
  cursor: string | undefined,
): ReturnType<CacheStore["changes"]> => {
  const lasts = cursor === undefined ? undefined : v.parse(Cursor, JSON.parse(cursor));
  const news = await Promise.allSettled(
    shards.map((shard) => {
      const last = lasts?.[shard.id];
      return last === undefined ? start(shard, lasts !== undefined) : readOn(shard, last);
    }),
  );
  const [failed] = news.filter((each) => each.status === "rejected");
  if (failed && news.every((each) => each.status === "rejected")) throw failed.reason;
  const heard = news.map((each) => (each.status === "fulfilled" ? each.value : undefined));
  const known = shards.flatMap(({ id }, n) => (heard[n] ? [[id, heard[n].last] as const] : []));
  return {
    changes: heard.flatMap((each) => each?.changes ?? []),
    cursor: JSON.stringify(Object.fromEntries(known)),
    gap: failed !== undefined || heard.some((each) => each?.gap),
  };
};
