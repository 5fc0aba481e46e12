import { LRUCache } from "lru-cache";
import { linked } from "#core/kit/config.ts";
import { createCache, createCaches } from "./cache.ts";
import { createDynamoStore, type DynamoStore } from "./dynamo-store.ts";
import { createLazyStore } from "./lazy-store.ts";
import type { Cache } from "./options.ts";
import { forgetReported, report } from "./stats-flush.ts";
import type { CacheStore } from "./store.ts";
import { settling } from "./write-behind.ts";

/** Namespaces that a process keeps memory for at a time, and of how many bytes each: 64 MiB in all. */
const MAX_NAMESPACES = 16;
const MEMORY = { entries: 5_000, bytes: 4 * 1_024 * 1_024 };

let table: DynamoStore | undefined;
let open: ((namespace: string) => Cache) | undefined;
// One that has to go listens no more, and its successor counts from nothing.
const caches = new LRUCache<string, Cache>({
  max: MAX_NAMESPACES,
  dispose: (cache, namespace) => {
    cache.close();
    forgetReported(namespace);
  },
});

/** The store that keeps what is owed to records: DynamoDB, wherever reads are served from. An acknowledged write is durable. */
export const journal = (): DynamoStore => {
  table ??= createDynamoStore(linked("CacheTable").name);
  return table;
};

/** Which store serves reads: Valkey where it is configured. */
export const tierOf = (): "dynamodb" | "valkey" => (process.env.VALKEY_NODES ? "valkey" : "dynamodb");

// The client of Valkey and its scripts are loaded only where there is one to speak to.
const sharedStore = (): CacheStore =>
  tierOf() === "valkey"
    ? createLazyStore("valkey", async () => (await import("./valkey-connect.ts")).connectValkeyStore())
    : settling(journal());

/** The cache of a namespace in this process, with its memory. All have one feed and one breaker. */
export const cacheOf = (namespace: string): Cache => {
  const known = caches.get(namespace);
  if (known) return known;
  open ??= createCaches({ store: sharedStore(), l1: MEMORY });
  const cache = open(namespace);
  caches.set(namespace, cache);
  return cache;
};

/** A cache that only writes, by a store that does more than one. */
export const writerOf = (namespace: string, store: CacheStore): Cache =>
  createCache({ namespace, store, l1: false });

/** Works on the cache of a namespace, then adds what it counted to the figures of all processes, where that is due. */
export const counted = async <T>(namespace: string, work: (cache: Cache) => Promise<T>): Promise<T> => {
  const cache = cacheOf(namespace);
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
  open = undefined;
};
