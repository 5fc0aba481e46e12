import { byType, type FunctionSpec, functionByArn, type Graph, type Resource } from "../graph/graph.ts";
import type { ServiceAct } from "../kit/permissions.ts";
import type { LocalPermissions } from "./permissions.ts";
import { deliveryAction } from "./principals.ts";

/** Something AWS will do of itself, and the resource whose declaration says so. */
interface Planned extends ServiceAct {
  readonly by: Resource | FunctionSpec;
}

const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
const object = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;

const plan = (by: Planned["by"], sourceArn: unknown, target: unknown, roleArn?: unknown): Planned[] => {
  const resource = String(target);
  const action = target === undefined ? undefined : deliveryAction(resource);
  if (!action || typeof sourceArn !== "string") return [];
  return [{ by, action, resource, sourceArn, ...(typeof roleArn === "string" ? { roleArn } : {}) }];
};

const ruleTargets = (graph: Graph): Planned[] =>
  byType(graph, "aws:cloudwatch/eventTarget:EventTarget").flatMap((target) => {
    const { rule, eventBusName, arn, deadLetterConfig, roleArn } = target.inputs;
    const found = byType(graph, "aws:cloudwatch/eventRule:EventRule").find(
      (r) => r.outputs.name === rule && (r.inputs.eventBusName ?? "default") === (eventBusName ?? "default"),
    );
    const from = found?.outputs.arn;
    return [...plan(target, from, arn, roleArn), ...plan(target, from, object(deadLetterConfig).arn)];
  });

const schedules = (graph: Graph): Planned[] =>
  byType(graph, "aws:scheduler/schedule:Schedule").flatMap((schedule) => {
    const { arn, roleArn, deadLetterConfig } = object(schedule.inputs.target);
    const from = schedule.outputs.arn;
    return [
      ...plan(schedule, from, arn, roleArn),
      ...plan(schedule, from, object(deadLetterConfig).arn, roleArn),
    ];
  });

const logSubscriptions = (graph: Graph): Planned[] =>
  byType(graph, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter").flatMap((filter) => {
    const { logGroup, destinationArn } = filter.inputs;
    return plan(
      filter,
      `arn:aws:logs:${graph.region}:${graph.accountId}:log-group:${String(logGroup)}`,
      destinationArn,
    );
  });

const bucketNotifications = (graph: Graph): Planned[] =>
  byType(graph, "aws:s3/bucketNotification:BucketNotification").flatMap((notification) => {
    const { bucket, lambdaFunctions, queues, topics } = notification.inputs;
    const from = `arn:aws:s3:::${String(bucket)}`;
    return [
      ...list(lambdaFunctions).flatMap(({ lambdaFunctionArn }) =>
        plan(notification, from, lambdaFunctionArn),
      ),
      ...list(queues).flatMap(({ queueArn }) => plan(notification, from, queueArn)),
      ...list(topics).flatMap(({ topicArn }) => plan(notification, from, topicArn)),
    ];
  });

const topicSubscriptions = (graph: Graph): Planned[] =>
  byType(graph, "aws:sns/topicSubscription:TopicSubscription").flatMap((subscription) => {
    const { topic, endpoint, redrivePolicy } = subscription.inputs;
    const dead = /"deadLetterTargetArn"\s*:\s*"([^"]+)"/.exec(String(redrivePolicy ?? ""))?.[1];
    return [...plan(subscription, topic, endpoint), ...plan(subscription, topic, dead)];
  });

/** What functions hand on when they fail: on-failure destinations and dead-letter targets, with the function's own role. */
const failures = (graph: Graph): Planned[] => [
  ...graph.functions.flatMap((spec) => [
    ...plan(spec, spec.arn, spec.async.onFailureArn),
    ...plan(spec, spec.arn, spec.deadLetterArn),
  ]),
  ...byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping").flatMap((mapping) => {
    const { functionName, destinationConfig } = mapping.inputs;
    const spec =
      graph.functions.find((f) => f.name === functionName) ?? functionByArn(graph, String(functionName));
    return plan(mapping, spec?.arn, object(object(destinationConfig).onFailure).destinationArn);
  }),
];

const LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];
const TRACES = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

/** What Lambda itself does with a function's role: write its log, and its trace where tracing is on. */
const lambdaItself = (graph: Graph): Planned[] =>
  graph.functions.flatMap((spec) => {
    const deployed = byType(graph, "aws:lambda/function:Function").find((f) => f.outputs.arn === spec.arn);
    const resource = `arn:aws:logs:${graph.region}:${graph.accountId}:log-group:${spec.logGroup}:log-stream:`;
    // A function without logging states so by having no group of its own: SST leaves the right out on purpose.
    const logging = byType(graph, "aws:cloudwatch/logGroup:LogGroup").some(
      (g) => g.outputs.name === spec.logGroup,
    );
    const traced = object(deployed?.inputs.tracingConfig).mode === "Active";
    const unmissed = { onlyAsks: true } as const;
    return [
      // Lambda makes a group that nobody made; where the stack made it, the right to is seldom granted and never missed.
      { action: "logs:CreateLogGroup", resource, ...unmissed },
      ...LOGS.map((action) => ({ action, resource, ...(logging ? {} : unmissed) })),
      ...(traced ? TRACES.map((action) => ({ action, resource: "*" })) : []),
    ].map((act) => ({ ...act, by: spec, sourceArn: spec.arn }));
  });

const EVENTUALLY = [
  ruleTargets,
  schedules,
  logSubscriptions,
  bucketNotifications,
  topicSubscriptions,
  failures,
  lambdaItself,
];

/**
 * Asks at the start for everything AWS will do of itself, so that a missing policy is told before the first event is
 * lost. Each refusal is printed and reported.
 */
export const audit = (graph: Graph, permissions: LocalPermissions): void => {
  for (const find of EVENTUALLY) {
    for (const { by, ...act } of find(graph))
      permissions.refusesService({ ...act, ...(by.source ? { declaredAt: by.source } : {}) });
  }
};
