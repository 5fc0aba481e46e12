import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { LRUCache } from "lru-cache";
import pMap from "p-map";
import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import { metrics } from "#core/kit/metrics.ts";
import { type Click, dayOf, hourOf, toRecord } from "./click.ts";
import { BUCKET_TTL_DAYS, HORIZON_DAYS, listTouched } from "./click-work.ts";
import { bucketsOf, totalsOf } from "./link.keys.ts";

const CONCURRENCY = 16;
const DAY_MS = 86_400_000;

interface Bucket {
  readonly link: string;
  readonly day: string;
  readonly hour: string;
  readonly shard: number;
  readonly name: string;
  readonly records: Set<string>;
}

// What this environment has put on the work list this hour already, and the shards it has made known.
const listed = new LRUCache<string, true>({ max: 50_000 });

/**
 * Counts clicks: each bucket is a set, and adding to a set a member it holds changes nothing. So deliveries may repeat,
 * overlap, come in any order or break off half-way and be made again; the count comes out the same, with no condition
 * and no read (a G-Set: Shapiro et al., "Conflict-free Replicated Data Types", 2011).
 * For each link 1 call and 1 WCU per flush of up to 28 clicks, 1 more for each further 28; besides, one write a flush
 * for the work list, and only if it names a link for the first time in this hour.
 */
export const count = async (clicks: readonly Click[]): Promise<void> => {
  const inTime = clicks.filter((click) => Date.parse(click.timestamp) > now() - HORIZON_DAYS * DAY_MS);
  if (inTime.length < clicks.length)
    metrics.addMetric("ClicksTooLate", "Count", clicks.length - inTime.length);
  const buckets = group(inTime);
  // The list comes first: a bucket nobody knows of would never reach the totals.
  await announce(buckets);
  await pMap(buckets, add, { concurrency: CONCURRENCY });
  metrics.addMetric("ClicksCounted", "Count", inTime.length);
};

const group = (clicks: readonly Click[]): Bucket[] => {
  const buckets = new Map<string, Bucket>();
  for (const click of clicks) {
    const { link, shard, bucket: name } = click;
    const at = Date.parse(click.timestamp);
    const hour = hourOf(at);
    const key = [link, hour, shard, name].join();
    const bucket = buckets.get(key) ?? {
      link,
      day: dayOf(at),
      hour,
      shard,
      name,
      records: new Set<string>(),
    };
    bucket.records.add(toRecord(click));
    buckets.set(key, bucket);
  }
  return [...buckets.values()];
};

const add = async (bucket: Bucket) => {
  const closes = Date.parse(`${bucket.hour}:00:00.000Z`) / 1000;
  await documents().send(
    new UpdateCommand({
      TableName: linked("ShortenerTable").name,
      Key: {
        pk: bucketsOf(bucket.link, bucket.day, bucket.shard),
        sk: `${bucket.hour.slice(11)}#${bucket.name}`,
      },
      UpdateExpression: "SET #ttl = :ttl ADD clicks :clicks",
      ExpressionAttributeNames: { "#ttl": "ttl" },
      ExpressionAttributeValues: { ":ttl": closes + BUCKET_TTL_DAYS * 86_400, ":clicks": bucket.records },
    }),
  );
};

const announce = async (buckets: readonly Bucket[]) => {
  const hour = hourOf(now());
  const touched = [...new Set(buckets.map(({ link, day }) => `${link}#${day}`))];
  const unlisted = touched.filter((entry) => !listed.has(`${hour}#${entry}`));
  if (unlisted.length > 0) await listTouched(unlisted);
  for (const entry of unlisted) listed.set(`${hour}#${entry}`, true);
  await pMap(
    buckets.filter(({ shard }) => shard > 0),
    registerShard,
    { concurrency: CONCURRENCY },
  );
};

// Readers ask shard 0; the day's totals name the others that a hot link was spread over.
const registerShard = async ({ link, day, shard }: Bucket) => {
  const memo = `${link}#${day}#${shard}`;
  if (listed.has(memo)) return;
  listed.set(memo, true);
  try {
    await documents().send(
      new UpdateCommand({
        TableName: linked("ShortenerTable").name,
        Key: { pk: totalsOf(link), sk: day },
        UpdateExpression: "ADD shards :shard",
        ExpressionAttributeValues: { ":shard": new Set([shard]) },
      }),
    );
  } catch (error) {
    listed.delete(memo);
    throw error;
  }
};

/** Forgets what was listed, as a new environment would. */
export const forgetListed = (): void => listed.clear();
