import { LRUCache } from "lru-cache";
import { now } from "#core/kit/clock.ts";
import { newId } from "#core/kit/id.ts";
import { announce, changesSince, cursorFromNow } from "./dynamo-feed.ts";
import { type CacheStore, type Change, FENCE_MS, type Stored } from "./store.ts";

/** A second tier that keeps nothing, and hears everything. */
export interface HearingStore extends CacheStore {
  /** Whether a key was changed lately: its origin is then to be read strongly, as its replicas may lag behind the news. */
  changedLately(key: string): boolean;
}

const MAX_CHANGED = 10_000;
/** A feed that failed is not asked again for this long: a request costs one wait in five seconds, not each its own. */
const REST_MS = 5_000;

// The breaker of a cache would not do: all else that this store is asked for succeeds.
const createRest = () => {
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  return async <T>(ask: () => Promise<T>): Promise<T> => {
    if (failed && Math.abs(now() - failed.at) < REST_MS) throw failed.error;
    failed = undefined;
    try {
      return await ask();
    } catch (error) {
      failed = { at: now(), error };
      throw error;
    }
  };
};

/**
 * For caches whose origin is as near as a second tier would be (a table in DynamoDB before a table in DynamoDB costs a read and a
 * write more on each miss): this process's memory alone, and the feed that drops from it what others changed. A write is one call,
 * 1 WCU per KB of keys; what others did one call, 0.5 RCU per 4 KB of what changed on this channel in the last ten seconds.
 *
 * Versions are counted by this process as it hears of changes: an entry bears the number that stood as its read began, so a change
 * heard since voids it, however late the change itself was. Hearing of one twice costs a load, and nothing else.
 */
export const createHearingStore = (table: string, channel: string): HearingStore => {
  let heard = 1; // 0 would say that nothing was kept
  const changed = new LRUCache<string, number>({ max: MAX_CHANGED });
  const rested = createRest();
  const hear = (key: string | undefined): number => {
    if (key !== undefined) changed.set(key, now());
    return ++heard;
  };
  const tell = async (change: Pick<Change, "key" | "mark">): Promise<number> => {
    // Nobody goes by the number: each process gives its own.
    await announce(table, [{ id: newId("chg"), ...change, version: 0 }], channel);
    return hear(change.key);
  };
  const nothing = (): Stored => ({
    version: heard,
    body: null,
    freshUntil: 0,
    keptUntil: 0,
    marks: {},
    loadMs: 0,
  });
  const none = (names: readonly string[] = []) => Object.fromEntries(names.map((name) => [name, 0]));
  return {
    name: "dynamodb",
    get: async (_key, how) => ({ entry: nothing(), marks: none(how?.marks) }),
    getMany: async (keys, how) => ({ entries: keys.map(nothing), marks: none(how?.marks) }),
    set: (key) => tell({ key }),
    setMany: async (drafts) => {
      const keys = [...drafts.keys()];
      await announce(
        table,
        keys.map((key) => ({ id: newId("chg"), key, version: 0 })),
        channel,
      );
      return new Map(keys.map((key) => [key, hear(key)]));
    },
    // What was changed since is fenced in memory, where it is to be kept.
    fill: async (_key, _draft, expected) => expected,
    delete: (key) => tell({ key }),
    lease: async () => ({ taken: true, entry: undefined }),
    release: async () => {},
    marks: async (names) => none(names),
    bump: (mark) => tell({ mark }),
    changes: async (cursor) => {
      if (cursor === undefined) return { changes: [], cursor: cursorFromNow(), gap: false };
      const news = await rested(() => changesSince(table, cursor, channel));
      if (news.gap) heard++;
      return { ...news, changes: news.changes.map((each) => ({ ...each, version: hear(each.key) })) };
    },
    changedLately: (key) => {
      const at = changed.get(key);
      return at !== undefined && Math.abs(now() - at) < FENCE_MS;
    },
  };
};
