import { createRing, type HashRing } from "#core/cache/ring.schema.ts";

/** Keys drawn on the ring. */
export const KEYS: readonly string[] = Array.from({ length: 240 }, (_, n) => `page-${n}`);

/** An arc of the circle and whose it is: turns from 0 to 1. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly node: string;
}

const CIRCLE = 2 ** 32;

/** Arcs of a ring; neighbours of one node are one arc. */
export const arcsOf = ({ points }: HashRing): readonly Arc[] => {
  const arcs: Arc[] = [];
  let from = 0;
  for (const { at, node } of points) {
    const to = at / CIRCLE;
    const last = arcs.at(-1);
    if (last?.node === node) arcs[arcs.length - 1] = { ...last, to };
    else arcs.push({ from, to, node });
    from = to;
  }
  // What is beyond the last point belongs to the first.
  const first = points[0];
  if (first && from < 1) arcs.push({ from, to: 1, node: first.node });
  return arcs;
};

/** The busiest node's share of an even one: 1 is perfect balance. */
export const imbalance = (nodes: readonly string[], points: number): number =>
  Math.max(...createRing(nodes, points).shares().values()) * nodes.length;

/** What a change of nodes did: which of the keys moved and whose they were, and what share of all had to. */
export interface Moved {
  /** Who owned each key that moved. */
  readonly from: ReadonlyMap<string, string>;
  /** Keys that moved though neither their old owner left nor their new one joined: none, or the hashing is not consistent. */
  readonly needless: number;
  readonly fair: number;
  readonly words: string;
}

/** Compares two rings, key by key. */
export const movedKeys = (before: readonly string[], after: readonly string[], points: number): Moved => {
  const [was, is] = [createRing(before, points), createRing(after, points)];
  const changed = KEYS.filter((key) => was.owner(key) !== is.owner(key));
  const added = after.find((node) => !before.includes(node));
  const gone = before.find((node) => !after.includes(node));
  return {
    from: new Map(changed.map((key) => [key, was.owner(key)])),
    needless: changed.filter((key) => was.owner(key) !== gone && is.owner(key) !== added).length,
    fair: 1 / Math.max(before.length, after.length),
    words: added ? `${added} joined` : `${gone ?? "nobody"} left`,
  };
};
