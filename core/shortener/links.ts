import { DeleteCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "#core/identity/user.schema.ts";
import { linked } from "#core/kit/config.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { log } from "#core/kit/log.ts";
import { Problem } from "#core/kit/problem.ts";
import { listForgotten } from "./click-work.ts";
import { domainNamed } from "./domains.ts";
import { type LinkName, linkKey, markerKey } from "./link.keys.ts";
import type { LinkItem } from "./link.model.ts";
import { isExpired, NOT_BLOCKED } from "./liveness.ts";

/** The link a request names: on the host that was asked, unless it says otherwise. */
export const nameOf = (code: string, host: string, domain?: string): LinkName => ({
  code,
  domain: domainNamed(host, domain),
});

/** 404, and not 403, for a link of somebody else: its existence is nobody's business. */
export const absent = ({ code }: LinkName): Problem => new Problem("not-found", `There is no link “${code}”`);

/** A link whoever asks, or undefined: 0.5 RCU. Links past their end do not exist, though TTL deletes them late. */
export const find = async ({ domain, code }: LinkName, consistent = false): Promise<LinkItem | undefined> => {
  const { Item } = await documents().send(
    new GetCommand({
      TableName: linked("ShortenerTable").name,
      Key: linkKey(domain, code),
      ConsistentRead: consistent,
    }),
  );
  const item = Item as LinkItem | undefined;
  return item && !isExpired(item) ? item : undefined;
};

/** Whether somebody may take links down, and so see them. */
export const isModerator = (user: User): boolean => user.groups.includes("admins");

/** One of the user's own links; a moderator sees every one. */
export const get = async (name: LinkName, user: User): Promise<LinkItem> => {
  const item = await find(name);
  if (!item || (item.owner !== user.id && !isModerator(user))) throw absent(name);
  return item;
};

/**
 * Deletes one of the user's own links. Its code may be taken again at once; its clicks are kept by the link's id, which no
 * later link has, and are cleared by the roll-up.
 */
export const remove = async (name: LinkName, user: User): Promise<void> => {
  const gone = await removeOwn(name, user.id);
  // Loaded when asked for: who only reads links has nothing to tell.
  const { dropLink } = await import("./telling.ts");
  // Best effort from here: a marker without its link is replaced by whoever meets it, and totals also end by TTL. What is
  // deleted must not be answered as a failure: tried again, it would be a 404.
  const traces = await Promise.allSettled([
    listForgotten(gone.id),
    dropLink(name),
    ...(process.env.CODE_STRATEGY === "counter" && gone.identity
      ? [removeMarker(gone.identity, gone.id)]
      : []),
  ]);
  for (const trace of traces)
    if (trace.status === "rejected")
      log.warn("a deleted link left a trace", { reason: String(trace.reason) });
};

const removeOwn = async (name: LinkName, owner: string): Promise<LinkItem> => {
  try {
    const { Attributes } = await documents().send(
      new DeleteCommand({
        TableName: linked("ShortenerTable").name,
        Key: linkKey(name.domain, name.code),
        ConditionExpression: `#owner = :owner AND ${NOT_BLOCKED}`,
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":owner": owner, ":no": false },
        ReturnValues: "ALL_OLD",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    const item = Attributes as LinkItem;
    if (isExpired(item)) throw absent(name);
    return item;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    if (error.Item?.owner?.S !== owner) throw absent(name);
    // Deleted, its code would be free, and the address that was taken down could come back.
    throw new Problem("forbidden", "A moderator took this link down: it stays");
  }
};

const removeMarker = async (identity: string, link: string) => {
  try {
    await documents().send(
      new DeleteCommand({
        TableName: linked("ShortenerTable").name,
        Key: markerKey(identity),
        ConditionExpression: "#link = :link",
        ExpressionAttributeNames: { "#link": "link" },
        ExpressionAttributeValues: { ":link": link },
      }),
    );
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
};
