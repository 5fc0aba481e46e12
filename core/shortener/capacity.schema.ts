/**
 * The capacity and cost estimate as code: inputs in, figures out. Prices are AWS list prices of us-east-1, on demand,
 * per unit, without free tiers; data transfer out to the internet is left out on both sides.
 */

/** What the estimate starts from. */
export interface Demand {
  readonly linksPerDay: number;
  /** Redirects for each link created. */
  readonly readsPerWrite: number;
  readonly years: number;
  /** Bytes of a link as the design counts them: code, URL, times. */
  readonly bytesPerLink: number;
  /** Share of redirects answered from memory or cache, 0–1. */
  readonly hitRatio: number;
  /** Bytes of the log line that is a click. */
  readonly bytesPerClick: number;
  /** Billed milliseconds and megabytes of a warm redirect. */
  readonly redirectMs: number;
  readonly redirectMb: number;
  /** Clicks written by one DynamoDB write unit. */
  readonly clicksPerWrite: number;
}

/** The design's own numbers: 100 M links a day, read 100 times each, kept five years. */
export const designDemand: Demand = {
  linksPerDay: 100_000_000,
  readsPerWrite: 100,
  years: 5,
  bytesPerLink: 100,
  hitRatio: 0.95,
  bytesPerClick: 250,
  redirectMs: 2,
  redirectMb: 1_024,
  clicksPerWrite: 10,
};

const HOURS = 730; // of an average month
const SECONDS = HOURS * 3_600;
const GB = 1e9;

/** One line of a bill, in US dollars a month. */
export interface BillLine {
  readonly what: string;
  readonly dollars: number;
}

/** What a system must carry. */
export const load = (demand: Demand) => {
  const writes = demand.linksPerDay / 86_400;
  const links = demand.linksPerDay * 365 * demand.years;
  return {
    writesPerSecond: writes,
    readsPerSecond: writes * demand.readsPerWrite,
    links,
    storageTb: (links * demand.bytesPerLink) / 1e12,
  };
};

/** Fewest base62 characters that give every link its own code. */
export const codeLengthFor = (links: number): number => Math.ceil(Math.log(links) / Math.log(62));

/** Chance that one more random code of `length` meets one of `links` existing ones: n ÷ 62^length. */
export const collisionChance = (links: number, length: number): number => links / 62 ** length;

/** The classic design: load balancer, containers, Valkey, DynamoDB with provisioned capacity. */
export const containerBill = (demand: Demand): BillLine[] => {
  const { writesPerSecond, readsPerSecond, storageTb } = load(demand);
  const requests = writesPerSecond + readsPerSecond;
  // 1,000 requests/s a vCPU, 60 % busy; Fargate arm64: $0.03238 a vCPU-hour, $0.00356 a GB-hour, 2 GB a vCPU
  const vcpus = Math.ceil(requests / 1_000 / 0.6);
  // One LCU carries 1 GB an hour, at $0.008; half a KB a request
  const lcus = (requests * 500 * 3_600) / GB;
  const misses = readsPerSecond * (1 - demand.hitRatio);
  return [
    { what: "Fargate, arm64", dollars: vcpus * (0.03238 + 2 * 0.00356) * HOURS },
    { what: "Application Load Balancer", dollars: (0.0225 + lcus * 0.008) * HOURS },
    { what: "ElastiCache Valkey, 3 shards × 3 cache.r7g.large", dollars: 9 * 0.1752 * HOURS },
    { what: "DynamoDB storage", dollars: storageTb * 1_000 * 0.25 },
    { what: "DynamoDB writes, provisioned", dollars: writesPerSecond * 0.00065 * HOURS },
    { what: "DynamoDB reads, provisioned", dollars: misses * 0.5 * 0.00013 * HOURS },
  ];
};

/** Price of `amount` where each tier holds `upTo` units at `price`. */
const tiered = (amount: number, tiers: readonly { upTo: number; price: number }[]): number => {
  let left = amount;
  let dollars = 0;
  for (const { upTo, price } of tiers) {
    const taken = Math.min(left, upTo);
    dollars += taken * price;
    left -= taken;
  }
  return dollars;
};

// REST API, dollars a request.
const REST_TIERS = [
  { upTo: 333e6, price: 3.5e-6 },
  { upTo: 667e6, price: 2.8e-6 },
  { upTo: 19e9, price: 2.38e-6 },
  { upTo: Number.POSITIVE_INFINITY, price: 1.51e-6 },
];

// Lambda arm64, dollars a GB-second.
const LAMBDA_TIERS = [
  { upTo: 7.5e9, price: 1.33334e-5 },
  { upTo: 11.25e9, price: 1.20001e-5 },
  { upTo: Number.POSITIVE_INFINITY, price: 1.06667e-5 },
];

/** This system as it is deployed: CloudFront, REST API, Lambda, DynamoDB on demand, clicks by log lines. */
export const ourBill = (demand: Demand): BillLine[] => {
  const { writesPerSecond, readsPerSecond, storageTb } = load(demand);
  const reads = readsPerSecond * SECONDS;
  const writes = writesPerSecond * SECONDS;
  const gbSeconds = (reads + writes) * (demand.redirectMs / 1_000) * (demand.redirectMb / 1_024);
  return [
    { what: "CloudFront, HTTPS requests", dollars: (reads + writes) * 1e-6 },
    { what: "API Gateway, REST", dollars: tiered(reads + writes, REST_TIERS) },
    { what: "Lambda, requests", dollars: (reads + writes) * 2e-7 },
    { what: "Lambda, duration", dollars: tiered(gbSeconds, LAMBDA_TIERS) },
    { what: "DynamoDB storage", dollars: storageTb * 1_000 * 0.25 },
    { what: "DynamoDB writes, on demand", dollars: (writes + reads / demand.clicksPerWrite) * 6.25e-7 },
    { what: "DynamoDB reads, on demand", dollars: reads * (1 - demand.hitRatio) * 0.5 * 1.25e-7 },
    { what: "CloudWatch Logs, clicks", dollars: ((reads * demand.bytesPerClick) / GB) * 0.5 },
  ];
};

/** Sum of a bill. */
export const total = (bill: readonly BillLine[]): number => bill.reduce((sum, line) => sum + line.dollars, 0);

/** Dollars for a million redirects of this system: where it wins, and where it stops winning. */
export const dollarsPerMillionRedirects = (demand: Demand): number =>
  (total(ourBill({ ...demand, bytesPerLink: 0 })) / (load(demand).readsPerSecond * SECONDS)) * 1e6;

/** Links a day at which both bills are the same: below it this system is cheaper, above it containers are. */
export const breakEvenLinksPerDay = (demand: Demand): number => {
  let low = 1;
  let high = 1e9;
  while (high - low > 1) {
    const linksPerDay = (low + high) / 2;
    const at = { ...demand, linksPerDay };
    if (total(ourBill(at)) < total(containerBill(at))) low = linksPerDay;
    else high = linksPerDay;
  }
  return Math.round(low);
};
