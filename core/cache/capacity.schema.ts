/**
 * What reads cost and what carries them, at any load: inputs in, figures out. Calls and units are those that
 * `test/contract/cache-floors.test.ts` and `test/contract/cache-entries.test.ts` measure.
 */
import { DYNAMO, HOURS, SECONDS, VALKEY_NODE } from "../kit/prices.schema.ts";

/** What the estimate starts from. Shares are of all reads. */
export interface CacheDemand {
  readonly readsPerSecond: number;
  /** Answered from the process's own memory. */
  readonly memoryShare: number;
  /** Loaded from the records; the rest is answered by the store. */
  readonly missShare: number;
  readonly valueBytes: number;
  /** Environments of functions. */
  readonly processes: number;
  /** Commands a second that one primary of Valkey runs: assumed, not measured on ElastiCache. */
  readonly commandsPerPrimary: number;
}

/** The design's own number: a million reads a second. The shares are assumed; 2 ms a request make 2,000 environments. */
export const designDemand: CacheDemand = {
  readsPerSecond: 1_000_000,
  memoryShare: 0.9,
  missShare: 0.01,
  valueBytes: 1_000,
  processes: 2_000,
  commandsPerPrimary: 100_000,
};

/** Slots of a cluster that have a feed, each asked once a second by each process (core/cache/valkey-shards.ts). */
export const FEEDS = 60;

/** A partition of DynamoDB gives 3,000 read units a second. */
const PARTITION_READS = 3_000;

/** Units of DynamoDB. */
export interface Units {
  readonly reads: number;
  readonly writes: number;
}

const fours = (bytes: number) => Math.max(1, Math.ceil(bytes / 4_096));
const kilobytes = (bytes: number) => Math.max(1, Math.ceil(bytes / 1_024));

/** An eventual read that memory does not answer. */
export const hitUnits = (bytes: number): Units => ({ reads: 0.5 * fours(bytes), writes: 0 });

/** A strong one: the entry and the mark of its namespace. */
export const strongUnits = (bytes: number): Units => ({ reads: fours(bytes) + 1, writes: 0 });

/** A miss: the read in vain, the lease, the fill. What the record costs is its own. */
export const missUnits = (bytes: number): Units => ({ reads: 0.5, writes: 1 + kilobytes(bytes) });

const dollars = ({ reads, writes }: Units) => reads * DYNAMO.read + writes * DYNAMO.write;

/** Dollars for a million reads of one kind, on DynamoDB on demand. */
export const dollarsPerMillion = (units: Units): number => dollars(units) * 1e6;

/** One line of a bill, in US dollars a month. */
export interface BillLine {
  readonly what: string;
  readonly dollars: number;
}

/** The table, on demand. */
export const dynamoBill = (demand: CacheDemand): BillLine[] => {
  const { readsPerSecond, memoryShare, missShare, valueBytes, processes } = demand;
  const reads = readsPerSecond * SECONDS;
  const hits = reads * (1 - memoryShare - missShare);
  return [
    { what: "reads that memory does not answer", dollars: hits * dollars(hitUnits(valueBytes)) },
    { what: "misses: lease and fill", dollars: reads * missShare * dollars(missUnits(valueBytes)) },
    // 0.5 RCU once a second, as long as little changes
    { what: "the feed, asked by each process", dollars: processes * SECONDS * 0.5 * DYNAMO.read },
  ];
};

/** Commands a second that a cluster gets: reads, three for a miss, and each process's look at every feed. */
export const commandsPerSecond = (
  demand: CacheDemand,
): { readonly reads: number; readonly feeds: number } => ({
  reads: demand.readsPerSecond * (1 - demand.memoryShare + 2 * demand.missShare),
  feeds: demand.processes * FEEDS,
});

/** Primaries that carry them: three at the least. */
export const primariesFor = (demand: CacheDemand): number => {
  const { reads, feeds } = commandsPerSecond(demand);
  return Math.max(3, Math.ceil((reads + feeds) / demand.commandsPerPrimary));
};

/** A cluster of cache.r7g.large, a replica for each primary. */
export const valkeyBill = (demand: CacheDemand): BillLine[] => {
  const nodes = 2 * primariesFor(demand);
  return [{ what: `${nodes} × cache.r7g.large`, dollars: nodes * VALKEY_NODE["cache.r7g.large"] * HOURS }];
};

/** Sum of a bill. */
export const total = (bill: readonly BillLine[]): number => bill.reduce((sum, line) => sum + line.dollars, 0);

/** Dollars for a million reads of the mix. */
export const ofMix = (bill: readonly BillLine[], { readsPerSecond }: CacheDemand): number =>
  (total(bill) / (readsPerSecond * SECONDS)) * 1e6;

/** Bits a second that values take on their way from the store. */
export const bitsPerSecond = ({ readsPerSecond, memoryShare, valueBytes }: CacheDemand): number =>
  readsPerSecond * (1 - memoryShare) * valueBytes * 8;

/** Processes that one feed of DynamoDB, which is one partition, tells of changes: 0.5 RCU each a second. */
export const feedProcesses = (): number => PARTITION_READS / 0.5;
