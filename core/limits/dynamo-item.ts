import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { Problem } from "#core/kit/problem.ts";
import type { Key } from "./limit.keys.ts";

/** Attributes as they go over the wire: numbers keep all their digits. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** New attributes, and what must hold for them to be written; `values` by name of placeholder. */
export interface Change {
  /** `tat = tat + :inc`. */
  readonly set: readonly string[];
  readonly condition: string;
  readonly values: Item;
  /** Of attributes that are reserved words, by placeholder. */
  readonly names?: Readonly<Record<string, string>>;
}

/** A change to the item of a key. */
export interface Write extends Change {
  readonly key: Key;
  /** Epoch seconds from which the item says nothing any more. */
  readonly ttl: number;
}

/** What became of a write: the item as it now is, or as it was that refused it. Undefined: there is none, or none was told. */
export interface Outcome {
  readonly done: boolean;
  /** A transaction had its hands on the item: nothing is told. */
  readonly raced?: boolean;
  readonly item: Item | undefined;
}

/** A timestamp a process with a lagging clock could still ask for must not be swept away. */
const TTL_MARGIN_MS = 3_600_000;

/** When an item may be deleted that says nothing from `ms` on. */
export const ttlOf = (ms: number): number => Math.ceil((ms + TTL_MARGIN_MS) / 1_000);

export const num = (value: number | bigint): AttributeValue => ({ N: value.toString() });

/**
 * An answer may be lost and the client send the write again. So each write leaves its id in one of sixteen places of the
 * item: sent again it finds itself there and has no second effect. Only if another write came between, and to the same
 * place, does it count twice: then fewer than the limit are admitted, never more.
 */
const PLACES = 16;
const mark = () => {
  const id = randomBytes(9);
  return { place: `o${(id.at(0) ?? 0) % PLACES}`, id: id.toString("base64url") };
};

type Mark = ReturnType<typeof mark>;

const toUpdate = (
  table: string,
  { key, ttl, set, condition, values, names }: Write,
  { place, id }: Mark,
) => ({
  TableName: table,
  Key: { pk: { S: key.pk }, sk: { S: key.sk } },
  UpdateExpression: `SET ${[...set, "#ttl = :ttl", "#mark = :mark"].join(", ")}`,
  ConditionExpression: `(${condition}) AND NOT #mark = :mark`,
  ExpressionAttributeNames: { ...names, "#ttl": "ttl", "#mark": place },
  ExpressionAttributeValues: { ...values, ":ttl": num(ttl), ":mark": { S: id } },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
});

const bears = (item: Item | undefined, { place, id }: Mark) => item?.[place]?.S === id;

/** One conditional write: 1 call, 1 WCU for each KB of the item. */
export const write = async (table: string, change: Write): Promise<Outcome> => {
  const own = mark();
  const update = new UpdateItemCommand({ ...toUpdate(table, change, own), ReturnValues: "ALL_NEW" });
  try {
    const { Attributes } = await documents().send(update);
    return { done: true, item: Attributes };
  } catch (error) {
    if ((error as Error).name === "TransactionConflictException")
      return { done: false, raced: true, item: undefined };
    if (!isConditionFailed(error)) throw error;
    return { done: bears(error.Item, own), item: error.Item };
  }
};

// Anything else that cancels a transaction is no race: it is thrown.
const RACES = new Set(["None", "ConditionalCheckFailed", "TransactionConflict"]);
const THROTTLES = new Set(["ThrottlingError", "ProvisionedThroughputExceeded"]);

/**
 * All or none: 1 call, 2 WCU for each KB of each item. Sent again it has no second effect: the client gives it a token.
 * Undefined: done. Else the item of each write that was refused; null where it was not, or a race hides why.
 */
export const writeAll = async (
  table: string,
  changes: readonly Write[],
): Promise<readonly (Outcome | null)[] | undefined> => {
  try {
    await documents().send(
      new TransactWriteItemsCommand({
        TransactItems: changes.map((change) => ({ Update: toUpdate(table, change, mark()) })),
      }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    if (reasons.some(({ Code = "None" }) => !RACES.has(Code) && !THROTTLES.has(Code))) throw error;
    return reasons.map(({ Code, Item }) =>
      Code === "ConditionalCheckFailed" ? { done: false, item: Item } : null,
    );
  }
};

/** A consistent read: 1 call, 1 RCU for each 4 KB. */
export const read = async (table: string, { pk, sk }: Key): Promise<Item | undefined> => {
  const { Item } = await documents().send(
    new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
  );
  return Item;
};

const MAX_READS = 5;
const nameOf = (item: Item) => `${item.pk?.S}\n${item.sk?.S}`;

/** Consistent reads of several: 1 call. */
export const readAll = async (table: string, keys: readonly Key[]): Promise<(Item | undefined)[]> => {
  const found = new Map<string, Item>();
  let left = keys.map(({ pk, sk }): Item => ({ pk: { S: pk }, sk: { S: sk } }));
  for (let tries = 1; left.length > 0; tries++) {
    const { Responses, UnprocessedKeys } = await documents().send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
    );
    for (const item of Responses?.[table] ?? []) found.set(nameOf(item), item);
    left = UnprocessedKeys?.[table]?.Keys ?? [];
    if (left.length > 0 && tries >= MAX_READS)
      throw new Error("The table leaves keys unread: it is throttled");
    if (left.length > 0) await pause(tries);
  }
  return keys.map(({ pk, sk }) => found.get(`${pk}\n${sk}`));
};

/** Deletes an item, if there is one. */
export const erase = async (table: string, { pk, sk }: Key): Promise<void> => {
  await documents().send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } }));
};

/** Of so many processes that fight for one log at least one wins each round: beyond, the answer is that nobody can say. */
export const MAX_TRIES = 24;
/** That answer. */
export const tooMany = (): Problem =>
  new Problem("unavailable", "Too many decide on this key at once", { headers: { "retry-after": "1" } });

/** Full jitter before another try. Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015. */
export const pause = (tries: number): Promise<void> => wait(Math.random() * Math.min(200, 5 * 2 ** tries));
