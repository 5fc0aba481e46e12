import type { CacheStore } from "../../core/cache/store.ts";
import { now, setClock } from "../../core/kit/clock.ts";

/** How often a store was asked, by operation. */
export type Calls = Record<string, number>;

/** A store that counts its calls, and can be taken down. */
export const watched = (store: CacheStore) => {
  let calls: Calls = {};
  let down = false;
  const count =
    <A extends unknown[], R>(name: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls[name] = (calls[name] ?? 0) + 1;
      if (down) throw new Error("connection refused");
      return work(...args);
    };
  const watching: CacheStore = {
    name: store.name,
    get: count("get", store.get),
    getMany: count("getMany", store.getMany),
    set: count("set", store.set),
    setMany: count("setMany", store.setMany),
    fill: count("fill", store.fill),
    delete: count("delete", store.delete),
    lease: count("lease", store.lease),
    release: count("release", store.release),
    marks: count("marks", store.marks),
    bump: count("bump", store.bump),
    changes: count("changes", store.changes),
  };
  return {
    store: watching,
    takeDown: (is = true) => {
      down = is;
    },
    /** Since the last time. */
    calls: (): Calls => {
      const since = calls;
      calls = {};
      return since;
    },
  };
};

/** A clock that stands until it is moved; sleepers wake as it passes their time. */
export const standingClock = (start = 1_800_000_000_000) => {
  let at = start;
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  const restore = setClock(() => at);
  return {
    restore,
    sleep: (ms: number) => new Promise<void>((wake) => sleepers.push({ until: at + ms, wake })),
    /** How many sleep. */
    sleeping: () => sleepers.length,
    move: (ms: number) => {
      at += ms;
      const awake = sleepers.filter(({ until }) => until <= now());
      sleepers = sleepers.filter(({ until }) => until > now());
      for (const { wake } of awake) wake();
    },
  };
};

/** A promise that is settled from outside: a load that takes as long as the test wants. */
export const gate = <T>() => {
  let open: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
};

/** Lets all that can go on go on: microtasks, and what was put off to the next turn. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
};
