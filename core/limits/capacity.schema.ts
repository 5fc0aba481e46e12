/**
 * What decisions cost and what carries them, at any load: inputs in, figures out. Calls and units of a decision are those that
 * `test/contract/limit-floors.test.ts` measures.
 */
import { DYNAMO, HOURS, SECONDS, VALKEY_NODE } from "../kit/prices.schema.ts";
import { guards, type LimitClass, policies } from "./policies.schema.ts";

/** What the estimate starts from. */
export interface LimitDemand {
  readonly decisionsPerSecond: number;
  /** Processes that decide: environments of functions. */
  readonly processes: number;
  /** Scripts a second that one primary of Valkey runs: assumed, not measured on ElastiCache. */
  readonly scriptsPerPrimary: number;
}

/** The design's own number: a million requests a second. 2 ms a request make 2,000 environments. */
export const designDemand: LimitDemand = {
  decisionsPerSecond: 1_000_000,
  processes: 2_000,
  scriptsPerPrimary: 50_000,
};

/** How a decision is made: what of each store it takes. */
export interface Way {
  readonly name: string;
  readonly dynamo: { readonly calls: number; readonly writes: number; readonly reads: number };
  /** Scripts on Valkey: one for each level that is not leased, as levels lie in different slots. */
  readonly scripts: number;
}

/** Several levels, each exact at once: a consistent read of all and a transaction. */
const together = (levels: number): Way => ({
  name: `exact, ${levels} levels, all or none`,
  dynamo: { calls: 2, writes: 2 * levels, reads: levels },
  scripts: levels,
});

/** Levels by leases: a call of each in as many decisions as it leases. A level that does not lease costs one each. */
const leased = (name: string, leases: readonly number[]): Way => {
  const calls = leases.reduce((sum, lease) => sum + 1 / Math.max(1, lease), 0);
  return { name, dynamo: { calls, writes: calls, reads: 0 }, scripts: calls };
};

/** Units that the rules of a class lease, for a caller who has signed in. */
export const leasesOf = (limit: LimitClass): number[] =>
  guards[limit].map((name) => policies.get(name)?.lease ?? 0);

/** Every way to decide, dearest first. */
export const ways: readonly Way[] = [
  together(4),
  { name: "exact, 1 level", dynamo: { calls: 1, writes: 1, reads: 0 }, scripts: 1 },
  leased("by leases, as this API guards its writes", leasesOf("write")),
  leased("by leases, as this API guards its reads", leasesOf("read")),
  {
    name: "denied again, or counted in the process alone",
    dynamo: { calls: 0, writes: 0, reads: 0 },
    scripts: 0,
  },
];

/** Dollars for a million decisions on DynamoDB on demand. */
export const dollarsOnDynamo = ({ dynamo }: Way): number =>
  (dynamo.writes * DYNAMO.write + dynamo.reads * DYNAMO.read) * 1e6;

/** Primaries that carry so many decisions: a cluster has three at the least. */
export const primariesFor = ({ scripts }: Way, demand: LimitDemand): number =>
  Math.max(3, Math.ceil((demand.decisionsPerSecond * scripts) / demand.scriptsPerPrimary));

/** Dollars a month for a cluster of so many primaries, a replica each. */
export const clusterBill = (primaries: number, node: keyof typeof VALKEY_NODE = "cache.r7g.large"): number =>
  primaries * 2 * VALKEY_NODE[node] * HOURS;

/** Dollars for a million decisions on Valkey at the load. A cluster is paid whether anybody comes or not. */
export const dollarsOnValkey = (way: Way, demand: LimitDemand): number =>
  (clusterBill(primariesFor(way, demand)) / (demand.decisionsPerSecond * SECONDS)) * 1e6;

/** Decisions a second from which a cluster of three primaries costs less than DynamoDB. Infinity: never. */
export const breakEven = (way: Way): number => {
  const each = dollarsOnDynamo(way) / 1e6;
  return each === 0 ? Number.POSITIVE_INFINITY : clusterBill(3) / each / SECONDS;
};

/** A partition of DynamoDB takes 1,000 write units a second, and a key is one item. */
const ITEM_WRITES = 1_000;

/** The smallest lease by which one key is decided on so often a second. */
export const leaseFor = (decisionsPerSecond: number): number => Math.ceil(decisionsPerSecond / ITEM_WRITES);

/** The largest share of a limit that lies unused in processes: each holds at most a lease. */
export const strandedShare = (lease: number, processes: number, limit: number): number =>
  Math.min(1, (lease * processes) / limit);
