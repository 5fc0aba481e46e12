import { DeleteCommand, paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { metrics } from "#core/kit/metrics.ts";
import { dayOf, hourOf } from "./click.ts";
import { readBuckets, readDays } from "./click-days.ts";
import { toAttributes } from "./click-totals.ts";
import { finish, HORIZON_DAYS, type Work, workOn } from "./click-work.ts";
import { totalsOf } from "./link.keys.ts";

const DAY_MS = 86_400_000;
/** An hour is closed this long after it ended: longer than a delivery in flight may take to write. */
const GRACE_MS = 5 * 60_000;
const CONCURRENCY = 16;
/** A day's totals are kept as long as anybody can ask for them (366 days), and go by themselves then. */
const TOTALS_TTL_DAYS = 400;

/**
 * Folds clicks into daily totals. A day is added up anew from all its buckets and SET, never added to, so doing it
 * twice, or by two at once, or again after a late delivery, gives the same; the work list says which days to do. Stops
 * when `hasTime` says so: what is left is on the list still. Returns how many days were folded.
 */
export const rollUp = async (hasTime: () => boolean = () => true): Promise<number> => {
  const cutoff = now() - GRACE_MS;
  const done = new Set<string>();
  // Every day within the horizon is looked at, 4 queries each: what an earlier run left behind is found. Deliveries of an
  // hour are all written once it is closed, so a fold that starts later has seen them.
  for (let age = HORIZON_DAYS; age >= 0 && hasTime(); age--) {
    const day = dayOf(cutoff - age * DAY_MS);
    const before = age === 0 ? hourOf(cutoff).slice(11) : "24";
    for await (const page of workOn(day, before)) {
      await pMap(page, (work) => perform(work, cutoff, done, hasTime), { concurrency: 2 });
    }
  }
  metrics.addMetric("DaysFolded", "Count", done.size);
  return done.size;
};

const perform = async (work: Work, cutoff: number, done: Set<string>, hasTime: () => boolean) => {
  const todo = work.touched.filter(({ link, day }) => !done.has(`${link}#${day}`));
  await pMap(
    todo,
    async ({ link, day }) => {
      if (!hasTime()) return;
      await fold(link, day, cutoff);
      done.add(`${link}#${day}`);
    },
    { concurrency: CONCURRENCY },
  );
  await pMap(work.forgotten, forget, { concurrency: CONCURRENCY });
  if (work.touched.every(({ link, day }) => done.has(`${link}#${day}`))) await finish(work);
};

const fold = async (link: string, day: string, cutoff: number) => {
  const through = day < dayOf(cutoff) ? "24" : hourOf(cutoff).slice(11);
  const shards = (await readDays(link, day, day, true)).get(day)?.shards ?? [];
  // Consistent: what is folded may never be read again as buckets.
  const range = { shards, from: "00", before: through, consistent: true, maxPages: Number.POSITIVE_INFINITY };
  const { totals } = await readBuckets(link, day, range);
  const values = { ...toAttributes(totals), through, ttl: Date.parse(day) / 1000 + TOTALS_TTL_DAYS * 86_400 };
  const names = Object.keys(values);
  try {
    await documents().send(
      new UpdateCommand({
        TableName: linked("ShortenerTable").name,
        Key: { pk: totalsOf(link), sk: day },
        // SET leaves `shards` alone. A slower roll-up that started earlier must not undo a later one.
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
        ConditionExpression: "attribute_not_exists(#through) OR #through <= :through",
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(
          Object.entries(values).map(([name, value]) => [`:${name}`, value]),
        ),
      }),
    );
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
};

/** Totals of a deleted link. Buckets of it end by TTL. */
const forget = async (link: string) => {
  const pages = paginateQuery(
    { client: documents() },
    {
      TableName: linked("ShortenerTable").name,
      KeyConditionExpression: "pk = :pk",
      ProjectionExpression: "pk, sk",
      ExpressionAttributeValues: { ":pk": totalsOf(link) },
    },
  );
  for await (const { Items = [] } of pages) {
    await pMap(
      Items,
      ({ pk, sk }) =>
        documents().send(new DeleteCommand({ TableName: linked("ShortenerTable").name, Key: { pk, sk } })),
      { concurrency: CONCURRENCY },
    );
  }
};
