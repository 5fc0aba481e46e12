import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { now } from "#core/kit/clock.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import type { Draft } from "./draft.ts";
import { type LinkItem, links } from "./link.model.ts";
import { NOT_BLOCKED } from "./liveness.ts";

/** A link and whether it is new. */
export interface Shortened {
  readonly link: LinkItem;
  readonly created: boolean;
}

/**
 * Takes a code if it is free: never used, deleted, past its end (TTL deletes late), or used up by the same link; never
 * while a moderator holds it down. Of racing creators one wins; the others are given the winner's link by the same call
 * (ALL_OLD), without a read.
 */
export const claim = async (draft: Draft, code: string): Promise<Shortened> => {
  const link = { ...draft, code };
  try {
    await documents().send(
      new PutCommand({ ...toPut(link), ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
    );
    return { link, created: true };
  } catch (error) {
    if (!isConditionFailed(error) || !error.Item) throw error;
    const standing = unmarshall(error.Item) as LinkItem;
    // The client tries again when an answer is lost: the winner it meets then is its own first try.
    return { link: standing, created: standing.id === link.id };
  }
};

const OVER = "expiresAt <= :now OR (clicksLeft <= :none AND #identity = :identity)";

/** The conditional put of a link, for a call of its own or a transaction. */
export const toPut = (link: LinkItem) => {
  const { Item, TableName } = links()
    .put(link)
    .params<{ Item: Record<string, unknown>; TableName: string }>();
  return {
    TableName,
    Item,
    ConditionExpression: `attribute_not_exists(pk) OR ((${OVER}) AND ${NOT_BLOCKED})`,
    ExpressionAttributeNames: { "#identity": "identity" },
    ExpressionAttributeValues: { ":now": now(), ":none": 0, ":no": false, ":identity": link.identity },
  };
};
