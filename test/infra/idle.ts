import { byType, type Graph, type Resource } from "../../local/graph/graph.ts";
import { at, input, json, list } from "./kit/read.ts";
import type { Finding } from "./kit/rule.ts";

/** Monthly allowances that an account has free of charge. Source: CloudWatch pricing, free tier. */
export const free = { alarms: 10, dashboards: 3, metricsPerDashboard: 50 };

// What is billed by the hour or month, whether anybody comes or not.
const billed: Readonly<Record<string, string>> = {
  "aws:wafv2/webAcl:WebAcl": "$5 a month, and $1 a rule",
  "aws:kms/key:Key": "$1 a month",
  "aws:secretsmanager/secret:Secret": "$0.40 a month",
  "aws:route53/zone:Zone": "$0.50 a month",
  "aws:ec2/natGateway:NatGateway": "by the hour",
  "aws:ec2/eip:Eip": "by the hour",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "by the hour",
  "aws:ec2/instance:Instance": "by the hour",
  "aws:lb/loadBalancer:LoadBalancer": "by the hour",
  "aws:elasticache/replicationGroup:ReplicationGroup": "by the hour",
  "aws:opensearch/domain:Domain": "by the hour",
  "aws:rds/cluster:Cluster": "by the hour",
  "aws:rds/instance:Instance": "by the hour",
  "aws:kinesis/stream:Stream": "by the hour",
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": "by the hour",
  "aws:synthetics/canary:Canary": "a run at a time, for ever",
};

const costly = (resource: Resource): string | undefined => {
  if (billed[resource.type]) return billed[resource.type];
  if (resource.type === "aws:dynamodb/table:Table" && resource.inputs.billingMode !== "PAY_PER_REQUEST")
    return "capacity is provisioned";
  if (resource.type === "aws:apigateway/stage:Stage" && resource.inputs.cacheClusterEnabled === true)
    return "a cache by the hour";
  if (
    resource.type === "aws:cognito/userPool:UserPool" &&
    !["OFF", undefined].includes(
      input(resource, "userPoolAddOns", "advancedSecurityMode") as string | undefined,
    )
  )
    return "advanced security by the user";
  return undefined;
};

/** Metrics that a dashboard draws. */
export const metricsOf = (dashboard: Resource): readonly (readonly unknown[])[] =>
  list(at(json(dashboard.inputs.dashboardBody), "widgets"))
    .flatMap((widget) => list(at(widget, "properties", "metrics")))
    .map(list)
    .filter(([namespace]) => typeof namespace === "string");

/** What a stage would pay for while nobody uses it. */
export const idleCosts = (graph: Graph): Finding[] => {
  const alarms = byType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm");
  const dashboards = byType(graph, "aws:cloudwatch/dashboard:Dashboard");
  const beyond = (things: readonly Resource[], allowed: number, why: string) =>
    things.slice(allowed).map(({ name }) => ({ resource: name, why }));
  return [
    ...graph.resources.flatMap((resource) => {
      const why = costly(resource);
      return why === undefined ? [] : [{ resource: resource.name, why }];
    }),
    ...beyond(alarms, free.alarms, "$0.10 a month: the free alarms are used up"),
    ...beyond(dashboards, free.dashboards, "$3 a month: the free dashboards are used up"),
    ...dashboards
      .filter((dashboard) => metricsOf(dashboard).length > free.metricsPerDashboard)
      .map(({ name }) => ({ resource: name, why: "$3 a month: a free dashboard draws 50 metrics" })),
  ];
};
