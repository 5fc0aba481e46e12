import { afterAll, describe, expect, it } from "vitest";
import { byType, type Graph, type Resource } from "../../local/graph/graph.ts";
import { loadGraph } from "../../local/synth/load.ts";
import { at, input, list, text } from "./kit/read.ts";
import { loadStages, root } from "./stages.ts";

const graphs = await loadStages();
const named = process.env.VALKEY_NODES;
process.env.VALKEY_NODES = "redis://127.0.0.1:6379,redis://127.0.0.1:6380";
const withServers = await loadGraph({ root, stage: "dev" });

const FUNCTION = "aws:lambda/function:Function";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";

const only = (graph: Graph, type: string, name: string): Resource => {
  const found = byType(graph, type).find((resource) => resource.name === name);
  if (!found) throw new Error(`There is no ${type} ${name}`);
  return found;
};
const settingsOf = (fn: Resource) =>
  (input(fn, "environment", "variables") ?? {}) as Readonly<Record<string, unknown>>;
const usingValkey = (graph: Graph) =>
  byType(graph, FUNCTION).filter((fn) => settingsOf(fn).VALKEY_NODES !== undefined);

describe("Valkey in production", () => {
  const graph = graphs.production;
  const [cluster] = byType(graph, "aws:elasticache/replicationGroup:ReplicationGroup");

  it("is a cluster whose primaries are succeeded, and that is kept for a week", () => {
    expect(cluster?.inputs).toMatchObject({
      engine: "valkey",
      clusterMode: "enabled",
      numNodeGroups: 3,
      replicasPerNodeGroup: 1,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      snapshotRetentionLimit: 7,
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
    });
  });

  it("lets in the functions that use it, on its port, and nobody else", () => {
    const functions = only(graph, GROUP, "NetworkFunctions").id;
    expect(only(graph, GROUP, "ValkeyAccess").inputs.ingress).toMatchObject([
      { protocol: "tcp", fromPort: 6379, toPort: 6379, securityGroups: [functions] },
    ]);
    expect(only(graph, GROUP, "NetworkFunctions").inputs.ingress ?? []).toEqual([]);
    for (const fn of usingValkey(graph))
      expect(input(fn, "vpcConfig", "securityGroupIds"), fn.name).toEqual([functions]);
  });

  it("counts for every route, over TLS, by a password that no environment holds", () => {
    const using = usingValkey(graph);
    expect(using.length).toBeGreaterThan(20);
    const password = text(cluster?.inputs.authToken);
    for (const fn of using) {
      expect(settingsOf(fn)).toMatchObject({
        VALKEY_NODES: expect.stringMatching(/^rediss:\/\/[^@]+:6379$/),
        VALKEY_MODE: "cluster",
      });
      if (password) expect(JSON.stringify(settingsOf(fn)), fn.name).not.toContain(password);
    }
  });

  it("is reached from functions whose way to tables and buckets costs nothing, and out by a gateway in each zone", () => {
    const endpoints = byType(graph, "aws:ec2/vpcEndpoint:VpcEndpoint");
    expect(endpoints.map(({ inputs }) => text(inputs.serviceName).split(".").at(-1)).sort()).toEqual([
      "dynamodb",
      "s3",
    ]);
    for (const endpoint of endpoints) {
      expect(endpoint.inputs.vpcEndpointType).toBe("Gateway");
      expect(list(endpoint.inputs.routeTableIds)).toHaveLength(2);
    }
    expect(byType(graph, "aws:ec2/natGateway:NatGateway")).toHaveLength(2);
  });

  it.each(["DatabaseMemoryUsagePercentage", "Evictions", "ReplicationLag", "EngineCPUUtilization"])(
    "raises an alarm on the %s of each of its six servers",
    (metric) => {
      const alarms = byType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").filter(
        ({ inputs }) => inputs.namespace === "AWS/ElastiCache" && inputs.metricName === metric,
      );
      const servers = alarms.map(({ inputs }) => text(at(inputs.dimensions, "CacheClusterId")));
      expect(new Set(servers.map((server) => server.slice(-9)))).toEqual(
        new Set(["-0001-001", "-0001-002", "-0002-001", "-0002-002", "-0003-001", "-0003-002"]),
      );
    },
  );
});

describe("Valkey in a stage that costs nothing", () => {
  afterAll(() => {
    if (named === undefined) delete process.env.VALKEY_NODES;
    else process.env.VALKEY_NODES = named;
  });

  it("is not there, and neither is a network", () => {
    expect(usingValkey(graphs.default)).toEqual([]);
    expect(byType(graphs.default, "aws:ec2/vpc:Vpc")).toEqual([]);
  });

  it("is what the deployer names", () => {
    const using = usingValkey(withServers);
    expect(using).toHaveLength(usingValkey(graphs.production).length);
    for (const fn of using)
      expect(settingsOf(fn)).toMatchObject({
        VALKEY_NODES: "redis://127.0.0.1:6379,redis://127.0.0.1:6380",
        VALKEY_MODE: "single",
      });
    expect(byType(withServers, "aws:elasticache/replicationGroup:ReplicationGroup")).toEqual([]);
  });
});
