import { LRUCache } from "lru-cache";
import { algorithmOf, type Family, type State } from "./algorithm.schema.ts";
import type { Decision, Take } from "./decision.schema.ts";
import type { LimitStore } from "./store.ts";
import { assertTakes } from "./takes.ts";

/** How much a memory store may keep. */
export interface MemoryStoreHow {
  /** Keys; the least recently asked goes first, and is as if it had taken nothing. */
  readonly maxKeys?: number;
  /** Admissions that the sliding logs may hold together: 16 bytes each. */
  readonly maxLogged?: number;
}

/** A store that decides at once. */
export interface MemoryStore extends LimitStore {
  readonly name: "memory";
  /** `take` without a promise. */
  decide(takes: readonly Take[], now: number): readonly Decision[];
  /** Keys it holds. */
  size(): number;
}

interface Cell {
  readonly family: Family;
  state: State;
  restsAt: number;
}

const SWEEP_EVERY = 256; // decisions; as many keys are looked at, so that a sweep takes some 10 us

/**
 * Counts in this process. Nothing awaits between reading and writing, so no race can split a decision. Bounded, and keys that
 * are at rest are forgotten: by who asks for them, else by a sweep of those asked longest ago.
 */
export const memoryStore = ({
  maxKeys = 100_000,
  maxLogged = 2_000_000,
}: MemoryStoreHow = {}): MemoryStore => {
  const cells = new LRUCache<string, Cell>({ max: maxKeys });
  const logs = new LRUCache<string, Cell>({ max: maxKeys, maxSize: maxLogged });
  const shelf = (family: Family) => (family === "log" ? logs : cells);
  let sinceSweep = 0;

  const stateOf = (take: Pick<Take, "key" | "params">): State | undefined => {
    const { family } = algorithmOf[take.params.algorithm];
    const cell = shelf(family).get(take.key);
    return cell?.family === family ? cell.state : undefined;
  };
  const keep = ({ key, params }: Pick<Take, "key" | "params">, state: State | undefined) => {
    const { family, restsAt } = algorithmOf[params.algorithm];
    if (state === undefined) return void shelf(family).delete(key);
    const rests = restsAt(state, params);
    if (family === "log") {
      const held = state as Extract<State, { readonly end: number }>;
      return void logs.set(key, { family, state, restsAt: rests }, { size: held.entries.length / 2 });
    }
    const cell = cells.peek(key);
    if (!cell || cell.family !== family) return void cells.set(key, { family, state, restsAt: rests });
    // the same cell: `get` has just made it the most recent
    cell.state = state;
    cell.restsAt = rests;
  };
  const takeOne = (take: Take, now: number): Decision => {
    const state = stateOf(take);
    const taken = algorithmOf[take.params.algorithm].take(state, take.params, take.cost, now);
    if (taken.state !== state) keep(take, taken.state);
    return taken.decision;
  };
  const look = (take: Take, cost: number, now: number): Decision =>
    algorithmOf[take.params.algorithm].peek(stateOf(take), take.params, cost, now);
  const decide = (takes: readonly Take[], now: number): readonly Decision[] => {
    assertTakes(takes);
    if (++sinceSweep >= SWEEP_EVERY) sweep(now);
    const [only] = takes;
    if (only && takes.length === 1) return [takeOne(only, now)];
    const looks = takes.map((take) => look(take, take.cost, now));
    if (looks.every(({ allowed }) => allowed)) return takes.map((take) => takeOne(take, now));
    return takes.map((take, index) =>
      looks[index]?.allowed ? look(take, 0, now) : (looks[index] as Decision),
    );
  };
  const sweep = (now: number) => {
    sinceSweep = 0;
    for (const kept of [cells, logs]) {
      let looked = 0;
      const rested: string[] = [];
      for (const key of kept.rkeys()) {
        if ((kept.peek(key)?.restsAt ?? now) <= now) rested.push(key);
        if (++looked >= SWEEP_EVERY) break;
      }
      for (const key of rested) kept.delete(key);
    }
  };

  return {
    name: "memory",
    decide,
    size: () => cells.size + logs.size,
    take: async (takes, now) => decide(takes, now),
    peek: async (take, now) => {
      assertTakes([take]);
      return look(take, take.cost, now);
    },
    refund: async (take, now) => {
      assertTakes([take]);
      const state = stateOf(take);
      if (state !== undefined)
        keep(take, algorithmOf[take.params.algorithm].refund(state, take.params, take.cost, now));
    },
    reset: async ({ key, params }) => void shelf(algorithmOf[params.algorithm].family).delete(key),
  };
};
