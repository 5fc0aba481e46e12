import type { Cache, LoadOptions, SetOptions } from "./options.ts";
import type { Origin } from "./origin.ts";

/** A cache before its records. */
export interface Fronted<T> {
  readonly cache: Cache;
  readonly origin: Origin<T>;
}

/** Cache-aside and all others read so: from the cache, else from the record, which is then kept. */
export const read = <T>(
  { cache, origin }: Fronted<T>,
  key: string,
  options?: LoadOptions,
): Promise<T | undefined> => cache.getOrSet(key, (signal) => origin.read(key, signal), options);

/** Refresh-ahead: a record that is asked for often is loaded anew before its time is over, and nobody waits for it. */
export const readAhead = <T>(
  fronted: Fronted<T>,
  key: string,
  options?: LoadOptions,
): Promise<T | undefined> => read(fronted, key, { refreshAhead: true, ...options });

/**
 * Cache-aside: the record is written, the entry dropped; nobody reads what is not durable. Two deletions: the first gives the
 * write its version, the second voids what was loaded before the record was written. False: a newer write was quicker.
 */
export const writeAside = async <T>(
  { cache, origin }: Fronted<T>,
  key: string,
  value: T | undefined,
): Promise<boolean> => {
  const version = await cache.delete(key);
  try {
    return await origin.write(key, value, version);
  } finally {
    await cache.delete(key);
  }
};

/**
 * Write-through: entry and record, in one order for both, as the entry's version is the record's. It can be read a moment before it
 * is durable; where the record fails, the entry goes. False: a newer write was quicker, and both have that.
 */
export const writeThrough = async <T>(
  { cache, origin }: Fronted<T>,
  key: string,
  value: T | undefined,
  options?: SetOptions,
): Promise<boolean> => {
  const version = await cache.set(key, value, options);
  try {
    return await origin.write(key, value, version);
  } catch (error) {
    await cache.delete(key);
    throw error;
  }
};

/**
 * Write-behind: the entry, marked as owed to its record; `owe` asks that `flush` be called for the key, later and at least once.
 * Where `owe` fails the write has failed, though readers may see it. Answers the version.
 */
export const writeBehind = async <T>(
  { cache }: Pick<Fronted<T>, "cache">,
  key: string,
  value: T | undefined,
  owe: (key: string, version: number) => Promise<void>,
  options?: SetOptions,
): Promise<number> => {
  const version = await cache.set(key, value, { ...options, dirty: true });
  await owe(key, version);
  return version;
};

/**
 * Brings what is owed to its record: however many writes of the key there were, the newest of them, once. Twice, late or
 * out of order it comes to the same. False: nothing is owed, or something newer came meanwhile, which has a flush of its own.
 */
export const flush = async <T>({ cache, origin }: Fronted<T>, key: string): Promise<boolean> => {
  const answer = await cache.getWithInfo<T | undefined>(key, { consistency: "strong" });
  if (!answer?.dirty) return false;
  await origin.write(key, answer.value, answer.version);
  return cache.clean(key, answer.version);
};
