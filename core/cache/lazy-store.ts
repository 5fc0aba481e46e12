import type { CacheStore } from "./store.ts";

/**
 * A store that is reached for when it is first asked. Where that fails, that call has failed as any other of a store may, and
 * the next one tries anew: a process that began while its servers were away is not lost.
 */
export const createLazyStore = (name: CacheStore["name"], open: () => Promise<CacheStore>): CacheStore => {
  let store: CacheStore | undefined;
  let opening: Promise<CacheStore> | undefined;
  const reach = () => {
    opening ??= open().then(
      (opened) => {
        store = opened;
        return opened;
      },
      (error: unknown) => {
        opening = undefined;
        throw error;
      },
    );
    return opening;
  };
  return {
    name,
    get: async (key, how) => (await reach()).get(key, how),
    getMany: async (keys, how) => (await reach()).getMany(keys, how),
    set: async (key, draft) => (await reach()).set(key, draft),
    setMany: async (drafts) => (await reach()).setMany(drafts),
    fill: async (key, draft, expected, holder) => (await reach()).fill(key, draft, expected, holder),
    delete: async (key, keptUntil) => (await reach()).delete(key, keptUntil),
    lease: async (key, lease, expected, at) => (await reach()).lease(key, lease, expected, at),
    release: async (key, holder) => (await reach()).release(key, holder),
    marks: async (names, strong) => (await reach()).marks(names, strong),
    bump: async (mark) => (await reach()).bump(mark),
    changes: async (cursor) => (await reach()).changes(cursor),
    keys: async function* (prefix) {
      yield* (await reach()).keys?.(prefix) ?? [];
    },
    lagMs: () => store?.lagMs?.() ?? 0,
  };
};
