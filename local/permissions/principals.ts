import { byType, functionByArn, type Graph } from "../graph/graph.ts";
import type { ServiceAct } from "../kit/permissions.ts";

// Which of AWS's services acts for a resource, by the start of the resource's ARN.
const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/^arn:aws:events:/, "events.amazonaws.com"],
  [/^arn:aws:s3:/, "s3.amazonaws.com"],
  [/^arn:aws:sns:/, "sns.amazonaws.com"],
  [/^arn:aws:logs:/, "logs.amazonaws.com"],
  [/^arn:aws:(execute-api|apigateway):/, "apigateway.amazonaws.com"],
  [/^arn:aws:cognito-idp:/, "cognito-idp.amazonaws.com"],
  [/^arn:aws:ses:/, "ses.amazonaws.com"],
  [/^arn:aws:cloudwatch:.*:alarm:/, "cloudwatch.amazonaws.com"],
  [/^arn:aws:secretsmanager:/, "secretsmanager.amazonaws.com"],
  [/^arn:aws:cloudfront:/, "cloudfront.amazonaws.com"],
  [/^arn:aws:scheduler:/, "scheduler.amazonaws.com"],
];

/** The principal of the service that acts for a resource. */
export const servicePrincipal = (sourceArn: string): string | undefined =>
  SERVICES.find(([pattern]) => pattern.test(sourceArn))?.[1];

const API = /^arn:aws:apigateway:([^:]*)::\/(?:restapis|apis)\/([^/]+)$/;

/** What AWS states as `aws:SourceArn`: a log group with `:*` at its end; of an API, any of its methods. */
export const sourceArnOf = (graph: Graph, sourceArn: string): string => {
  if (/^arn:aws:logs:[^:]*:[^:]*:log-group:[^:]+$/.test(sourceArn)) return `${sourceArn}:*`;
  const [, region, api] = API.exec(sourceArn) ?? [];
  return api === undefined ? sourceArn : `arn:aws:execute-api:${region}:${graph.accountId}:${api}/*/*/*`;
};

const ruleName = (ruleArn: string) => ruleArn.split("/").at(-1);

/** The role a rule's target names for itself. */
const targetRole = (graph: Graph, { sourceArn, resource }: ServiceAct): string | undefined => {
  if (!sourceArn.startsWith("arn:aws:events:")) return undefined;
  const target = byType(graph, "aws:cloudwatch/eventTarget:EventTarget").find(
    ({ inputs }) => inputs.arn === resource && inputs.rule === ruleName(sourceArn),
  );
  return typeof target?.inputs.roleArn === "string" ? target.inputs.roleArn : undefined;
};

/** The role an act needs: stated with it, a schedule's, or that of the function whose failures are sent on. */
export const actingRole = (graph: Graph, act: ServiceAct): string | undefined => {
  if (act.roleArn !== undefined) return act.roleArn;
  if (act.sourceArn.startsWith("arn:aws:lambda:")) return functionByArn(graph, act.sourceArn)?.roleArn;
  if (!act.sourceArn.startsWith("arn:aws:scheduler:")) return targetRole(graph, act);
  const schedule = byType(graph, "aws:scheduler/schedule:Schedule").find(
    (s) => s.outputs.arn === act.sourceArn,
  );
  const target = schedule?.inputs.target as { roleArn?: unknown } | undefined;
  return typeof target?.roleArn === "string" ? target.roleArn : undefined;
};

/** What it takes to hand something to a target of this ARN; undefined for targets nobody guards here. */
export const deliveryAction = (targetArn: string): string | undefined => {
  if (targetArn.startsWith("arn:aws:sqs:")) return "sqs:SendMessage";
  if (targetArn.startsWith("arn:aws:sns:")) return "sns:Publish";
  if (targetArn.startsWith("arn:aws:lambda:")) return "lambda:InvokeFunction";
  return targetArn.startsWith("arn:aws:events:") ? "events:PutEvents" : undefined;
};
