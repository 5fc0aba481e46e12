import type { Settings } from "./kit.ts";
import type { Metric, Signal } from "./metrics.ts";
import { network } from "./network.ts";
import { valkeyMode, valkeyNodes } from "./settings.ts";
import { production } from "./stage.ts";

/** Valkey as a stage has it: what a function needs to reach it, and what of it is watched. */
export interface Valkey {
  /**
   * `environment`, `link` and `vpc`; nothing where a stage has no Valkey. Routes have it already (`serve`): the limiter guards
   * them all, and they must count in one place. Other functions: `lambda(path, and(settings, base.valkey.settings))`.
   */
  readonly settings: Settings;
  readonly signals: readonly Signal[];
}

const PORT = 6379;
const SHARDS = 3;
const REPLICAS = 1;

/** The stage's Valkey: a cluster in production; elsewhere the servers the deployer names, or none at all. */
export const valkey = (): Valkey => {
  if (production()) return cluster();
  const nodes = valkeyNodes();
  if (nodes === undefined) return { settings: {}, signals: [] };
  return { settings: { environment: { VALKEY_NODES: nodes, VALKEY_MODE: valkeyMode() } }, signals: [] };
};

/**
 * ElastiCache: three shards, each a primary and a replica in another zone that succeeds it; encrypted on disk and on the wire,
 * a password, a snapshot a day kept for a week. Six cache.t4g.small, 1.37 GiB each, paid whether anybody comes or not
 * (docs/aws.md). They are burstable: under a load that lasts, what is left of them is their baseline (`ValkeyBaseline`).
 */
const cluster = (): Valkey => {
  const { subnets, functions, fromFunctions } = network();
  const access = fromFunctions("ValkeyAccess", PORT);
  const servers = new sst.aws.Redis("Valkey", {
    engine: "valkey",
    version: "8.0",
    instance: "t4g.small",
    cluster: { nodes: SHARDS },
    vpc: { subnets, securityGroups: [access.id] },
    // When memory is short, those keys go that have an end and are used least. `noeviction` would fail every write from then on;
    // `volatile-ttl` would begin with deletions and counts, which live a minute; `volatile-lru` with a day's count before what a flood
    // wrote an hour ago. Nothing the cache promises hangs on what may go: marks have no end; with a deletion goes the lease of
    // the load it was to stop, whose fill is then refused; a key that is written again begins above all its versions. A count
    // that goes refills its limit: those in use are used more than what a flood writes, and memory is watched from 80 % on.
    parameters: { "maxmemory-policy": "volatile-lfu" },
    transform: {
      cluster: (group) => {
        group.replicasPerNodeGroup = REPLICAS;
        group.multiAzEnabled = true;
        group.snapshotRetentionLimit = 7;
        group.snapshotWindow = "03:00-04:00";
        group.maintenanceWindow = "sun:04:30-sun:05:30";
        group.autoMinorVersionUpgrade = true;
        // A change takes its turn in the window: none is worth a failover at noon.
        group.applyImmediately = false;
      },
    },
  });
  const environment = {
    VALKEY_NODES: $interpolate`rediss://${servers.host}:${servers.port}`,
    VALKEY_MODE: "cluster",
  };
  return { settings: { environment, link: [servers], vpc: functions }, signals: signals(servers.clusterId) };
};

/** A metric of each server: a cluster's servers are named after it, `…-0001-001` is the first of the first shard. */
const ofServers = (cluster: $util.Input<string>, name: string, stat: string): Record<string, Metric> => {
  const servers = Array.from({ length: SHARDS * (REPLICAS + 1) }, (_, index) => ({
    shard: Math.floor(index / (REPLICAS + 1)) + 1,
    server: (index % (REPLICAS + 1)) + 1,
  }));
  return Object.fromEntries(
    servers.map(({ shard, server }) => [
      `s${shard}n${server}`,
      {
        namespace: "AWS/ElastiCache",
        name,
        dimensions: { CacheClusterId: $interpolate`${cluster}-000${shard}-00${server}` },
        stat,
      },
    ]),
  );
};

const signals = (id: $util.Input<string>): Signal[] => {
  const each = (
    name: string,
    title: string,
    [metric, stat]: [string, string],
    threshold: number,
    minutes = 5,
  ) => {
    const metrics = ofServers(id, metric, stat);
    return { name, title, metrics, alarm: { on: Object.keys(metrics), threshold, minutes } };
  };
  return [
    each("ValkeyMemory", "Memory of Valkey in use (%)", ["DatabaseMemoryUsagePercentage", "Maximum"], 80),
    // A copy that was put out costs a read; a count that was, a limit. A few are cold copies, thousands are not.
    each("ValkeyEvictions", "Keys that Valkey put out for want of memory", ["Evictions", "Sum"], 1_000),
    // What a replica lacks is lost when it succeeds its primary.
    each("ValkeyLag", "Replicas of Valkey behind their primary (s)", ["ReplicationLag", "Maximum"], 5),
    each("ValkeyCpu", "Engine thread of Valkey (%)", ["EngineCPUUtilization", "Average"], 80),
    // Above its baseline a node spends credits it has saved, and a new one has none: an alarm on what is left would begin with each
    // deployment. A t4g.small earns 24 an hour, a fifth of its two processors. Source: Amazon EC2 User Guide, "Key concepts for
    // burstable performance instances".
    each(
      "ValkeyBaseline",
      "Processors of Valkey, of which 20 % can last (%)",
      ["CPUUtilization", "Average"],
      20,
      60,
    ),
  ];
};
