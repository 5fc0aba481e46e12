import { LRUCache } from "lru-cache";
import { linked } from "#core/kit/config.ts";
import { createCache } from "./cache.ts";
import { createDynamoStore, type DynamoStore } from "./dynamo-store.ts";
import type { Cache } from "./options.ts";
import { report } from "./stats-flush.ts";
import type { CacheStore } from "./store.ts";
import { settling } from "./write-behind.ts";

/** Namespaces that a process keeps memory for at a time, and of how many bytes each: 64 MiB in all. */
const MAX_NAMESPACES = 16;
const MEMORY = { entries: 5_000, bytes: 4 * 1_024 * 1_024 };

let table: DynamoStore | undefined;
let shared: Promise<CacheStore> | undefined;
const caches = new LRUCache<string, Cache>({ max: MAX_NAMESPACES });

/** The store that keeps what is owed to records: DynamoDB, wherever reads are served from. An acknowledged write is durable. */
export const journal = (): DynamoStore => {
  table ??= createDynamoStore(linked("CacheTable").name);
  return table;
};

/** Which store serves reads: Valkey where it is configured. */
export const tierOf = (): "dynamodb" | "valkey" => (process.env.VALKEY_NODES ? "valkey" : "dynamodb");

const sharedStore = (): Promise<CacheStore> => {
  shared ??= tierOf() === "valkey" ? valkeyStore() : Promise.resolve(settling(journal()));
  return shared;
};

// Its client and scripts are loaded only where there is a Valkey to speak to.
const valkeyStore = async (): Promise<CacheStore> =>
  (await import("./valkey-connect.ts")).connectValkeyStore();

/** The cache of a namespace in this process, with its memory. */
export const cacheOf = async (namespace: string): Promise<Cache> => {
  const known = caches.get(namespace);
  if (known) return known;
  const cache = createCache({ namespace, store: await sharedStore(), l1: MEMORY });
  caches.set(namespace, cache);
  return cache;
};

/** A cache that only writes, by a store that does more than one. */
export const writerOf = (namespace: string, store: CacheStore): Cache =>
  createCache({ namespace, store, l1: false });

/** Works on the cache of a namespace, then adds what it counted to the figures of all processes, where that is due. */
export const counted = async <T>(namespace: string, work: (cache: Cache) => Promise<T>): Promise<T> => {
  const cache = await cacheOf(namespace);
  const result = await work(cache);
  // A function's environment is frozen once it has answered: a refresh in the background would be left half done.
  await cache.settled();
  await report(namespace, cache.stats());
  return result;
};

/** Forgets what this process keeps, as a new environment would. */
export const forgetTiers = (): void => {
  caches.clear();
  table = undefined;
  shared = undefined;
};
