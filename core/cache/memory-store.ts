import { now } from "#core/kit/clock.ts";
import { MARK_MS } from "./life.ts";
import { type CacheStore, type Change, type Draft, FENCE_MS, type Stored } from "./store.ts";

const FEED_LENGTH = 10_000;
const FORGOTTEN = 100_000;
const SWEEP_EVERY = 1_024; // writes

/** What the memory store keeps of a key. */
interface Item {
  readonly stored: Stored;
  /** Until then its version is remembered. */
  readonly until: number;
}

/**
 * A store in this process: for one process, and for tests in which several caches play the processes. Holds what it is given
 * until it expires, without a bound.
 */
export const createMemoryStore = (): CacheStore => {
  const items = createItems();
  const marks = createMarks();
  const feed = createLog();
  const set = (key: string, draft: Draft): number => {
    const version = items.put(key, draft, items.version(key) + 1);
    feed.add({ key, version });
    return version;
  };
  const marksOf = (names: readonly string[] = []) =>
    Object.fromEntries(names.map((name) => [name, marks.get(name)]));
  return {
    name: "memory",
    get: async (key, how) => ({ entry: items.get(key), marks: marksOf(how?.marks) }),
    getMany: async (keys, how) => ({ entries: keys.map(items.get), marks: marksOf(how?.marks) }),
    set: async (key, draft) => set(key, draft),
    setMany: async (drafts) => new Map([...drafts].map(([key, draft]) => [key, set(key, draft)])),
    fill: async (key, draft, expected, holder) =>
      items.isAt(key, expected) && items.isHeld(key, holder)
        ? items.put(key, draft, items.version(key) + 1)
        : undefined,
    delete: async (key, keptUntil) =>
      set(key, { body: null, freshUntil: 0, keptUntil, marks: {}, loadMs: 0 }),
    lease: async (key, lease, expected, at) => items.lease(key, lease, expected, at),
    release: async (key, holder) => items.release(key, holder),
    marks: async (names) => marksOf(names),
    bump: async (mark) => {
      const version = marks.bump(mark);
      feed.add({ mark, version });
      return version;
    },
    changes: async (cursor) => feed.since(cursor),
    keys: async function* (prefix) {
      yield* items.keys().filter((key) => key.startsWith(prefix));
    },
  };
};

const createItems = () => {
  const items = new Map<string, Item>();
  const forgotten = createForgotten();
  let writes = 0;
  const sweep = (at: number) => {
    for (const [key, { stored, until }] of items) {
      if (stored.dirty || until > at) continue;
      forgotten.add(key, stored.version);
      items.delete(key);
    }
  };
  const read = (key: string): Stored | undefined => items.get(key)?.stored;
  const write = (key: string, stored: Stored) => {
    const at = now();
    if (++writes % SWEEP_EVERY === 0) sweep(at);
    const until = Math.max(stored.keptUntil, stored.lease?.until ?? 0, at) + FENCE_MS;
    items.set(key, { stored, until });
    return stored.version;
  };
  const get = (key: string): Stored | undefined => {
    const stored = read(key);
    if (!stored) return undefined;
    const at = now();
    const { lease, ...rest } = stored;
    const alive = stored.dirty || stored.keptUntil > at;
    return {
      ...rest,
      body: alive ? stored.body : null,
      ...(lease && lease.until > at && { lease }),
    };
  };
  return {
    get,
    keys: () => items.keys(),
    isAt: (key: string, expected: number) => (read(key)?.version ?? expected) === expected,
    isHeld: (key: string, holder: string | undefined) =>
      holder === undefined || read(key)?.lease?.holder === holder,
    /** What the next version is above. */
    version: (key: string) => read(key)?.version || forgotten.get(key),
    put: (key: string, draft: Draft, version: number) => write(key, { ...draft, version }),
    lease: (key: string, lease: NonNullable<Stored["lease"]>, expected: number, at: number) => {
      const stored = read(key) ?? NOTHING;
      const held =
        stored.lease !== undefined && stored.lease.until > at && stored.lease.holder !== lease.holder;
      if (held || stored.version !== expected) return { taken: false, entry: get(key) };
      write(key, { ...stored, lease });
      return { taken: true, entry: undefined };
    },
    release: (key: string, holder: string) => {
      const stored = read(key);
      if (stored?.lease?.holder !== holder) return;
      const { lease: _, ...rest } = stored;
      write(key, rest);
    },
  };
};

/** A key that was forgotten starts above all it ever had: the last are known by name, the others by the highest of them. */
const createForgotten = () => {
  const versions = new Map<string, number>();
  let floor = 0;
  return {
    get: (key: string) => versions.get(key) ?? floor,
    add: (key: string, version: number) => {
      versions.set(key, version);
      const [oldest] = versions;
      if (versions.size <= FORGOTTEN || !oldest) return;
      floor = Math.max(floor, oldest[1]);
      versions.delete(oldest[0]);
    },
  };
};

/** One that was forgotten starts above all it ever had: all count by the highest of them. */
const createMarks = () => {
  // in the order of their last bump
  const marks = new Map<string, { readonly version: number; readonly until: number }>();
  let highest = 0;
  return {
    get: (name: string): number => {
      const mark = marks.get(name);
      return mark !== undefined && now() < mark.until ? mark.version : 0;
    },
    bump: (name: string): number => {
      const at = now();
      marks.delete(name);
      marks.set(name, { version: ++highest, until: at + MARK_MS });
      const [oldest] = marks;
      if (oldest && oldest[1].until <= at) marks.delete(oldest[0]);
      return highest;
    },
  };
};

const NOTHING: Stored = { version: 0, body: null, freshUntil: 0, keptUntil: 0, marks: {}, loadMs: 0 };

const createLog = () => {
  const changes: Change[] = [];
  let first = 0; // number of changes[0]
  const next = () => first + changes.length;
  return {
    add: (change: Omit<Change, "id">) => {
      changes.push({ id: String(next()), ...change });
      if (changes.length < FEED_LENGTH * 2) return;
      changes.splice(0, FEED_LENGTH);
      first += FEED_LENGTH;
    },
    since: (cursor: string | undefined) => {
      const from = cursor === undefined ? next() : Number(cursor);
      const gap = from < first;
      return { changes: gap ? [] : changes.slice(from - first), cursor: String(next()), gap };
    },
  };
};
