import { randomUUID } from "node:crypto";
import type { Action, View } from "../../kit/cloud.ts";
import { givenText, neededText } from "../../kit/console-input.ts";
import { newSpanId, newTraceId, traceHeader } from "../../kit/recorder.ts";
import { nextRun, parseExpression } from "../scheduler/expression.ts";
import type { Bus, Rule } from "./buses.ts";
import { type EventsContext, envelope, route, runRule } from "./route.ts";

const ruleView = (rule: Rule, now: number, startedAt: number) => {
  const next =
    rule.schedule && rule.enabled
      ? nextRun(parseExpression(rule.schedule, "UTC"), startedAt, now)
      : undefined;
  return {
    name: rule.name,
    arn: rule.arn,
    bus: rule.bus,
    enabled: rule.enabled,
    targets: rule.targets.map(({ arn }) => arn),
    ...(rule.description === undefined ? {} : { description: rule.description }),
    ...(rule.pattern === undefined ? {} : { pattern: rule.pattern }),
    ...(rule.schedule === undefined ? {} : { schedule: rule.schedule }),
    ...(next === undefined ? {} : { next }),
  };
};

const ruleAt = ({ buses }: EventsContext, arn: string): { bus: Bus; rule: Rule } => {
  for (const bus of buses.values())
    for (const rule of bus.rules.values()) if (rule.arn === arn) return { bus, rule };
  throw new Error(`There is no rule ${arn}.`);
};

/** What the console shows of buses and rules. */
export const eventsViews = (context: EventsContext): Readonly<Record<string, View>> => ({
  rules: () => {
    const now = context.cloud.clock.now();
    const buses = [...context.buses.values()];
    return {
      now,
      buses: buses.map(({ name, arn }) => ({ name, arn })),
      rules: buses.flatMap(({ rules }) =>
        [...rules.values()].map((rule) => ruleView(rule, now, context.startedAt)),
      ),
    };
  },
});

const runNow: (context: EventsContext) => Action = (context) => async (input) => {
  const { bus, rule } = ruleAt(context, neededText(input, "arn"));
  if (!rule.schedule) throw new Error("This rule has no schedule: it runs when an event matches it.");
  const event = envelope(context.cloud, {
    source: "aws.events",
    detailType: "Scheduled Event",
    detail: {},
    resources: [rule.arn],
  });
  const traceId = newTraceId(context.cloud.clock.now());
  await runRule(context, bus, rule, { event, trace: `Root=${traceId}` });
  return { traceId };
};

const putOne: (context: EventsContext) => Action = (context) => async (input) => {
  const bus = context.buses.get(givenText(input, "bus") ?? "default");
  if (!bus) throw new Error(`There is no bus ${String(input.bus)}.`);
  const { detail } = input;
  if (typeof detail !== "object" || detail === null) throw new Error(`"detail" takes a JSON object.`);
  const traceId = newTraceId(context.cloud.clock.now());
  const event = envelope(context.cloud, {
    source: neededText(input, "source"),
    detailType: neededText(input, "detailType"),
    detail,
  });
  const matched = [...bus.rules.values()].filter((rule) => rule.enabled && rule.matches(event));
  await route(context, bus, {
    event: { ...event, id: randomUUID() },
    trace: traceHeader(traceId, newSpanId()),
  });
  return { traceId, rules: matched.map(({ name }) => name) };
};

/** What a person may do to buses and rules. */
export const eventsActions = (context: EventsContext): Readonly<Record<string, Action>> => ({
  run: runNow(context),
  put: putOne(context),
});
