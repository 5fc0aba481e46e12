import { createHash } from "node:crypto";
import type { KeyvStoreAdapter } from "keyv";
import type { Cache } from "./options.ts";

const NAMESPACE = /^[A-Za-z0-9._/-]{1,100}$/;

// Keyv's namespaces are any text.
const nameOf = (namespace: string) =>
  NAMESPACE.test(namespace) ? `n-${namespace}` : `h-${createHash("sha256").update(namespace).digest("hex")}`;

const PAGE = 100; // values read at a time

/**
 * A store for Keyv: `new Keyv({ store: createKeyvStore(createCaches({ store })) })`. Each of Keyv's namespaces is one of the cache's, so
 * that `clear` is one write. What Keyv gives no time to live stays for `LONGEST_LIFE_MS`. `delete` reads once, to tell whether there
 * was anything; all others are one call at the most, but for the iterator, which reads all that the store has.
 */
export const createKeyvStore = (caches: (namespace: string) => Cache): KeyvStoreAdapter => {
  const known = new Map<string, Cache>();
  const adapter: KeyvStoreAdapter = {
    // Keyv iterates over stores of a kind it knows, and over no others.
    opts: { dialect: "valkey" },
    namespace: undefined,
    // What fails is thrown: there is no event to hear.
    on: () => adapter,
    get: async <T>(key: string) => cache().get<T>(key),
    getMany: async <T>(keys: string[]) => {
      const found = await cache().mget<T>(keys);
      return keys.map((key) => found.get(key));
    },
    has: async (key) => (await cache().getWithInfo(key)) !== undefined,
    hasMany: async (keys) => {
      const found = await cache().mget(keys);
      return keys.map((key) => found.has(key));
    },
    set: async (key: string, value: unknown, ttl = Number.POSITIVE_INFINITY) => {
      await cache().set(key, value, { ttl });
      return true;
    },
    setMany: async (values) => {
      // One call for all that live equally long.
      const byTtl = Map.groupBy(values, ({ ttl = Number.POSITIVE_INFINITY }) => ttl);
      for (const [ttl, list] of byTtl)
        await cache().mset(new Map(list.map(({ key, value }) => [key, value as unknown])), { ttl });
    },
    delete: async (key) => {
      const there = await cache().getWithInfo(key, { consistency: "strong" });
      await cache().delete(key);
      return there !== undefined;
    },
    deleteMany: async (keys) => {
      const gone = await Promise.all(keys.map((key) => adapter.delete(key)));
      return gone.some(Boolean);
    },
    clear: async () => {
      await cache().clear();
    },
    iterator: async function* <T>(): AsyncGenerator<[string, T]> {
      const keys: string[] = [];
      for await (const key of cache().keys()) keys.push(key);
      for (let at = 0; at < keys.length; at += PAGE) {
        const found = await cache().mget<T>(keys.slice(at, at + PAGE), { consistency: "strong" });
        yield* found;
      }
    },
    disconnect: async () => {},
  };
  const cache = (): Cache => {
    const name = nameOf(adapter.namespace ?? "keyv");
    const found = known.get(name) ?? caches(name);
    known.set(name, found);
    return found;
  };
  return adapter;
};
