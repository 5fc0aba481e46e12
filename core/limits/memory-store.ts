import { LRUCache } from "lru-cache";
import { algorithmOf, type Family, type State } from "./algorithm.schema.ts";
import type { Decision, Params, Take } from "./decision.schema.ts";
import { MAX_LOG } from "./rule.schema.ts";
import type { LimitStore } from "./store.ts";
import { assertTakes } from "./takes.ts";

/** How much a memory store may keep. */
export interface MemoryStoreHow {
  /** Keys; the least recently asked goes first, and is as if it had taken nothing. */
  readonly maxKeys?: number;
  /** Admissions that the sliding logs may hold together, 16 bytes each; at least what the largest needs. */
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
  family: Family;
  state: State;
  /** Of the rule that wrote it: they say when it is at rest. */
  params: Params;
}

const LARGEST_LOG = 2 * MAX_LOG + 64; // with what has left and was not yet dropped; a log that did not fit would never fill
const SWEEP_EVERY = 256; // decisions; at most as many keys are forgotten then, so that a sweep takes some 10 us
const AWAKE = 16; // of those asked longest ago: if so many are not at rest, hardly any is

const sizeOf = (state: State) =>
  typeof state === "object" && "entries" in state ? state.entries.length / 2 : 1;

/**
 * Counts in this process. Nothing awaits between reading and writing, so no race can split a decision. Bounded, and keys that
 * are at rest are forgotten: by who asks for them, else by a sweep of those asked longest ago.
 */
export const memoryStore = ({
  maxKeys = 100_000,
  maxLogged = 2_000_000,
}: MemoryStoreHow = {}): MemoryStore => {
  const cells = new LRUCache<string, Cell>({ max: maxKeys });
  const logs = new LRUCache<string, Cell>({ max: maxKeys, maxSize: Math.max(maxLogged, LARGEST_LOG) });
  const shelf = (family: Family) => (family === "log" ? logs : cells);
  let sinceSweep = 0;

  const stateOf = (family: Family, key: string): State | undefined => {
    const cell = shelf(family).get(key);
    return cell?.family === family ? cell.state : undefined;
  };
  /** `cell`: as it was read just now, and so made the most recent: it is written without a second look. */
  const keep = (cell: Cell | undefined, { key, params }: Take, state: State | undefined) => {
    const { family } = algorithmOf[params.algorithm];
    const kept = shelf(family);
    if (state === undefined) kept.delete(key);
    else if (family === "log") kept.set(key, { family, state, params }, { size: sizeOf(state) });
    else if (cell === undefined) kept.set(key, { family, state, params });
    else {
      cell.family = family;
      cell.state = state;
      cell.params = params;
    }
  };
  const takeOne = (one: Take, now: number): Decision => {
    const { family, take } = algorithmOf[one.params.algorithm];
    const cell = shelf(family).get(one.key);
    const state = cell?.family === family ? cell.state : undefined;
    const taken = take(state, one.params, one.cost, now);
    if (taken.state !== state) keep(cell, one, taken.state);
    return taken.decision;
  };
  const look = ({ key, params }: Take, cost: number, now: number): Decision => {
    const { family, peek } = algorithmOf[params.algorithm];
    return peek(stateOf(family, key), params, cost, now);
  };
  const decide = (takes: readonly Take[], now: number): readonly Decision[] => {
    assertTakes(takes);
    if (++sinceSweep >= SWEEP_EVERY) sweep(now);
    const only = takes[0];
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
      let awake = 0;
      const rested: string[] = [];
      for (const key of kept.rkeys()) {
        const cell = kept.peek(key);
        if (cell && algorithmOf[cell.params.algorithm].restsAt(cell.state, cell.params) <= now)
          rested.push(key);
        else if (++awake >= AWAKE) break;
        if (rested.length >= SWEEP_EVERY) break;
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
      const { family, refund } = algorithmOf[take.params.algorithm];
      const cell = shelf(family).get(take.key);
      if (cell?.family === family) keep(cell, take, refund(cell.state, take.params, take.cost, now));
    },
    reset: async ({ key, params }) => void shelf(algorithmOf[params.algorithm].family).delete(key),
  };
};
