import KeyvRedis from "@keyv/redis";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisDriver } from "bentocache/drivers/redis";
import { createCache as createManager } from "cache-manager";
import { Redis as IoRedis } from "ioredis";
import type { Redis } from "iovalkey";
import Keyv from "keyv";
import { createCache } from "#core/cache/cache.ts";
import { createValkeyStore } from "#core/cache/valkey-store.ts";
import { openValkey } from "#core/kit/valkey.ts";

/** A cache as a benchmark asks it. Values live for a minute. */
export interface CacheContender {
  readonly tiers: "memory" | "Valkey" | "memory + Valkey";
  readonly library: string;
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
  /** Undefined where the library has no such thing. */
  getOrSet?(key: string, load: () => unknown): Promise<unknown>;
}

const TTL_MS = 60_000;

const bento = (connection: IoRedis): CacheContender[] => {
  const memory = () => memoryDriver({ maxItems: 50_000 });
  const cache = new BentoCache({
    default: "memory",
    stores: {
      memory: bentostore().useL1Layer(memory()),
      // hands out the very object it was given, which any caller may change for all
      plain: bentostore().useL1Layer(memoryDriver({ maxItems: 50_000, serialize: false })),
      valkey: bentostore().useL2Layer(redisDriver({ connection })),
      tiered: bentostore().useL1Layer(memory()).useL2Layer(redisDriver({ connection })),
    },
  });
  const contender = (tiers: CacheContender["tiers"], store: "memory" | "plain" | "valkey" | "tiered") => {
    const own = cache.use(store);
    return {
      tiers,
      library: store === "plain" ? "bentocache, serialize: false" : "bentocache",
      get: (key: string) => own.get({ key }),
      set: (key: string, value: unknown) => own.set({ key, value, ttl: TTL_MS }),
      getOrSet: (key: string, load: () => unknown) => own.getOrSet({ key, ttl: TTL_MS, factory: load }),
    };
  };
  return [
    contender("memory", "memory"),
    contender("memory", "plain"),
    contender("Valkey", "valkey"),
    contender("memory + Valkey", "tiered"),
  ];
};

// As bentocache without: the very object that was given.
const unserialized = () => {
  const keyv = new Keyv();
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return keyv;
};

const manager = (url: string) => {
  const remote = new KeyvRedis<unknown>(url);
  const contender = (tiers: CacheContender["tiers"], stores: Keyv[], how = ""): CacheContender => {
    const cache = createManager({ stores, ttl: TTL_MS });
    return {
      tiers,
      library: `cache-manager${how}`,
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value, TTL_MS),
      getOrSet: (key, load) => cache.wrap(key, async () => load(), TTL_MS),
    };
  };
  return {
    all: [
      contender("memory", [new Keyv()]),
      contender("memory", [unserialized()], ", not serialised"),
      contender("Valkey", [new Keyv({ store: remote, namespace: "one" })]),
      contender("memory + Valkey", [new Keyv(), new Keyv({ store: remote, namespace: "two" })]),
    ],
    stop: () => remote.disconnect(),
  };
};

const ours = async (url: string) => {
  const valkey = await openValkey({ nodes: [url], mode: "single" });
  const store = createValkeyStore(valkey);
  const contender = (
    tiers: CacheContender["tiers"],
    options: Partial<Parameters<typeof createCache>[0]>,
  ): CacheContender => {
    const cache = createCache({ namespace: tiers.replaceAll(/\W+/g, "-").toLowerCase(), ...options });
    return {
      tiers,
      library: "tenfold",
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value, { ttl: TTL_MS }),
      getOrSet: (key, load) => cache.getOrSet(key, load, { ttl: TTL_MS }),
    };
  };
  return {
    all: [
      contender("memory", {}),
      contender("Valkey", { store, l1: false }),
      contender("memory + Valkey", { store }),
    ],
    stop: () => valkey.close(),
  };
};

/** Every cache there is to compare, and a bare client that only speaks to the server. */
export const caches = async (url: string) => {
  // as ours speaks to the server
  const alone = await openValkey({ nodes: [url], mode: "single" });
  const client = alone.clients[0] as Redis;
  // its client's own way to send many commands at once; that of cache-manager always does
  const connection = new IoRedis(url, { enableAutoPipelining: true });
  const own = await ours(url);
  const managers = manager(url);
  const bare: CacheContender = {
    tiers: "Valkey",
    library: "client alone: GET, SET",
    get: (key) => client.get(`bare:${key}`),
    set: (key, value) => client.set(`bare:${key}`, JSON.stringify(value), "PX", TTL_MS),
  };
  return {
    all: [...own.all, ...bento(connection), ...managers.all, bare],
    stop: async () => {
      own.stop();
      alone.close();
      connection.disconnect();
      await managers.stop();
    },
  };
};
