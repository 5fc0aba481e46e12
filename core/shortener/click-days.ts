import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import { fromRecord } from "./click.ts";
import { addSeen, emptyTotals, fromAttributes, type Totals, type toAttributes } from "./click-totals.ts";
import { bucketsOf, totalsOf } from "./link.keys.ts";

/** A day of a link as its item holds it. */
export interface Day {
  readonly day: string;
  readonly totals: Totals;
  /** Two-digit hour up to which (not included) buckets are folded into the totals; `24` once all are; empty: none. */
  readonly through: string;
  /** Shards beyond shard 0 that hold buckets. */
  readonly shards: readonly number[];
}

type Item = Partial<ReturnType<typeof toAttributes>> & {
  sk: string;
  through?: string;
  shards?: ReadonlySet<number>;
};

/** Days of a link from `first` to `last` that have an item: at most 2 KB each, so half a year is a read of one page. */
export const readDays = async (
  link: string,
  first: string,
  last: string,
  consistent = false,
): Promise<Map<string, Day>> => {
  const days = new Map<string, Day>();
  const pages = paginateQuery(
    { client: documents() },
    {
      TableName: linked("ShortenerTable").name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
      ExpressionAttributeValues: { ":pk": totalsOf(link), ":first": first, ":last": last },
      ConsistentRead: consistent,
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items as Item[]) {
      days.set(item.sk, {
        day: item.sk,
        totals: fromAttributes(item),
        through: item.through ?? "",
        shards: [...(item.shards ?? [])],
      });
    }
  }
  return days;
};

/** Which buckets of a day to add up. Hours are two digits; `from` is included, `before` is not. */
export interface Range {
  readonly shards: readonly number[];
  readonly from: string;
  readonly before: string;
  readonly consistent: boolean;
  /** Pages of 1 MB, some 1,000 buckets or 28,000 clicks each, over all shards. */
  readonly maxPages: number;
}

/** Clicks in the buckets of a day. `complete` is false where the pages did not suffice. */
export const readBuckets = async (link: string, day: string, range: Range) => {
  const totals = emptyTotals();
  let pagesLeft = range.maxPages;
  for (const shard of new Set([0, ...range.shards])) {
    const pages = paginateQuery({ client: documents() }, toQuery(link, day, shard, range));
    for await (const { Items = [], LastEvaluatedKey } of pages) {
      for (const item of Items) addBucket(totals, day, item);
      if (--pagesLeft <= 0 && LastEvaluatedKey) return { totals, complete: false };
    }
  }
  return { totals, complete: true };
};

const toQuery = (link: string, day: string, shard: number, { from, before, consistent }: Range) => ({
  TableName: linked("ShortenerTable").name,
  // "07" < "07#bucket" < "08": bounds by hour alone take whole hours
  KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :before",
  ExpressionAttributeValues: { ":pk": bucketsOf(link, day, shard), ":from": from || "00", ":before": before },
  ConsistentRead: consistent,
});

const addBucket = (totals: Totals, day: string, item: Record<string, unknown>) => {
  const hour = `${day}T${String(item.sk).slice(0, 2)}`;
  for (const record of item.clicks as ReadonlySet<string>) addSeen(totals, fromRecord(record, hour));
};
