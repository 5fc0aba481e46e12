import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { isOpen, statements } from "../kit/policy.ts";
import { input, number, referring, refersTo, text } from "../kit/read.ts";
import { each, rule } from "../kit/rule.ts";

const busPolicies = (graph: Graph, bus: Resource) => {
  const policies = byType(graph, "aws:cloudwatch/eventBusPolicy:EventBusPolicy");
  return policies.filter((policy) => refersTo(policy.inputs.eventBusName, bus));
};

export const eventRules = [
  rule(27, "Event targets retry and keep what fails", (graph) =>
    each(byType(graph, "aws:cloudwatch/eventTarget:EventTarget"), (target) => [
      text(input(target, "deadLetterConfig", "arn")) === "" && "loses events it cannot deliver",
      !(number(input(target, "retryPolicy", "maximumRetryAttempts")) > 0) && "states no retries",
      !(number(input(target, "retryPolicy", "maximumEventAgeInSeconds")) > 0) && "states no maximum age",
    ]),
  ),
  rule(28, "Buses take events from their own account only", (graph) =>
    each(byType(graph, "aws:cloudwatch/eventBus:EventBus"), (bus) => [
      busPolicies(graph, bus).some((policy) => isOpen(statements(policy.inputs.policy))) &&
        "anyone may put events on it",
      referring(graph, "aws:cloudwatch/eventPermission:EventPermission", "eventBusName", bus).some(
        (permission) => permission.inputs.principal === "*" && !permission.inputs.condition,
      ) && "any account may put events on it",
    ]),
  ),
  rule(29, "Schedules retry, keep what fails and name their time zone", (graph) =>
    each(byType(graph, "aws:scheduler/schedule:Schedule"), (schedule) => [
      text(input(schedule, "target", "deadLetterConfig", "arn")) === "" && "has no DLQ",
      !(number(input(schedule, "target", "retryPolicy", "maximumRetryAttempts")) > 0) && "does not retry",
      text(schedule.inputs.scheduleExpressionTimezone) === "" && "names no time zone",
    ]),
  ),
];
