import { deflateRawSync, inflateRawSync } from "node:zlib";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { linked } from "#core/kit/config.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { Problem } from "#core/kit/problem.ts";
import { safeName } from "./cache.keys.ts";
import type { Stored } from "./store.ts";

// Records are JSON texts, and durable: what the cache stands before.

/** A record is one item, and an item holds 400 KB: what compressed JSON may take of it. */
export const MAX_RECORD_BYTES = 350 * 1_024;
const SMALL = 1_024; // below it deflating saves nothing: a write unit is 1 KB

/** Key of a record's item: `name` is that of its entry, with tenant and namespace. */
const recordKey = (name: string) => ({ pk: `R${safeName(name)}`, sk: "R" });

interface Packed {
  readonly json?: Uint8Array;
  readonly deflated?: Uint8Array;
}

const pack = (value: string): Packed => {
  const json = Buffer.from(value);
  return json.length < SMALL ? { json } : { deflated: deflateRawSync(json) };
};

const unpack = ({ json, deflated }: Packed): string =>
  Buffer.from(json ?? inflateRawSync(deflated ?? new Uint8Array())).toString("utf8");

/** Refuses what no record can hold, before anything is written. */
export const assertFits = (value: string): void => {
  const { json, deflated } = pack(value);
  const size = (deflated ?? json ?? []).length;
  if (size > MAX_RECORD_BYTES)
    throw new Problem(
      "value-too-large",
      `A record holds ${MAX_RECORD_BYTES} bytes of compressed JSON, and this takes ${size}`,
    );
};

/** Reads a record, consistently: 1 call, 1 RCU per 4 KB. Undefined: there is none. */
export const readRecord = async (name: string): Promise<string | undefined> => {
  const { Item } = await documents().send(
    new GetCommand({ TableName: linked("CacheTable").name, Key: recordKey(name), ConsistentRead: true }),
  );
  return Item && unpack(Item);
};

type Values = Readonly<Record<string, unknown>>;

const update = (name: string, value: string, more: string, values: Values, condition?: string) => {
  const { json, deflated } = pack(value);
  const [kept, dropped] = json ? ["#json", "deflated"] : ["deflated", "#json"];
  return documents().send(
    new UpdateCommand({
      TableName: linked("CacheTable").name,
      Key: recordKey(name),
      UpdateExpression: `SET ${kept} = :body, ${more} REMOVE ${dropped}`,
      ...(condition && { ConditionExpression: condition }),
      ExpressionAttributeNames: { "#json": "json", "#order": "order" },
      ExpressionAttributeValues: { ":body": json ?? deflated, ...values },
    }),
  );
};

/** Which of two entries of a key is newer, as texts that sort so. */
const orderOf = ({ version, born = 0 }: Pick<Stored, "version" | "born">) =>
  `${String(born).padStart(13, "0")}.${String(version).padStart(16, "0")}`;

/**
 * Brings an entry to its record unless the record has it or a newer one: repeated, late and reordered flushes change nothing.
 * 1 call, 1 WCU per KB. Answers whether it wrote.
 */
export const flushRecord = async (
  name: string,
  value: string,
  entry: Pick<Stored, "version" | "born">,
): Promise<boolean> => {
  try {
    const order = { ":order": orderOf(entry) };
    await update(name, value, "#order = :order", order, "attribute_not_exists(#order) OR #order < :order");
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
};

/**
 * Writes a record directly: 1 call, 1 WCU per KB. It keeps its place among flushes: those of the entry it was last brought by,
 * and of older ones, come too late; those of entries that were written since are newer than this too.
 */
export const writeRecord = async (name: string, value: string): Promise<void> =>
  void (await update(name, value, "#order = if_not_exists(#order, :none)", { ":none": "" }));
