import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { arn, at, input, list, number, referring, refersTo, text } from "../kit/read.ts";
import { each, rule } from "../kit/rule.ts";

const functions = (graph: Graph) => byType(graph, "aws:lambda/function:Function");

/** The function that a function ARN (qualified or not) or a function's name refers to. */
const functionOf = (graph: Graph, reference: unknown): Resource | undefined =>
  functions(graph).find(
    (fn) => refersTo(reference, fn) || (arn(fn) !== "" && text(reference).startsWith(`${arn(fn)}:`)),
  );

// Who invokes asynchronously: Lambda queues the event, answers 202, and tries twice more by itself.
const asynchronousSources: readonly [type: string, target: (source: Resource) => readonly unknown[]][] = [
  ["aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", (r) => [r.inputs.destinationArn]],
  ["aws:cloudwatch/eventTarget:EventTarget", (r) => [r.inputs.arn]],
  ["aws:scheduler/schedule:Schedule", (r) => [input(r, "target", "arn")]],
  ["aws:sns/topicSubscription:TopicSubscription", (r) => [r.inputs.endpoint]],
  [
    "aws:s3/bucketNotification:BucketNotification",
    (r) => list(r.inputs.lambdaFunctions).map((to) => at(to, "lambdaFunctionArn")),
  ],
];

const targetsOf = (graph: Graph, skip: string): Resource[] => {
  const found = asynchronousSources
    .filter(([type]) => type !== skip)
    .flatMap(([type, target]) => byType(graph, type).flatMap(target))
    .flatMap((reference) => functionOf(graph, reference) ?? []);
  return [...new Set(found)];
};

const isBoundedBySource = (graph: Graph, fn: Resource) => {
  const mappings = byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping").filter(
    (mapping) => functionOf(graph, mapping.inputs.functionName) === fn,
  );
  return (
    mappings.length > 0 && mappings.every((m) => number(input(m, "scalingConfig", "maximumConcurrency")) > 0)
  );
};

/** Functions that a burst of events scales without a bound of its own: asynchronous targets and queue consumers. */
const burstTargets = (graph: Graph): Resource[] => {
  // A schedule starts one invocation at a time, whatever else happens.
  const events = targetsOf(graph, "aws:scheduler/schedule:Schedule");
  const queues = byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping")
    .filter((mapping) => text(mapping.inputs.eventSourceArn).includes(":sqs:"))
    .flatMap((mapping) => functionOf(graph, mapping.inputs.functionName) ?? []);
  return [...new Set([...events, ...queues])];
};

const keepsFailures = (graph: Graph, fn: Resource): boolean =>
  input(fn, "deadLetterConfig", "targetArn") !== undefined ||
  referring(graph, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "functionName", fn).some(
    (config) => text(input(config, "destinationConfig", "onFailure", "destination")) !== "",
  );

const SECRET_NAME = /(secret|passw(or)?d|credential|private_?key|api_?key|_key$|_token$)/i;
const SECRET_VALUE =
  /(AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10,}\.eyJ|sk_(live|test)_|gh[pousr]_\w{30})/;

/** Names of the environment variables of a function that look like secrets. */
const secretNames = (fn: Resource): readonly string[] =>
  Object.entries(at(fn.inputs, "environment", "variables") ?? {})
    .filter(([name, value]) => SECRET_NAME.test(name) || SECRET_VALUE.test(String(value)))
    .map(([name]) => name);

export const lambdaRules = [
  rule(1, "Functions run on the current runtime", (graph) =>
    each(functions(graph), (fn) => [
      fn.inputs.runtime !== "nodejs24.x" && `runs on ${text(fn.inputs.runtime) || "no stated runtime"}`,
    ]),
  ),
  rule(2, "Memory and timeout are explicit", (graph) =>
    each(functions(graph), (fn) => [
      !(number(fn.inputs.memorySize) >= 128) && "states no memory",
      !(number(fn.inputs.timeout) > 0) && "states no timeout",
    ]),
  ),
  rule(3, "Functions run on arm64", (graph) =>
    each(functions(graph), (fn) => [
      list(fn.inputs.architectures).join() !== "arm64" && "does not run on arm64",
    ]),
  ),
  rule(4, "Functions are traced", (graph) =>
    each(functions(graph), (fn) => [
      input(fn, "tracingConfig", "mode") !== "Active" && "X-Ray is not active",
    ]),
  ),
  rule(5, "Concurrency is bounded where a burst could starve others", (graph) =>
    each(burstTargets(graph), (fn) => [
      !(number(fn.inputs.reservedConcurrentExecutions) > 0) &&
        !isBoundedBySource(graph, fn) &&
        "a burst of events scales it without bound",
    ]),
  ),
  rule(6, "Asynchronous targets keep what they cannot handle", (graph) =>
    each(targetsOf(graph, ""), (fn) => [!keepsFailures(graph, fn) && "has neither onFailure nor a DLQ"]),
  ),
  rule(7, "Functions have their own log group with retention", (graph) => {
    const groupOf = (fn: Resource) => text(input(fn, "loggingConfig", "logGroup"));
    return each(functions(graph), (fn) => {
      const group = byType(graph, "aws:cloudwatch/logGroup:LogGroup").find((g) => refersTo(groupOf(fn), g));
      const shared = functions(graph).some((other) => other !== fn && groupOf(other) === groupOf(fn));
      return [
        !group && "has no log group of its own",
        group && !(number(group.inputs.retentionInDays) > 0) && "keeps its logs forever",
        shared && "shares its log group",
      ];
    });
  }),
  rule(8, "Functions log JSON", (graph) =>
    each(functions(graph), (fn) => [
      input(fn, "loggingConfig", "logFormat") !== "JSON" && "does not log JSON",
    ]),
  ),
  rule(9, "No environment value is shaped like a secret", (graph) =>
    each(functions(graph), (fn) => secretNames(fn).map((name) => `${name} looks like a secret`)),
  ),
  rule(10, "No function URL is open", (graph) =>
    each(byType(graph, "aws:lambda/functionUrl:FunctionUrl"), (url) => [
      url.inputs.authorizationType !== "AWS_IAM" && "anyone may call it",
    ]),
  ),
  rule(11, "Permissions name their source", (graph) =>
    each(byType(graph, "aws:lambda/permission:Permission"), (permission) => [
      text(permission.inputs.sourceArn) === "" &&
        `lets in ${text(permission.inputs.principal)} for any source`,
    ]),
  ),
  rule(12, "Each function has a role of its own", (graph) =>
    each(functions(graph), (fn) => [
      functions(graph).some((other) => other !== fn && other.inputs.role === fn.inputs.role) &&
        "shares its role with another function",
    ]),
  ),
];
