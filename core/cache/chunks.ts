import { newId } from "#core/kit/id.ts";
import { Problem } from "#core/kit/problem.ts";
import { chunkKey, type Key } from "./cache.keys.ts";
import { readBatch, type Write, writeBatch } from "./dynamo-batch.ts";
import type { EntryItem, Placed } from "./dynamo-entry.ts";

/** Bytes of a chunk: with its key it fills whole units of 4 KB, and an item, which takes 400 KB. */
export const CHUNK_BYTES = 388 * 1_024 - 128;
/** A body that shares its item with ten tags of 128 bytes and a key of 2 KB. */
export const INLINE_BYTES = 380 * 1_024;
/** The largest body: 4 MiB and what the codec puts around it. */
const MAX_BYTES = 4 * 1_024 * 1_024 + 64 * 1_024;

interface ChunkItem extends Key {
  readonly b: Uint8Array;
}

/** Places a body in the item, or in chunks written before it: whoever sees the head finds the whole. 1 call for 4 MiB. */
export const place = async (
  table: string,
  body: Uint8Array | null,
  ttl: number | undefined,
): Promise<Placed> => {
  if (body === null) return {};
  if (body.byteLength > MAX_BYTES)
    throw new Problem("value-too-large", `A value is at most ${MAX_BYTES} bytes as it is kept`);
  if (body.byteLength <= INLINE_BYTES) return { b: body };
  const writing = newId("wrt");
  const n = Math.ceil(body.byteLength / CHUNK_BYTES);
  const puts = Array.from({ length: n }, (_, index): Write => {
    const b = body.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    return { put: { ...chunkKey(writing, index), b, ...(ttl !== undefined && { ttl }) } as Key };
  });
  await writeBatch(table, puts);
  return { c: writing, n, z: body.byteLength };
};

const keysOf = ({ c, n }: Placed): Key[] =>
  c === undefined ? [] : Array.from({ length: n ?? 0 }, (_, index) => chunkKey(c, index));

/** Bodies of the items that are in chunks, by partition key; one of which a chunk is missing is not among them. */
export const gather = async (
  table: string,
  items: readonly EntryItem[],
  strong = false,
): Promise<Map<string, Uint8Array>> => {
  const large = items.filter((item) => item.c !== undefined);
  if (large.length === 0) return new Map();
  const keys = large.flatMap(keysOf);
  const found = await readBatch<ChunkItem>(table, keys, strong);
  // A replica may know the head and not yet its chunks: the primary copy has them.
  const missing = strong ? [] : keys.filter((key) => !found.has(key.pk));
  if (missing.length > 0)
    for (const [pk, item] of await readBatch<ChunkItem>(table, missing, true)) found.set(pk, item);
  return new Map(
    large.flatMap((item): [string, Uint8Array][] => {
      const parts = keysOf(item).flatMap((key) => found.get(key.pk)?.b ?? []);
      const body = Buffer.concat(parts);
      return body.byteLength === item.z ? [[item.pk, body]] : [];
    }),
  );
};

/**
 * Removes the chunks of what was replaced, where TTL will not do it free of charge. `now` is what replaced it: a write whose
 * answer was lost meets its own first try.
 */
export const dropChunks = async (table: string, old: Partial<EntryItem>, now: Placed): Promise<void> => {
  if (old.c === undefined || old.c === now.c || old.ttl !== undefined) return;
  await writeBatch(
    table,
    keysOf(old).map((remove) => ({ remove })),
  );
};
