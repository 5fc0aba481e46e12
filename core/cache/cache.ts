import { now } from "#core/kit/clock.ts";
import { Problem } from "#core/kit/problem.ts";
import { bump, settle } from "./bumps.ts";
import { type Context, createContext, isServable, type Outcome } from "./context.ts";
import { getOrLoad, hit, isTime } from "./flight.ts";
import { listenerOf } from "./heed.ts";
import { type Link, linkStore } from "./link.ts";
import type { Ask } from "./load.ts";
import { checkKey, checkTags, checkTime } from "./names.ts";
import type { Answer, Cache, CacheOptions, Loader, LoadOptions, ReadOptions, SetOptions } from "./options.ts";
import { read, readMany } from "./reads.ts";
import { statsOf } from "./stats.ts";
import { open } from "./value.ts";
import { drop, type Keep, write, writeOne } from "./writes.ts";

const SYNC_MS = 1_000;
const STORE_TIMEOUT_MS = 2_000;
const NEGATIVE_MS = 1_000;
const LOAD_MS = 5_000;
// A store remembers versions for a minute: what takes longer could bring back what was dropped.
const LONGEST_LOAD_MS = 50_000;
const TTL_MS = 60_000;
const NONE = {};

/** A cache of this process over a store that all share, or over its memory alone. See `Cache` for what it promises. */
export const createCache = (options: CacheOptions): Cache => {
  const { store, syncMs = SYNC_MS, storeTimeoutMs = STORE_TIMEOUT_MS } = options;
  return createLinked(options, store && linkStore(store, syncMs, storeTimeoutMs));
};

/**
 * Caches of many namespaces over one store: they share its breaker and its feed, so that a process asks once a second what others
 * did and not once for each. `options` is theirs all; bounds of memory are of each. Each call makes a cache
 * that listens until it is closed: keep it.
 */
export const createCaches = (options: Omit<CacheOptions, "namespace">): ((namespace: string) => Cache) => {
  const { store, syncMs = SYNC_MS, storeTimeoutMs = STORE_TIMEOUT_MS } = options;
  const link = store && linkStore(store, syncMs, storeTimeoutMs);
  return (namespace) => createLinked({ ...options, namespace }, link);
};

const createLinked = (options: CacheOptions, link: Link | undefined): Cache => {
  const context = createContext(options, link);
  const leave = link?.feed.listen(listenerOf(context));
  // In memory, and nobody else need be asked: without a promise of its own.
  const atHand = (key: string) => {
    const kept = context.l1.get(key);
    if (kept === undefined) return undefined;
    const at = now();
    if (link?.feed.isDue(at) || !isServable(context, kept, at)) return undefined;
    return kept;
  };
  const get = async (key: string, how: ReadOptions) => {
    checkRead(key, how);
    return read(context, key, how);
  };
  const load = async (key: string, loader: Loader<unknown>, how: LoadOptions) =>
    getOrLoad(context, toAsk(context, key, loader, how));
  return {
    namespace: options.namespace,
    get: <T>(key: string, how: ReadOptions = NONE) => {
      const kept = how.consistency === "strong" ? undefined : atHand(key);
      if (kept === undefined) return get(key, how).then(opened<T>);
      context.figures.l1.hits++;
      return Promise.resolve(open(kept) as T);
    },
    getWithInfo: async <T>(key: string, how: ReadOptions = NONE) => {
      const outcome = await get(key, how);
      return outcome && toAnswer<T>(context, outcome);
    },
    getOrSet: <T>(key: string, loader: Loader<T>, how: LoadOptions = NONE) => {
      const kept = how.consistency === "strong" || how.protect === false ? undefined : atHand(key);
      if (kept === undefined) return load(key, loader, how).then(opened<T>) as Promise<T>;
      const beta = betaOf(how.refreshAhead ?? options.defaults?.refreshAhead);
      if (beta > 0 && isTime(context, { beta }, kept)) hit(context, toAsk(context, key, loader, how), kept);
      else context.figures.l1.hits++;
      return Promise.resolve(open(kept) as T);
    },
    getOrSetWithInfo: async <T>(key: string, loader: Loader<T>, how: LoadOptions = NONE) =>
      toAnswer<T>(context, await load(key, loader, how)),
    ...writesOf(context),
    mget: async <T>(keys: readonly string[], how: ReadOptions = NONE) => {
      for (const key of keys) checkRead(key, how);
      const found = await readMany(context, keys, how);
      return new Map([...found].map(([key, outcome]) => [key, open(outcome.held) as T]));
    },
    keys: () => keysOf(context),
    sync: async () => link?.feed.sync(),
    settled: async () => {
      while (context.background.size > 0) await Promise.all(context.background);
    },
    stats: () => statsOf(context),
    close: () => {
      leave?.();
      context.l1.clear();
    },
  };
};

const writesOf = (
  context: Context,
): Pick<Cache, "set" | "mset" | "delete" | "invalidateTag" | "clear" | "clean"> => {
  const mset = async (values: ReadonlyMap<string, unknown>, how: SetOptions = NONE) => {
    for (const key of values.keys()) checkKey(key);
    return write(context, values, toKeep(context, how));
  };
  return {
    mset,
    set: async (key, value, how = NONE) => {
      checkKey(key);
      return writeOne(context, key, value, toKeep(context, how));
    },
    delete: async (key) => {
      checkKey(key);
      return drop(context, key);
    },
    invalidateTag: async (tag) => {
      checkTags([tag]);
      return bump(context, tag);
    },
    clear: async () => bump(context, ""),
    clean: async (key, version) => {
      checkKey(key);
      return settle(context, key, version);
    },
  };
};

const keysOf = async function* ({ link, l1, names }: Context): AsyncGenerator<string> {
  const seen = new Set<string>();
  const all = link ? (link.store.keys?.(names.key("")) ?? []) : [...l1.keys()];
  for await (const name of all) {
    const key = link ? names.own(name) : name;
    if (key === undefined || seen.has(key)) continue;
    seen.add(key);
    yield key;
  }
};

const opened = <T>(outcome: Outcome | undefined) => outcome && (open(outcome.held) as T);

const toAnswer = <T>({ names }: Context, { held, marks, ...outcome }: Outcome): Answer<T> => ({
  value: open(held) as T,
  tier: outcome.tier,
  fresh: outcome.fresh,
  loaded: outcome.loaded,
  version: outcome.version,
  freshUntil: outcome.freshUntil,
  tags: names.tags(Object.keys(marks)),
  dirty: outcome.dirty,
});

const checkRead = (key: string, { tags }: ReadOptions) => {
  checkKey(key);
  if (tags) checkTags(tags);
};

const betaOf = (refreshAhead: boolean | number | undefined) => Number(refreshAhead ?? 0);

const toKeep = ({ options: { defaults } }: Context, how: SetOptions): Keep => {
  const { ttl = defaults?.ttl ?? TTL_MS, grace = defaults?.grace ?? 0, tags = [], dirty = false } = how;
  checkTags(tags);
  checkTime("ttl", ttl);
  checkTime("grace", grace);
  return { ttl, grace, tags, dirty, strong: how.consistency === "strong" };
};

const toAsk = (context: Context, key: string, loader: Loader<unknown>, how: LoadOptions): Ask => {
  const all = {
    negativeTtl: NEGATIVE_MS,
    timeout: LOAD_MS,
    protect: true,
    ...context.options.defaults,
    ...how,
  };
  const { ttl, grace, tags, strong } = toKeep(context, how);
  checkKey(key);
  checkTime("negativeTtl", all.negativeTtl);
  const beta = betaOf(all.refreshAhead);
  checkTime("refreshAhead", beta);
  if (!(all.timeout > 0 && all.timeout <= LONGEST_LOAD_MS))
    throw new Problem("invalid-request", `A load takes up to ${LONGEST_LOAD_MS} ms`);
  // Nothing is remembered for longer because it is not there.
  const negativeTtl = Math.min(all.negativeTtl, ttl);
  return {
    key,
    loader,
    ttl,
    grace,
    negativeTtl,
    tags,
    beta,
    lifetime: all.lifetime,
    timeout: all.timeout,
    protect: all.protect,
    strong,
  };
};
