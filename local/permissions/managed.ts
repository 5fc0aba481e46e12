type Document = { readonly Version: "2012-10-17"; readonly Statement: readonly object[] };

const allow = (Action: string[], Resource: string | string[] = "*", Condition?: object): Document => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource, ...(Condition ? { Condition } : {}) }],
});

const LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const INTERFACES = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];
const STREAM = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

/** AWS-managed policies by the end of their ARN, as AWS documents them in its managed policy reference. */
const DOCUMENTS: Readonly<Record<string, Document>> = {
  "service-role/AWSLambdaBasicExecutionRole": allow(LOGS),
  "service-role/AWSLambdaVPCAccessExecutionRole": allow([...LOGS, ...INTERFACES]),
  "service-role/AWSLambdaBasicDurableExecutionRolePolicy": allow([
    ...LOGS,
    "lambda:CheckpointDurableExecution",
    "lambda:GetDurableExecutionState",
  ]),
  "service-role/AWSLambdaSQSQueueExecutionRole": allow([
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    ...LOGS,
  ]),
  "service-role/AWSLambdaDynamoDBExecutionRole": allow([
    ...STREAM.map((name) => `dynamodb:${name}`),
    ...LOGS,
  ]),
  "service-role/AmazonAPIGatewayPushToCloudWatchLogs": allow([
    ...LOGS,
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
  ]),
  AWSLambdaExecute: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["logs:*"], Resource: "arn:aws:logs:*:*:*" },
      { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::*" },
    ],
  },
  AWSXRayDaemonWriteAccess: allow([
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
  ]),
  CloudWatchLambdaInsightsExecutionRolePolicy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "logs:CreateLogGroup", Resource: "*" },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "arn:aws:logs:*:*:log-group:/aws/lambda-insights:*",
      },
    ],
  },
  AdministratorAccess: allow(["*"]),
  AmazonDynamoDBReadOnlyAccess: allow([
    "dynamodb:BatchGetItem",
    "dynamodb:Describe*",
    "dynamodb:List*",
    "dynamodb:GetAbacStatus",
    "dynamodb:GetItem",
    "dynamodb:GetResourcePolicy",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PartiQLSelect",
  ]),
  AmazonSQSFullAccess: allow(["sqs:*"]),
  AmazonSQSReadOnlyAccess: allow([
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListDeadLetterSourceQueues",
    "sqs:ListQueues",
    "sqs:ListMessageMoveTasks",
    "sqs:ListQueueTags",
  ]),
  AmazonSNSFullAccess: allow(["sns:*"]),
  AmazonSESFullAccess: allow(["ses:*"]),
  AmazonS3FullAccess: allow(["s3:*", "s3-object-lambda:*"]),
  AmazonS3ReadOnlyAccess: allow([
    "s3:Get*",
    "s3:List*",
    "s3:Describe*",
    "s3-object-lambda:Get*",
    "s3-object-lambda:List*",
  ]),
};

/** The document of an AWS-managed policy; undefined for one the local cloud does not hold. */
export const managedPolicy = (arn: string): Document | undefined => {
  const name = /^arn:aws[\w-]*:iam::aws:policy\/(.+)$/.exec(arn)?.[1];
  return name !== undefined && Object.hasOwn(DOCUMENTS, name) ? DOCUMENTS[name] : undefined;
};
