import type { Graph, Resource } from "../../../local/graph/graph.ts";
import { byType } from "../../../local/graph/graph.ts";
import { arn, at, json, list, refersTo, text } from "./read.ts";

/** One statement of a policy document, its single values made lists. */
export interface Statement {
  readonly allows: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Services (`events.amazonaws.com`), account ARNs, or `*`. */
  readonly principals: readonly string[];
  /** Operator → key → values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const strings = (value: unknown) => list(value).map(String);

const toPrincipals = (principal: unknown): readonly string[] =>
  typeof principal === "string" ? [principal] : Object.values(principal ?? {}).flatMap(strings);

const toConditions = (condition: unknown): Statement["conditions"] =>
  Object.fromEntries(
    Object.entries(condition ?? {}).map(([operator, tests]) => [
      operator,
      Object.fromEntries(Object.entries(tests ?? {}).map(([key, values]) => [key, strings(values)])),
    ]),
  );

/** The statements of a policy document, given as JSON or as data. */
export const statements = (document: unknown): readonly Statement[] =>
  list(at(json(document), "Statement")).map((statement) => ({
    allows: at(statement, "Effect") !== "Deny",
    actions: strings(at(statement, "Action")),
    resources: strings(at(statement, "Resource")),
    principals: toPrincipals(at(statement, "Principal")),
    conditions: toConditions(at(statement, "Condition")),
  }));

/** The values a statement's conditions demand of a key, over all operators; keys are case-insensitive. */
export const demanded = (statement: Statement, key: string): readonly string[] =>
  Object.values(statement.conditions).flatMap((tests) =>
    Object.entries(tests)
      .filter(([name]) => name.toLowerCase() === key.toLowerCase())
      .flatMap(([, values]) => values),
  );

/** Whether a resource policy denies everybody every action that comes without TLS. */
export const deniesPlainHttp = (all: readonly Statement[]): boolean =>
  all.some(
    (statement) =>
      !statement.allows &&
      statement.principals.includes("*") &&
      statement.actions.some((action) => action === "*" || action.endsWith(":*")) &&
      demanded(statement, "aws:SecureTransport").includes("false"),
  );

/** Service principals that a resource policy lets in without asking on behalf of which resource. */
export const unnamedSources = (all: readonly Statement[]): readonly string[] =>
  all
    .filter((statement) => statement.allows && demanded(statement, "aws:SourceArn").length === 0)
    .flatMap((statement) => statement.principals.filter((name) => name.endsWith(".amazonaws.com")));

/** Whether a resource policy lets everybody in with no condition. */
export const isOpen = (all: readonly Statement[]): boolean =>
  all.some((s) => s.allows && s.principals.includes("*") && Object.keys(s.conditions).length === 0);

/** ARNs of the managed policies of a role: its own list and the attachments. */
export const managedPolicies = (graph: Graph, role: Resource): readonly string[] => [
  ...strings(role.inputs.managedPolicyArns),
  ...byType(graph, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .filter((attachment) => refersTo(attachment.inputs.role, role))
    .map((attachment) => text(attachment.inputs.policyArn)),
];

/** Every statement a role is given by this graph: inline, role policies, and managed policies of its own account. */
export const statementsOf = (graph: Graph, role: Resource): readonly Statement[] => {
  const inline = list(role.inputs.inlinePolicies).map((policy) => at(policy, "policy"));
  const attached = byType(graph, "aws:iam/rolePolicy:RolePolicy")
    .filter((policy) => refersTo(policy.inputs.role, role))
    .map((policy) => policy.inputs.policy);
  const arns = managedPolicies(graph, role);
  const managed = byType(graph, "aws:iam/policy:Policy")
    .filter((policy) => arns.includes(arn(policy)))
    .map((policy) => policy.inputs.policy);
  return [...inline, ...attached, ...managed].flatMap(statements);
};

/**
 * Actions for which IAM knows no resource level: `*` is the only resource they take. Source: AWS Service Authorization
 * Reference, "Actions, resources, and condition keys" of X-Ray, CloudWatch, EC2, SES, Lambda and Cognito: the
 * "Resource types" column is empty. Grows with the first function that needs another one.
 */
export const withoutResourceLevel: ReadonlySet<string> = new Set([
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:GetSamplingStatisticSummaries",
  "cloudwatch:PutMetricData",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeVpcs",
  "ses:GetSendQuota",
  "lambda:ListFunctions",
]);
