import { type Breaker, createBreaker } from "./breaker.ts";
import { createFeed, type Feed } from "./feed.ts";
import type { CacheStore } from "./store.ts";

/** A store with its breaker and its feed: one for all caches of a process over that store. */
export interface Link {
  readonly store: CacheStore;
  readonly breaker: Breaker;
  readonly feed: Feed;
  readonly syncMs: number;
}

/** Links a store: what fails or takes too long is StoreDown. */
export const linkStore = (store: CacheStore, syncMs: number, timeoutMs: number): Link => {
  const breaker = createBreaker(timeoutMs);
  const { run } = breaker;
  const guarded: CacheStore = {
    name: store.name,
    get: (key, how) => run(() => store.get(key, how)),
    getMany: (keys, how) => run(() => store.getMany(keys, how)),
    set: (key, draft) => run(() => store.set(key, draft)),
    setMany: (drafts) => run(() => store.setMany(drafts)),
    fill: (key, draft, expected, holder) => run(() => store.fill(key, draft, expected, holder)),
    delete: (key, keptUntil) => run(() => store.delete(key, keptUntil)),
    lease: (key, lease, expected, at) => run(() => store.lease(key, lease, expected, at)),
    release: (key, holder) => run(() => store.release(key, holder)),
    marks: (names, strong) => run(() => store.marks(names, strong)),
    bump: (mark) => run(() => store.bump(mark)),
    changes: (cursor) => run(() => store.changes(cursor)),
    ...(store.keys && { keys: store.keys }),
    lagMs: () => store.lagMs?.() ?? 0,
  };
  return { store: guarded, breaker, feed: createFeed(guarded.changes, syncMs), syncMs };
};
