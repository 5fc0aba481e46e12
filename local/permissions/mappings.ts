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
