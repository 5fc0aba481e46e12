import type { Resource } from "../graph/graph.ts";
import type { Cloud } from "../kit/cloud.ts";
import type { Access } from "./access/access.ts";
import { streamActions } from "./access/dynamodb.ts";

/** What the poller of an event source mapping does with its function's role. */
export const mappingAccess = (sourceArn: string): Access[] => {
  const actions = sourceArn.startsWith("arn:aws:sqs:")
    ? ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    : /^arn:aws:dynamodb:.*\/stream\//.test(sourceArn)
      ? streamActions
      : [];
  return actions.map((action) => ({ action, resource: sourceArn }));
};

/** Whether a mapping could be made at all; says why not. On AWS the deployment fails there: here nothing is polled. */
export const mayPoll = (
  { permissions, print }: Pick<Cloud, "permissions" | "print">,
  { name, source }: Resource,
  functionArn: string,
  sourceArn: string,
): boolean => {
  const why = permissions?.refusesMapping(functionArn, sourceArn);
  if (why === undefined) return true;
  print(`✗ ${name} (${source ?? "?"}) polls nothing, and could not be deployed: ${why}`);
  return false;
};
