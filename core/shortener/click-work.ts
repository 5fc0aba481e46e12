import { createHash } from "node:crypto";
import { DeleteCommand, paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import { hourOf } from "./click.ts";
import { type Key, workOf } from "./link.keys.ts";

/** Clicks are counted if they arrive within this time; log deliveries and redrives of lost events end before. */
export const HORIZON_DAYS = 14;
/** Buckets outlive the horizon: a day is never folded from a part of its buckets. */
export const BUCKET_TTL_DAYS = HORIZON_DAYS + 2;
const LANES = 4; // each takes 1,000 flushes a second

/** A link and a day that have clicks the totals may lack, or a link whose totals nobody may read any more. */
export interface Work {
  readonly key: Key;
  readonly touched: readonly { readonly link: string; readonly day: string }[];
  readonly forgotten: readonly string[];
}

/** Puts links and days on the work list of this hour: one write a flush. The same list again is the same item. */
export const listTouched = (touched: readonly string[]): Promise<void> => put("touched", touched);

/** Puts a deleted link on the work list, so that its totals go too. */
export const listForgotten = (link: string): Promise<void> => put("forgotten", [link]);

const put = async (kind: "touched" | "forgotten", entries: readonly string[]) => {
  const digest = createHash("sha256")
    .update(`${kind}\0${[...entries].sort().join()}`)
    .digest();
  const lane = digest.readUInt8() % LANES;
  const [day = "", hour] = hourOf(now()).split("T");
  await documents().send(
    new UpdateCommand({
      TableName: linked("ShortenerTable").name,
      Key: { pk: workOf(day, lane), sk: `${hour}#${digest.toString("base64url", 0, 12)}` },
      UpdateExpression: `SET #kind = :entries, #ttl = :ttl`,
      ExpressionAttributeNames: { "#kind": kind, "#ttl": "ttl" },
      ExpressionAttributeValues: {
        ":entries": entries,
        ":ttl": Math.ceil(now() / 1000) + BUCKET_TTL_DAYS * 86_400,
      },
    }),
  );
};

/** The work lists of a day whose hours lie before `hour` (two digits), page by page. */
export async function* workOn(day: string, hour: string): AsyncGenerator<readonly Work[]> {
  for (let lane = 0; lane < LANES; lane++) {
    const pages = paginateQuery(
      { client: documents() },
      {
        TableName: linked("ShortenerTable").name,
        KeyConditionExpression: "pk = :pk AND sk < :hour",
        ExpressionAttributeValues: { ":pk": workOf(day, lane), ":hour": hour },
      },
    );
    for await (const { Items = [] } of pages) if (Items.length > 0) yield Items.map(toWork);
  }
}

const toWork = (item: Record<string, unknown>): Work => ({
  key: { pk: String(item.pk), sk: String(item.sk) },
  touched: ((item.touched ?? []) as string[]).map((entry) => {
    const [link = "", day = ""] = entry.split("#");
    return { link, day };
  }),
  forgotten: (item.forgotten ?? []) as string[],
});

/** Takes a work list off: what it named is done. */
export const finish = async (work: Work): Promise<void> => {
  await documents().send(new DeleteCommand({ TableName: linked("ShortenerTable").name, Key: work.key }));
};
