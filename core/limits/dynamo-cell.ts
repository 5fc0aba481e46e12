import type { LRUCache } from "lru-cache";
import type { Decision, Take } from "./decision.schema.ts";
import { metered, queued } from "./dynamo-bucket.ts";
import { exactly, type Family, type Known } from "./dynamo-family.ts";
import { type Item, ttlOf, type Write } from "./dynamo-item.ts";
import { slidingLog } from "./dynamo-log.ts";
import { fixedWindow, slidingWindow } from "./dynamo-window.ts";
import { countKey, type Key } from "./limit.keys.ts";

/** What this process remembers of an item, and when it last asked. */
export interface Remembered {
  readonly at: number;
  readonly sk: string;
  readonly item: Item | undefined;
}
export type Memory = LRUCache<string, Remembered>;

/** A key as the table keeps it, while it is decided on: what is known of its item, and what follows from that. */
export interface Cell {
  readonly key: Key;
  /** Whether the table itself has just told what is known. */
  isSure(): boolean;
  /** Whether nothing can be tried before the item is read. */
  needsRead(): boolean;
  /** The item as it was just read, or refused a write. */
  tell(item: Item | undefined): void;
  /** What requests of these costs are told one after the other, and what those that are admitted take. */
  judge(costs: readonly number[]): { readonly decisions: readonly Decision[]; readonly total: number };
  /** Takes so much. */
  take(total: number): Write;
  /** What requests are told that were admitted by a write which left `item`; a transaction does not say what it left. */
  settle(costs: readonly number[], item: Item | undefined): readonly Decision[];
  /** Undefined: there is nothing to give back. */
  giveBack(cost: number): Write | undefined;
}

const admitted = (decision: Decision): Decision => ({ ...decision, allowed: true, retryAfterMs: 0 });

const open = <S>(family: Family<S>, { key: name, params }: Asked, now: number, memory: Memory): Cell => {
  const id = `${params.algorithm}\n${name}`;
  const last = memory.get(id);
  // Windows that this process has left stay left, whatever its clock says.
  const at = Math.max(now, last?.at ?? 0);
  const key = countKey(name, family.sk(params, at));
  const knownAs = (item: Item | undefined, sure: boolean): Known<S> => ({
    item,
    sure,
    state: family.parse(item, params, at),
  });
  const remember = (item: Item | undefined) => void memory.set(id, { at, sk: key.sk, item });
  let known = knownAs(last?.sk === key.sk ? last.item : undefined, false);
  if (last?.sk !== key.sk) remember(undefined);
  const fold = (before: S | undefined, costs: readonly number[]) => {
    let state = before;
    return costs.map((cost) => {
      const next = family.take(state, params, cost, now);
      state = next.state;
      return next.decision;
    });
  };
  const toWrite = (change: Omit<Write, "key" | "ttl">): Write => ({
    key,
    ttl: ttlOf(family.endsAt(params, at)),
    ...change,
  });
  const added = (total: number) => family.add?.(params, known, total, now);
  return {
    key,
    isSure: () => known.sure,
    needsRead: () =>
      !known.sure &&
      (known.state === undefined ? !family.blind : family.isStale?.(known.state, params, now) === true),
    tell: (item) => {
      remember(item);
      known = knownAs(item, true);
    },
    judge: (costs) => {
      const decisions = fold(known.state, costs);
      const total = costs.reduce((sum, cost, index) => sum + (decisions[index]?.allowed ? cost : 0), 0);
      return { decisions, total };
    },
    take: (total) => {
      const change = added(total);
      if (change) return toWrite(change);
      const { state } = family.take(known.state, params, total, now);
      if (state === undefined) throw new Error("Nothing is taken that would have to be written");
      return toWrite(exactly(family, known, state));
    },
    settle: (costs, item) => {
      const total = costs.reduce((sum, cost) => sum + cost, 0);
      const left = family.parse(item, params, at);
      const loose = item !== undefined && left !== undefined && added(total) !== undefined;
      const before = loose && family.before ? family.before(params, left, total) : known.state;
      remember(item);
      known = knownAs(item, item !== undefined);
      return fold(before, costs).map(admitted);
    },
    giveBack: (cost) => {
      const state = family.refund(params, known.state, cost, now);
      return state === undefined ? undefined : toWrite(exactly(family, known, state));
    },
  };
};

type Asked = Pick<Take, "key" | "params">;

/** Opens the cell of a key. */
export const cellOf = (asked: Asked, now: number, memory: Memory): Cell => {
  switch (asked.params.algorithm) {
    case "fixed-window":
      return open(fixedWindow, asked, now, memory);
    case "sliding-window-counter":
      return open(slidingWindow, asked, now, memory);
    case "sliding-window-log":
      return open(slidingLog, asked, now, memory);
    case "leaky-queue":
      return open(queued, asked, now, memory);
    default:
      return open(metered, asked, now, memory);
  }
};

/** The decision of a request that was decided on alone. */
export const only = ([decision]: readonly Decision[]): Decision => {
  if (!decision) throw new Error("A decision was asked for and none was made");
  return decision;
};
