import { algorithmOf, type Family, type State } from "./algorithm.schema.ts";
import type { Params } from "./decision.schema.ts";

/** What a memory store keeps of a key. */
export interface Cell {
  readonly key: string;
  family: Family;
  state: State;
  /** Of the rule that wrote it: they say when it is at rest. */
  params: Params;
  /** Admissions of a log; else 1. */
  weight: number;
  /** Since the hand last passed. */
  asked: boolean;
}

/** Cells by key, within bounds. */
export interface Cells {
  get(key: string): Cell | undefined;
  /** A new cell. What it makes too much goes. */
  add(cell: Cell): void;
  /** Another state in the same cell. */
  write(cell: Cell, family: Family, state: State, params: Params): void;
  delete(key: string): void;
  /** Forgets some of those that are at rest. */
  sweep(now: number): void;
  size(): number;
}

const AT_ONCE = 256; // cells a sweep forgets at most: some 10 us
const AWAKE = 64; // cells a sweep finds in vain
const SPARED = 1_000; // cells that are spared at most before one goes

const weightOf = (state: State) =>
  typeof state === "object" && "entries" in state ? state.entries.length / 2 : 1;

/**
 * Second chance (F. J. Corbató, "A Paging Experiment with the Multics System", 1968): a hand goes round; what was asked for since
 * it last passed is spared, the first that was not goes. As good as the order of use, and a hit costs a flag, not a move.
 */
export const createCells = (maxKeys: number, maxWeight: number): Cells => {
  const cells = new Map<string, Cell>();
  let hand = cells.values();
  let weight = 0;
  const next = (): Cell | undefined => {
    const { value } = hand.next();
    if (value !== undefined) return value;
    hand = cells.values();
    return hand.next().value;
  };
  const remove = (cell: Cell) => {
    if (cells.delete(cell.key)) weight -= cell.weight;
  };
  /** `except`: whom it is for. */
  const makeRoom = (except: Cell) => {
    for (let spared = 0; (cells.size > maxKeys || weight > maxWeight) && cells.size > 1; ) {
      const cell = next();
      if (!cell || cell === except) continue;
      if (!cell.asked || ++spared > SPARED) remove(cell);
      else cell.asked = false;
    }
  };
  return {
    get: (key) => {
      const cell = cells.get(key);
      if (cell !== undefined) cell.asked = true;
      return cell;
    },
    add: (cell) => {
      cell.weight = weightOf(cell.state);
      weight += cell.weight;
      cells.set(cell.key, cell);
      if (cells.size > maxKeys || weight > maxWeight) makeRoom(cell);
    },
    write: (cell, family, state, params) => {
      cell.family = family;
      cell.state = state;
      cell.params = params;
      const now = weightOf(state);
      if (now === cell.weight) return;
      weight += now - cell.weight;
      cell.weight = now;
      if (weight > maxWeight) makeRoom(cell);
    },
    delete: (key) => {
      const cell = cells.get(key);
      if (cell) remove(cell);
    },
    sweep: (now) => {
      let awake = 0;
      for (let forgotten = 0; forgotten < AT_ONCE && awake < AWAKE && awake < cells.size; ) {
        const cell = next();
        if (!cell) return;
        if (algorithmOf[cell.params.algorithm].restsAt(cell.state, cell.params) > now) awake++;
        else {
          remove(cell);
          forgotten++;
        }
      }
    },
    size: () => cells.size,
  };
};
