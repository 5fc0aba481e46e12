import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { setClock } from "../kit/clock.ts";
import { createCache } from "./cache.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { Cache, Consistency } from "./options.ts";
import type { CacheStore } from "./store.ts";

/**
 * What is promised, over any interleaving of processes, slow calls, slow and failing loads, processes that are replaced while
 * their work goes on, and clocks that jump. Records only grow: 0, 1, 2 … An update writes the record and then drops (or sets) the
 * entry. A read that begins answers nothing older than the newest update whose drop was complete
 * - in whatever process, where the read is strong;
 * - in its own process, or anywhere at least `syncMs` before, where it is not. While a clock is set back by J, that is J longer.
 */
const SYNC_MS = 1_000;
const KEYS = ["a", "b", "c"] as const;
const TAGGED = ["a", "b"];
const PROCESSES = 3;
const ALL = 10_000;

type Key = (typeof KEYS)[number];
type Command =
  | { readonly do: "read"; readonly process: number; readonly keys: readonly Key[]; readonly how: ReadHow }
  | { readonly do: "update"; readonly process: number; readonly key: Key; readonly by: By }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "replace"; readonly process: number };
type By = "delete" | "set" | "tag" | "clear";
interface ReadHow {
  readonly consistency: Consistency;
  readonly by: "get" | "mget" | "getOrSet";
  readonly hinted: boolean;
  readonly fails: boolean;
  readonly grace: number;
  readonly refreshAhead: number;
  readonly protect: boolean;
}

const process = fc.nat({ max: PROCESSES - 1 });
const key = fc.constantFrom(...KEYS);
const how = fc.record<ReadHow>({
  consistency: fc.constantFrom("strong", "eventual", "eventual", "eventual"),
  by: fc.constantFrom("get", "mget", "getOrSet", "getOrSet", "getOrSet"),
  hinted: fc.boolean(),
  fails: fc.nat({ max: 5 }).map((n) => n === 0),
  grace: fc.constantFrom(0, 5_000),
  refreshAhead: fc.constantFrom(0, 1, 50),
  protect: fc.nat({ max: 5 }).map((n) => n > 0),
});
const read = fc.record({
  do: fc.constant("read" as const),
  process,
  keys: fc.subarray([...KEYS], { minLength: 1 }),
  how,
});
const update = fc.record({
  do: fc.constant("update" as const),
  process,
  key,
  by: fc.constantFrom<By>("delete", "set", "tag", "clear"),
});
const pass = fc.record({
  do: fc.constant("pass" as const),
  ms: fc.constantFrom(1, 50, 500, 999, 1_000, 3_000, 10_000, -1, -700, -5_000),
});
const replace = fc.record({ do: fc.constant("replace" as const), process });
const commands = fc.array(
  fc.record({
    command: fc.oneof(
      { weight: 6, arbitrary: read },
      { weight: 4, arbitrary: update },
      { weight: 2, arbitrary: pass },
      { weight: 1, arbitrary: replace },
    ),
    /** How much of what is under way gets on before the next begins. */
    steps: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 8 }) }, { weight: 1, arbitrary: fc.constant(ALL) }),
  }),
  { minLength: 5, maxLength: 40 },
);

/** Who reads in the end, when all is quiet: what stayed behind in a memory shows. */
const audit: readonly { readonly command: Command; readonly steps: number }[] = Array.from(
  { length: PROCESSES },
  (_, process) => ({
    command: {
      do: "read" as const,
      process,
      keys: KEYS,
      how: {
        consistency: "eventual" as const,
        by: "getOrSet" as const,
        hinted: false,
        fails: false,
        grace: 5_000,
        refreshAhead: 0,
        protect: true,
      },
    },
    steps: ALL,
  }),
);

/** A drop that is complete: from `everywhereAt` on, all must know. */
interface Done {
  readonly cache: Cache;
  readonly key: string;
  readonly value: number;
  everywhereAt: number;
}

const createWorld = (scheduler: fc.Scheduler) => {
  let elapsed = 0;
  let clock = 1_800_000_000_000;
  let latest = clock;
  const restore = setClock(() => clock);
  const records = new Map<string, number>(KEYS.map((each) => [each, 0]));
  const busy = new Set<string>();
  const done: Done[] = [];
  const wait = (what: string) => scheduler.schedule(Promise.resolve(), what);
  const move = (ms: number) => {
    clock += ms;
    latest = Math.max(latest, clock);
    elapsed += Math.max(0, ms);
    if (ms < 0) for (const each of done) each.everywhereAt -= ms;
  };
  const store = slowed(createMemoryStore(), wait);
  const start = () =>
    createCache({
      namespace: "model",
      store,
      syncMs: SYNC_MS,
      failureMs: 100,
      sleep: async (ms) => {
        await wait("sleep");
        move(ms);
      },
    });
  const caches = Array.from({ length: PROCESSES }, start);
  const of = (process: number) => caches[process] ?? start();

  /** The oldest value a read may answer that begins now. */
  const floor = (cache: Cache, name: string, consistency: Consistency) =>
    done
      .filter((each) => each.key === name)
      .filter((each) => consistency === "strong" || each.cache === cache || each.everywhereAt <= elapsed)
      .reduce((highest, { value }) => Math.max(highest, value), 0);

  const check = (name: string, value: number | undefined, least: number, what: unknown) => {
    if (value !== undefined && value < least)
      throw new Error(`${name} was answered as ${value}, and ${least} was known: ${JSON.stringify(what)}`);
  };

  const load =
    (name: string, { fails }: ReadHow) =>
    async () => {
      const value = records.get(name) ?? 0;
      await wait(`load ${name}`);
      await wait(`load ${name}`);
      if (fails) throw new Error("The origin failed");
      return value;
    };

  const readOne = async (cache: Cache, name: string, how: ReadHow) => {
    const { consistency, grace, refreshAhead, protect } = how;
    const tags = TAGGED.includes(name) ? ["t"] : [];
    const least = floor(cache, name, consistency);
    if (how.by === "get") {
      check(name, await cache.get<number>(name, { consistency, ...(how.hinted && { tags }) }), least, how);
      return;
    }
    const options = { consistency, tags, grace, refreshAhead, protect, ttl: 2_000, timeout: 2_000 };
    const answer = cache.getOrSet(name, load(name, how), options);
    // It may fail where the origin does: what it may not is answer something old.
    const value = await answer.catch(() => undefined);
    check(name, value, least, how);
  };

  const readMany = async (cache: Cache, names: readonly string[], { consistency }: ReadHow) => {
    const least = new Map(names.map((name) => [name, floor(cache, name, consistency)]));
    const found = await cache.mget<number>(names, { consistency });
    for (const [name, value] of found) check(name, value, least.get(name) ?? 0, "mget");
  };

  const updateAll = async (cache: Cache, name: string, by: By) => {
    const names = by === "clear" ? [...KEYS] : by === "tag" ? TAGGED : [name];
    // Two who write a key at once are nobody's first: of a record, too.
    if (names.some((each) => busy.has(each))) return;
    for (const each of names) busy.add(each);
    const values = new Map(names.map((each) => [each, (records.get(each) ?? 0) + 1]));
    for (const [each, value] of values) records.set(each, value);
    await wait("record");
    if (by === "delete") await cache.delete(name);
    if (by === "set")
      await cache.set(name, values.get(name), { ttl: 2_000, tags: TAGGED.includes(name) ? ["t"] : [] });
    if (by === "tag") await cache.invalidateTag("t");
    if (by === "clear") await cache.clear();
    for (const [each, value] of values) {
      busy.delete(each);
      // Who asked before the clock was set back counts from there.
      done.push({ cache, key: each, value, everywhereAt: elapsed + SYNC_MS + latest - clock });
    }
  };

  const run = async (command: Command): Promise<void> => {
    if (command.do === "pass") return move(command.ms);
    const cache = of(command.process);
    if (command.do === "replace") {
      caches[command.process] = start();
      return;
    }
    if (command.do === "update") return updateAll(cache, command.key, command.by);
    const { keys, how } = command;
    if (how.by === "mget") return readMany(cache, keys, how);
    await Promise.all(keys.map((name) => readOne(cache, name, how)));
  };
  return { run, restore };
};

/** A store to which and from which every call takes its time. */
const slowed = (store: CacheStore, wait: (what: string) => Promise<unknown>): CacheStore => {
  const slow =
    <A extends unknown[], R>(name: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await wait(`${name} goes`);
      const answer = await work(...args);
      await wait(`${name} comes`);
      return answer;
    };
  return {
    name: store.name,
    get: slow("get", store.get),
    getMany: slow("getMany", store.getMany),
    set: slow("set", store.set),
    setMany: slow("setMany", store.setMany),
    fill: slow("fill", store.fill),
    delete: slow("delete", store.delete),
    lease: slow("lease", store.lease),
    release: slow("release", store.release),
    marks: slow("marks", store.marks),
    bump: slow("bump", store.bump),
    changes: slow("changes", store.changes),
  };
};

describe("the cache, by its model", () => {
  it("never answers anything older than what whoever reads must know", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), commands, async (scheduler, steps) => {
        const world = createWorld(scheduler);
        const step = async () => {
          await scheduler.waitOne();
          await nextTurn();
        };
        try {
          const running: Promise<void>[] = [];
          let failed: unknown;
          for (const { command, steps: many } of [
            ...steps,
            { command: { do: "pass", ms: 0 } as const, steps: ALL },
            ...audit,
          ]) {
            running.push(
              world.run(command).catch((error: unknown) => {
                failed ??= error;
              }),
            );
            await nextTurn();
            for (let n = 0; n < many && scheduler.count() > 0; n++) await step();
          }
          while (scheduler.count() > 0) await step();
          await Promise.all(running);
          expect(failed).toBeUndefined();
        } finally {
          world.restore();
        }
      }),
      { numRuns: Number(globalThis.process.env.RUNS ?? 60) },
    );
  }, 60_000);
});
