import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { at, json, list, number, text } from "../kit/read.ts";
import { each, rule, together } from "../kit/rule.ts";
import { isTaggable } from "../kit/taggable.ts";
import { alarmRule } from "./alarms.ts";

const TAGS = ["app", "stage", "pattern"];

const defaultTags = (graph: Graph): Record<string, unknown> =>
  Object.assign(
    {},
    ...byType(graph, "pulumi:providers:aws").map(
      (provider) => at(json(provider.inputs.defaultTags), "tags") ?? {},
    ),
  );

const tagsOf = (graph: Graph, resource: Resource): Record<string, unknown> => ({
  ...defaultTags(graph),
  ...(resource.inputs.tags ?? {}),
});

/** Every pattern that has functions, with their physical names. */
const patterns = (graph: Graph) => {
  const names = Map.groupBy(byType(graph, "aws:lambda/function:Function"), (fn) =>
    text(tagsOf(graph, fn).pattern),
  );
  return [...names].map(([name, fns]) => ({ name, functions: fns.map((fn) => text(fn.outputs.name)) }));
};

const dashboardObjections = (graph: Graph, functions: readonly string[]) => {
  const bodies = byType(graph, "aws:cloudwatch/dashboard:Dashboard")
    .map((dashboard) => text(dashboard.inputs.dashboardBody))
    .filter((body) => list(at(json(body), "widgets")).length > 0);
  const shown = (body: string) => functions.filter((fn) => body.includes(`"${fn}"`));
  const best = bodies.toSorted((a, b) => shown(b).length - shown(a).length)[0] ?? "";
  return functions.filter((fn) => !shown(best).includes(fn)).map((fn) => `no dashboard shows ${fn}`);
};

const executionLog = (stage: Resource) =>
  `API-Gateway-Execution-Logs_${text(stage.inputs.restApi)}/${text(stage.inputs.stageName)}`;

export const operationRules = [
  alarmRule,
  rule(47, "Every pattern has a dashboard that shows its functions", (graph) =>
    each(patterns(graph), ({ functions }) => dashboardObjections(graph, functions)),
  ),
  rule(48, "Everything is tagged with app, stage and pattern", (graph) =>
    each(
      graph.resources.filter((resource) => isTaggable(resource.type)),
      (resource) => [
        ...TAGS.filter((tag) => !tagsOf(graph, resource)[tag]).map((tag) => `has no tag ${tag}`),
        tagsOf(graph, resource).stage !== graph.stage && "is tagged with another stage",
      ],
    ),
  ),
  rule(49, "A budget alerts somebody", (graph) =>
    each(byType(graph, "aws:budgets/budget:Budget"), (budget) => [
      !list(budget.inputs.notifications).some((notification) =>
        ["subscriberEmailAddresses", "subscriberSnsTopicArns"].some(
          (key) => list(at(notification, key)).length > 0,
        ),
      ) && "alerts nobody",
      !(Number(budget.inputs.limitAmount) > 0) && "has no limit",
    ]),
  ),
  rule(50, "Every log group states its retention", (graph) => {
    const groups = byType(graph, "aws:cloudwatch/logGroup:LogGroup");
    return together(
      each(groups, (group) => [!(number(group.inputs.retentionInDays) > 0) && "keeps its logs for ever"]),
      // API Gateway makes this group by itself, without retention, unless it is there.
      each(byType(graph, "aws:apigateway/stage:Stage"), (stage) => [
        !groups.some((g) => g.inputs.name === executionLog(stage)) && "its execution log states no retention",
      ]),
    );
  }),
];
