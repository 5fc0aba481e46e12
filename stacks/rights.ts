/** The permission to do just these actions on just these resources. */
export const allow = (actions: string[], ...resources: $util.Input<string>[]): Permission => ({
  actions,
  resources,
});

interface Permission {
  actions: string[];
  resources: $util.Input<string>[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

/** Actions on a table, without their prefix: `GetItem`. */
export const onTable = (table: sst.aws.Dynamo, ...actions: string[]) =>
  allow(
    actions.map((action) => `dynamodb:${action}`),
    table.arn,
  );

/** The same, on items whose partition keys are like these alone: `CNT#*`. */
export const onItems = (table: sst.aws.Dynamo, keys: string[], ...actions: string[]): Permission => ({
  ...onTable(table, ...actions),
  conditions: [{ test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: keys }],
});

/** Queries of one index, and not of the table. */
export const onIndex = (table: sst.aws.Dynamo, index: string) =>
  allow(["dynamodb:Query"], $interpolate`${table.arn}/index/${index}`);

/** What the consumer of a queue needs. */
export const receive = (queue: sst.aws.Queue) =>
  allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue.arn);

/** What the consumer of a table's stream needs. */
export const readStream = (table: sst.aws.Dynamo) =>
  allow(
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
    table.nodes.table.streamArn,
  );
