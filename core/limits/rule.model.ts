// Access patterns of LimitsTable that are about rules and lists; those of the counts stand in limit.keys.ts.
//  1 rules and lists of an owner   pk OWN#<owner>            Query, eventual: 0.5 RCU up to 4 KB (a miss: strong, 1 RCU)
//  2 make or change a rule         pk OWN#<owner> sk RULES   UpdateItem, conditional
//  3 drop a rule                   pk OWN#<owner> sk RULES   UpdateItem, conditional
//  4 put somebody on a list        pk OWN#<owner> sk LISTS   UpdateItem, conditional
//  5 take somebody off             pk OWN#<owner> sk LISTS   UpdateItem, conditional
// An owner's rules are one item, so are their lists: both are bounded (15 KB, 60 KB), read together, and counted by the very
// write that adds to them, so that no race makes one too many. Plain keys: the limiter is in every function, the model's library
// is 280 KB.
import { createHash } from "node:crypto";
import { QueryCommand, UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { linked } from "#core/kit/config.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";

/** The parts of what an owner has: each is an item of entries by name, their number, and a revision that only grows. */
type Part = "RULES" | "LISTS";

/** An entry as it is stored. */
export interface StoredEntry {
  readonly body: Record<string, unknown>;
  /** Revision of the whole part when the entry was last written. */
  readonly revision: number;
}

/** All that an owner has, by name. */
export type StoredParts = Record<Part, ReadonlyMap<string, StoredEntry>>;

const ENTRY = "e:"; // before the name of an entry's body
const SINCE = "v:"; // before the name of its revision

const ownerKey = (owner: string) => `OWN#${owner}`;

/** A short name for any text: entries of lists are called so. */
export const nameFor = (text: string): string =>
  createHash("sha256").update(text).digest("base64url").slice(0, 22);

/** Pattern 1. */
export const readParts = async (
  owner: string,
  how: { readonly strong?: boolean; readonly signal?: AbortSignal } = {},
): Promise<StoredParts> => {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: linked("LimitsTable").name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": ownerKey(owner) },
      ConsistentRead: how.strong ?? false,
    }),
    how.signal ? { abortSignal: how.signal } : {},
  );
  const part = (name: Part) => entriesOf(Items.find(({ sk }) => sk === name) ?? {});
  return { RULES: part("RULES"), LISTS: part("LISTS") };
};

const entriesOf = (item: Record<string, unknown>): Map<string, StoredEntry> =>
  new Map(
    Object.entries(item)
      .filter(([field]) => field.startsWith(ENTRY))
      .map(([field, body]) => {
        const name = field.slice(ENTRY.length);
        return [
          name,
          { body: body as StoredEntry["body"], revision: Number(item[`${SINCE}${name}`] ?? 0) },
        ] as const;
      }),
  );

const update = async (owner: string, part: Part, input: Partial<UpdateCommandInput>) => {
  try {
    const { Attributes } = await documents().send(
      new UpdateCommand({
        TableName: linked("LimitsTable").name,
        Key: { pk: ownerKey(owner), sk: part },
        ReturnValues: "UPDATED_NEW",
        ...input,
      }),
    );
    return Attributes ?? {};
  } catch (error) {
    if (isConditionFailed(error)) return undefined;
    throw error;
  }
};

const NEXT = "if_not_exists(#revision, :zero) + :one";

const names = (name: string) => ({
  "#entry": `${ENTRY}${name}`,
  "#since": `${SINCE}${name}`,
  "#revision": "revision",
});

/** Patterns 2 and 4: changes what is there. Answers its new revision; undefined: it is not there. */
export const changeEntry = async (
  owner: string,
  part: Part,
  name: string,
  body: StoredEntry["body"],
): Promise<number | undefined> => {
  const written = await update(owner, part, {
    UpdateExpression: `SET #entry = :body, #since = ${NEXT}, #revision = ${NEXT}`,
    ConditionExpression: "attribute_exists(#entry)",
    ExpressionAttributeNames: names(name),
    ExpressionAttributeValues: { ":body": body, ":zero": 0, ":one": 1 },
  });
  return written && Number(written.revision);
};

/** Patterns 2 and 4: adds what is not there. Answers its revision; undefined: it is there, or there are `most` already. */
export const addEntry = async (
  owner: string,
  part: Part,
  name: string,
  body: StoredEntry["body"],
  most: number,
): Promise<number | undefined> => {
  const written = await update(owner, part, {
    UpdateExpression: `SET #entry = :body, #since = ${NEXT}, #revision = ${NEXT}, #held = if_not_exists(#held, :zero) + :one`,
    ConditionExpression: "attribute_not_exists(#entry) AND (attribute_not_exists(#held) OR #held < :most)",
    ExpressionAttributeNames: { ...names(name), "#held": "held" },
    ExpressionAttributeValues: { ":body": body, ":zero": 0, ":one": 1, ":most": most },
  });
  return written && Number(written.revision);
};

/** Patterns 3 and 5: takes away what is there, if it still is of that revision where one is told. Answers whether it was. */
export const removeEntry = async (
  owner: string,
  part: Part,
  name: string,
  revision?: number,
): Promise<boolean> => {
  const same = revision === undefined ? "" : " AND #since = :since";
  const removed = await update(owner, part, {
    UpdateExpression: `SET #revision = ${NEXT}, #held = #held - :one REMOVE #entry, #since`,
    ConditionExpression: `attribute_exists(#entry)${same}`,
    ExpressionAttributeNames: { ...names(name), "#held": "held" },
    ExpressionAttributeValues: {
      ...{ ":zero": 0, ":one": 1 },
      ...(revision !== undefined && { ":since": revision }),
    },
  });
  return removed !== undefined;
};
