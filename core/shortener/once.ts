import { setTimeout as wait } from "node:timers/promises";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import { metrics } from "#core/kit/metrics.ts";
import { Problem } from "#core/kit/problem.ts";
import { type Shortened, toPut } from "./claim.ts";
import { nextCode } from "./counter.ts";
import type { Draft } from "./draft.ts";
import { linkKey, markerKey } from "./link.keys.ts";
import type { LinkItem } from "./link.model.ts";
import { isExhausted, isExpired } from "./liveness.ts";

/** Says which link answers an identity. It may outlive its link: whoever finds it so replaces it. */
interface Marker {
  readonly link: string;
  readonly domain: string;
  readonly code: string;
}

/** Why a transaction is cancelled that may be tried again. Of a throttled one no SDK knows: that is left to the caller. */
const EXPECTED = [
  "None",
  "ConditionalCheckFailed",
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
];
const MAX_TRIES = 12;
const BACKOFF_MS = 15;

/**
 * By counter a code says nothing of its link, so "asked again" is kept exact by a marker written in the same
 * transaction: of 200 identical requests one commits and the others are handed its marker. 2 WCU link + 2 WCU marker +
 * 2 WCU for the indexes; asked again: the cancelled transaction (4 WCU) and one consistent read (1 RCU).
 */
export const createOnce = async (draft: Draft): Promise<Shortened> => {
  let stale = "";
  let code = await nextCode();
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const link = { ...draft, code };
    const refused = await attempt(link, stale);
    if (!refused) return { link, created: true };
    if (refused.marker) {
      const existing = await follow(refused.marker, draft.identity);
      if (existing) return { link: existing, created: false };
      stale = refused.marker.link;
    } else if (refused.codeTaken) {
      metrics.addMetric("CodeCollisions", "Count", 1);
      code = await nextCode();
    } else {
      await wait(Math.random() * BACKOFF_MS * tries); // another transaction holds the marker, or the table is throttled: full jitter
    }
  }
  throw new Problem("unavailable", "Too many ask for this link at once", { headers: { "retry-after": "1" } });
};

interface Refusal {
  readonly marker?: Marker;
  readonly codeTaken: boolean;
}

const attempt = async (
  link: LinkItem & { identity: string },
  stale: string,
): Promise<Refusal | undefined> => {
  const put = toPut(link);
  const marker = {
    TableName: put.TableName,
    Item: {
      ...markerKey(link.identity),
      link: link.id,
      domain: link.domain,
      code: link.code,
      ...(link.ttl !== undefined && { ttl: link.ttl }),
    },
    ConditionExpression: "attribute_not_exists(pk) OR #link = :stale",
    ExpressionAttributeNames: { "#link": "link" },
    ExpressionAttributeValues: { ":stale": stale },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
  };
  try {
    await documents().send(new TransactWriteCommand({ TransactItems: [{ Put: put }, { Put: marker }] }));
    return undefined;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const [onLink, onMarker] = error.CancellationReasons ?? [];
    const unexpected = [onLink, onMarker].find((reason) => !EXPECTED.includes(reason?.Code ?? "None"));
    if (unexpected) throw error;
    return {
      codeTaken: onLink?.Code === "ConditionalCheckFailed",
      ...(onMarker?.Item && { marker: unmarshall(onMarker.Item) as Marker }),
    };
  }
};

const follow = async ({ domain, code, link }: Marker, identity: string): Promise<LinkItem | undefined> => {
  const { Item } = await documents().send(
    new GetCommand({
      TableName: linked("ShortenerTable").name,
      Key: linkKey(domain, code),
      ConsistentRead: true,
    }),
  );
  const found = Item as LinkItem | undefined;
  return found?.id === link && found.identity === identity && !isExpired(found) && !isExhausted(found)
    ? found
    : undefined;
};
