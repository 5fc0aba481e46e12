import { production } from "./stage.ts";
import { after, type Mutate } from "./transform.ts";

type FunctionArgs = ConstructorParameters<typeof sst.aws.Function>[1];

/** What every resource is unless its stack says otherwise. Called before any component is made. */
export function defaults() {
  tags();
  functions();
  // Whatever a queue holds is encrypted; a queue made by a component states nothing.
  $transform(aws.sqs.Queue, (queue) => {
    if (queue) queue.sqsManagedSseEnabled ??= true;
  });

  $transform(sst.aws.Dynamo, (table) => {
    table.deletionProtection ??= production();
  });

  // A link hands over names, never rights: each function states its own in `permissions`.
  sst.Linkable.wrap(sst.aws.Dynamo, (table) => ({ properties: { name: table.name } }));
  sst.Linkable.wrap(sst.aws.Queue, (queue) => ({ properties: { url: queue.url } }));
  sst.Linkable.wrap(sst.aws.Bus, (bus) => ({ properties: { name: bus.name } }));
}

const functions = () =>
  $transform(sst.aws.Function, (args) => {
    args.runtime ??= "nodejs24.x";
    args.architecture ??= "arm64";
    args.memory ??= "512 MB";
    args.timeout ??= "10 seconds";
    args.logging ??= { format: "json", retention: "1 month" };
    // Split: what is imported when it is needed, as the client of Valkey, is no part of every cold start.
    args.nodejs ??= { minify: true, sourcemap: true, splitting: true };
    // Metrics of two stages in one account must not add up.
    const service = { POWERTOOLS_SERVICE_NAME: `${$app.name}-${$app.stage}` };
    args.environment = $util.output(args.environment).apply((own) => ({ ...service, ...own }));
    const log = ownLog(args);
    args.permissions = $util
      .all([args.permissions ?? [], log])
      .apply(([own, group]) => [
        ...own,
        traces,
        ...(args.vpc ? interfaces : []),
        { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [group] },
      ]);
    args.transform = {
      ...args.transform,
      function: after(args.transform?.function, (fn) => {
        fn.tracingConfig = { mode: "Active" };
      }),
      role: after(args.transform?.role, (role) => {
        // SST would let every function write to, and create, every log group of the account.
        role.managedPolicyArns = $util
          .output(role.managedPolicyArns ?? [])
          .apply((arns) => arns.filter((arn) => !LOGS_OF_ALL.test(arn)));
      }),
    };
  });

const LOGS_OF_ALL = /\/AWSLambda(Basic|VPCAccess)ExecutionRole$/;

// Of a function in a network Lambda itself makes and deletes the interfaces, by the function's role; the function may not.
// Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
const INTERFACES = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];
const interfaces = [
  { actions: INTERFACES, resources: ["*"] },
  {
    effect: "deny" as const,
    actions: INTERFACES,
    resources: ["*"],
    conditions: [
      { test: "ArnLike", variable: "lambda:SourceFunctionArn", values: ["arn:aws:lambda:*:*:function:*"] },
    ],
  },
];

// X-Ray knows no resources.
const traces = { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] };

/** ARN of the streams of the function's log group, whose name is decided only after the role is made. */
const ownLog = (args: FunctionArgs) => {
  const { promise, resolve } = Promise.withResolvers<$util.Input<string>>();
  const name: Mutate<{ name?: $util.Input<string> }> = (group) => resolve(group.name ?? "");
  args.transform = { ...args.transform, logGroup: after(args.transform?.logGroup, name) };
  return $util
    .all([promise, aws.getRegionOutput().region, aws.getCallerIdentityOutput().accountId])
    .apply(([group, region, account]) => `arn:aws:logs:${region}:${account}:log-group:${group}:*`);
};

// Resources are named after their pattern; what bears no pattern's name is the platform's.
const patterns = { Shortener: "shortener", Cache: "cache", Limits: "limits" };

/** Tags everything that can bear tags: a provider's class has the key `tags` exactly when AWS does. */
const tags = () =>
  $util.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    if (!type.startsWith("aws:") || !("tags" in props) || opts.id !== undefined) return undefined;
    const pattern = Object.entries(patterns).find(([prefix]) => name.startsWith(prefix))?.[1] ?? "platform";
    const ours = { app: $app.name, stage: $app.stage, pattern };
    return {
      props: { ...props, tags: $util.output(props.tags).apply((own) => ({ ...ours, ...own })) },
      opts,
    };
  });
