import { algorithmOf, type Family, type State } from "./algorithm.schema.ts";
import type { Decision, Take } from "./decision.schema.ts";
import { type Cell, createCells } from "./memory-cells.ts";
import { MAX_LOG } from "./rule.schema.ts";
import type { LimitStore } from "./store.ts";
import { assertTakes } from "./takes.ts";

/** How much a memory store may keep. */
export interface MemoryStoreHow {
  /** Keys; one that was not asked for lately goes first, and is as if it had taken nothing. */
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

const LARGEST_LOG = 2 * MAX_LOG + 64; // with what has left and was not yet dropped; a log that did not fit would never fill
const SWEEP_EVERY = 256; // decisions

/**
 * Counts in this process. Nothing awaits between reading and writing, so no race can split a decision. Bounded, and keys that
 * are at rest are forgotten: by who asks for them, else by a sweep.
 */
export const memoryStore = ({
  maxKeys = 100_000,
  maxLogged = 2_000_000,
}: MemoryStoreHow = {}): MemoryStore => {
  const cells = createCells(maxKeys, Number.POSITIVE_INFINITY);
  const logs = createCells(maxKeys, Math.max(maxLogged, LARGEST_LOG));
  const shelf = (family: Family) => (family === "log" ? logs : cells);
  let sinceSweep = 0;

  const stateOf = (family: Family, key: string): State | undefined => {
    const cell = shelf(family).get(key);
    return cell?.family === family ? cell.state : undefined;
  };
  /** `cell`: as it was read just now; it is written without a second look. */
  const keep = (cell: Cell | undefined, { key, params }: Take, family: Family, state: State | undefined) => {
    if (state === undefined) shelf(family).delete(key);
    else if (cell) shelf(family).write(cell, family, state, params);
    else shelf(family).add({ key, family, state, params, weight: 1, asked: false });
  };
  const takeOne = (one: Take, now: number): Decision => {
    const { family, take } = algorithmOf[one.params.algorithm];
    const cell = shelf(family).get(one.key);
    const state = cell?.family === family ? cell.state : undefined;
    const taken = take(state, one.params, one.cost, now);
    if (taken.state !== state) keep(cell, one, family, taken.state);
    return taken.decision;
  };
  const look = ({ key, params }: Take, cost: number, now: number): Decision => {
    const { family, peek } = algorithmOf[params.algorithm];
    return peek(stateOf(family, key), params, cost, now);
  };
  const decide = (takes: readonly Take[], now: number): readonly Decision[] => {
    assertTakes(takes);
    if (++sinceSweep >= SWEEP_EVERY) {
      sinceSweep = 0;
      cells.sweep(now);
      logs.sweep(now);
    }
    const only = takes[0];
    if (only && takes.length === 1) return [takeOne(only, now)];
    const looks = takes.map((take) => look(take, take.cost, now));
    if (looks.every(({ allowed }) => allowed)) return takes.map((take) => takeOne(take, now));
    return takes.map((take, index) =>
      looks[index]?.allowed ? look(take, 0, now) : (looks[index] as Decision),
    );
  };
  return {
    name: "memory",
    decide,
    size: () => cells.size() + logs.size(),
    take: async (takes, now) => decide(takes, now),
    peek: async (take, now) => {
      assertTakes([take]);
      return look(take, take.cost, now);
    },
    refund: async (take, now) => {
      assertTakes([take]);
      const { family, refund } = algorithmOf[take.params.algorithm];
      const cell = shelf(family).get(take.key);
      if (cell?.family === family) keep(cell, take, family, refund(cell.state, take.params, take.cost, now));
    },
    reset: async ({ key, params }) => void shelf(algorithmOf[params.algorithm].family).delete(key),
  };
};
