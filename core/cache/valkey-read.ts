import { now } from "#core/kit/clock.ts";
import type { Found, ReadHow, Stored } from "./store.ts";
import { decodeEntry } from "./valkey-entry.ts";
import { type Reach, Unreachable } from "./valkey-reach.ts";
import { send } from "./valkey-scripts.ts";
import { entryAt, markAt, type Shard, type Shards } from "./valkey-shards.ts";

/** Keys of one MGET: an entry may have 4 MiB. */
const MAX_KEYS = 50;

/** What a shard is asked for. */
interface Wanted {
  readonly shard: Shard;
  readonly keys: string[];
  /** Whether a mark is among them: not knowing one is worse than a miss. */
  marks: boolean;
}

const wantedOf = (shards: Shards, entries: readonly string[], marks: readonly string[]) => {
  const groups = new Map<string, Wanted>();
  const add = (shard: Shard, key: string, isMark: boolean) => {
    const group = groups.get(shard.id) ?? { shard, keys: [], marks: false };
    group.keys.push(key);
    group.marks ||= isMark;
    groups.set(shard.id, group);
  };
  for (const key of new Set(entries)) add(shards.of(key), entryAt(shards.of(key), key), false);
  for (const mark of new Set(marks)) add(shards.of(mark), markAt(shards.of(mark), mark), true);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.keys.length / MAX_KEYS) }, (_, n) => ({
      ...group,
      keys: group.keys.slice(n * MAX_KEYS, (n + 1) * MAX_KEYS),
    })),
  );
};

// MGET answers null for what is no string: GET would fail.
const ask = (
  reach: Reach,
  { shard, keys }: Pick<Wanted, "shard" | "keys">,
  strong: boolean,
): Promise<(Buffer | null)[]> => {
  const primary = () => reach(shard, () => send(shard.client, "mget", keys));
  const bytes =
    strong || shard.reader === shard.client ? primary() : send(shard.reader, "mget", keys).catch(primary);
  return bytes as Promise<(Buffer | null)[]>;
};

/**
 * One MGET for each shard that holds any of it, all at once. While a server of several is down, its entries are missing: they
 * are loaded anew. Unless the primary copy was asked for, or a mark: then it is an error, as void entries might count.
 */
const fetch = async (
  shards: Shards,
  reach: Reach,
  entries: readonly string[],
  { marks = [], strong = false }: ReadHow,
): Promise<Map<string, Buffer | null>> => {
  const wanted = wantedOf(shards, entries, marks);
  const answers = await Promise.all(
    wanted.map(async (group) => {
      try {
        return await ask(reach, group, strong);
      } catch (error) {
        if (strong || group.marks || shards.all.length === 1 || !(error instanceof Unreachable)) throw error;
        return group.keys.map(() => null);
      }
    }),
  );
  return new Map(
    wanted.flatMap(({ keys }, n) => keys.map((key, index) => [key, answers[n]?.[index] ?? null] as const)),
  );
};

/**
 * The entry alone, or with marks that its shard has: what most reads are, without the book-keeping of several shards. Undefined:
 * the shard does not answer, or has not all of it.
 */
export const readOne = async (
  shards: Shards,
  reach: Reach,
  key: string,
  { marks = [], strong = false }: ReadHow,
): Promise<Found | undefined> => {
  const shard = shards.of(key);
  if (marks.some((mark) => shards.of(mark) !== shard)) return undefined;
  const keys = [entryAt(shard, key), ...marks.map((mark) => markAt(shard, mark))];
  try {
    const [bytes = null, ...counts] = await ask(reach, { shard, keys }, strong);
    const versions = marks.map((mark, n) => [mark, versionOf(counts[n])] as const);
    return { entry: decodeEntry(bytes, now()), marks: Object.fromEntries(versions) };
  } catch (error) {
    if (strong || marks.length > 0 || shards.all.length === 1) throw error;
    return undefined;
  }
};

const versionOf = (count: Buffer | null | undefined) => {
  const version = Number(count ?? 0);
  return Number.isSafeInteger(version) ? version : 0;
};

/** Entries in the order of `keys`, and versions of the marks. */
export const readMany = async (
  shards: Shards,
  reach: Reach,
  keys: readonly string[],
  how: ReadHow,
): Promise<{ entries: (Stored | undefined)[]; marks: Found["marks"] }> => {
  const found = await fetch(shards, reach, keys, how);
  const at = now();
  const version = (mark: string) => versionOf(found.get(markAt(shards.of(mark), mark)));
  return {
    entries: keys.map((key) => decodeEntry(found.get(entryAt(shards.of(key), key)) ?? null, at)),
    marks: Object.fromEntries((how.marks ?? []).map((mark) => [mark, version(mark)])),
  };
};
