import * as Capacity from "../../../core/cache/capacity.schema.ts";
import { HOURS, NAT, PUBLIC_IPV4_HOUR } from "../../../core/kit/prices.schema.ts";
import { clusterBill } from "../../../core/limits/capacity.schema.ts";
import { table } from "./markdown.ts";

const { format: whole } = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const { format: fine } = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const demand = Capacity.designDemand;

/** What a million reads of each kind cost on DynamoDB, for two sizes of value. */
export const reads = (): string => {
  const kinds: [string, (bytes: number) => Capacity.Units][] = [
    ["from memory", () => ({ reads: 0, writes: 0 })],
    ["from the table, eventual", Capacity.hitUnits],
    ["from the table, strong: entry and mark", Capacity.strongUnits],
    ["a miss: read, lease, fill; its record besides", Capacity.missUnits],
  ];
  return table(
    ["A million reads", "RCU and WCU each, 1 KB", "$, 1 KB", "$, 10 KB"],
    kinds.map(([name, units]) => {
      const { reads: rcu, writes: wcu } = units(demand.valueBytes);
      const [small, large] = [units(demand.valueBytes), units(10_000)].map(Capacity.dollarsPerMillion);
      return [name, `${rcu} and ${wcu}`, fine(small ?? 0), fine(large ?? 0)];
    }),
  );
};

/** Both stores at the design's load and at smaller ones. */
export const loads = (): string => {
  const rows = [1e3, 1e4, 1e5, 1e6].map((readsPerSecond) => {
    const at = {
      ...demand,
      readsPerSecond,
      processes: Math.max(1, Math.round((demand.processes * readsPerSecond) / demand.readsPerSecond)),
    };
    const [dynamo, valkey] = [Capacity.dynamoBill(at), Capacity.valkeyBill(at)];
    const { reads: asked, feeds } = Capacity.commandsPerSecond(at);
    return [
      `${whole(readsPerSecond)}/s`,
      whole(at.processes),
      `$${whole(Capacity.total(dynamo))}`,
      `$${fine(Capacity.ofMix(dynamo, at))}`,
      `${whole(asked)} + ${whole(feeds)}`,
      Capacity.primariesFor(at),
      `$${whole(Capacity.total(valkey))}`,
      `$${fine(Capacity.ofMix(valkey, at))}`,
    ];
  });
  return table(
    [
      "Reads",
      "Processes",
      "DynamoDB, a month",
      "a million",
      "Commands of Valkey a second: reads + feeds",
      "Primaries",
      "Valkey, a month",
      "a million",
    ],
    rows,
  );
};

/** What `production` pays for Valkey while nobody comes. */
export const idle = (): string => {
  const nat = 2 * NAT.hour * HOURS;
  const addresses = 2 * PUBLIC_IPV4_HOUR * HOURS;
  const nodes = clusterBill(3, "cache.t4g.small");
  return table(
    ["What `production` pays while idle", "$ a month"],
    [
      ["ElastiCache for Valkey: 3 shards, a replica each, cache.t4g.small", whole(nodes)],
      ["NAT gateways, one in each of two zones", whole(nat)],
      ["their public IPv4 addresses", whole(addresses)],
      ["gateway endpoints of DynamoDB and S3", "0"],
      ["**sum**", `**${whole(nodes + nat + addresses)}**`],
    ],
  );
};
