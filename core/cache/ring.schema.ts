// Consistent hashing: D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997. Each node stands at many points of
// a circle; a key belongs to the node of the first point at or after its own. Pure: the web app draws it.

/**
 * Points of a node of weight 1. A node's share of the circle deviates by about 1/√points (2.2 %), so that of tens of nodes
 * each stays within 10 % of its due, and one that joins or leaves moves no more than that beyond its own share.
 */
export const POINTS = 2_048;

/** A node, and how much it takes beside others. */
export interface RingNode {
  readonly node: string;
  readonly weight?: number;
}

/** A point of the circle: 0 to 2³² − 1. */
export interface RingPoint {
  readonly at: number;
  readonly node: string;
}

/** Who owns what. */
export interface HashRing {
  readonly nodes: readonly string[];
  /** Rising. */
  readonly points: readonly RingPoint[];
  owner(key: string): string;
  /** The owner and those after it on the circle: `n` different nodes, or all. */
  owners(key: string, n: number): readonly string[];
  /** Fraction of the circle that each node owns. */
  shares(): ReadonlyMap<string, number>;
}

const CIRCLE = 2 ** 32;
const encoder = new TextEncoder();

const rotl = (x: number, r: number) => (x << r) | (x >>> (32 - r));
const mix = (k: number) => Math.imul(rotl(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);

/** MurmurHash3_x86_32 of the text's UTF-8: A. Appleby, smhasher, public domain. Unsigned. */
export const murmur3 = (text: string, seed = 0): number => {
  const bytes = encoder.encode(text);
  const whole = bytes.length & ~3;
  const at = (n: number) => bytes[n] ?? 0;
  let h = seed;
  for (let n = 0; n < whole; n += 4) {
    h ^= mix(at(n) | (at(n + 1) << 8) | (at(n + 2) << 16) | (at(n + 3) << 24));
    h = Math.imul(rotl(h, 13), 5) + 0xe6546b64;
  }
  // at() is 0 beyond the end, and mixing in 0 changes nothing
  h ^= mix(at(whole) | (at(whole + 1) << 8) | (at(whole + 2) << 16));
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

// The place of a point depends on its node alone, whoever else is there: that is why little moves.
const pointsOf = ({ node, weight = 1 }: RingNode, points: number): RingPoint[] =>
  Array.from({ length: Math.max(1, Math.round(points * weight)) }, (_, n) => ({
    at: murmur3(`${node}#${n}`),
    node,
  }));

// Two points may fall together (1 in 5 rings of twenty nodes): the name decides, not the order of the nodes.
const byPlace = (a: RingPoint, b: RingPoint) => a.at - b.at || (a.node < b.node ? -1 : 1);

/** Index of the first point at or after `at`; after the last comes the first. */
const follow = (places: Uint32Array, at: number): number => {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low === places.length ? 0 : low;
};

/** A ring over different nodes, in any order. */
export const createRing = (members: readonly (string | RingNode)[], points = POINTS): HashRing => {
  const named = members.map((member) => (typeof member === "string" ? { node: member } : member));
  const nodes = [...new Set(named.map(({ node }) => node))];
  if (nodes.length === 0) throw new RangeError("A ring has at least one node");
  if (nodes.length < named.length) throw new RangeError("A node is named twice");
  const all = named.flatMap((member) => pointsOf(member, points)).sort(byPlace);
  const places = Uint32Array.from(all, ({ at }) => at);
  const ownerAt = (index: number) => all[index % all.length]?.node ?? "";
  return {
    nodes,
    points: all,
    owner: (key) => ownerAt(follow(places, murmur3(key))),
    owners: (key, n) => {
      const found = new Set<string>();
      const start = follow(places, murmur3(key));
      for (let step = 0; step < all.length && found.size < n; step++) found.add(ownerAt(start + step));
      return [...found];
    },
    shares: () => {
      const shares = new Map(nodes.map((node) => [node, 0]));
      for (const [index, { at, node }] of all.entries()) {
        const before = index === 0 ? (all.at(-1)?.at ?? 0) - CIRCLE : (all[index - 1]?.at ?? 0);
        shares.set(node, (shares.get(node) ?? 0) + (at - before) / CIRCLE);
      }
      return shares;
    },
  };
};
