import { compilePattern } from "../../kit/pattern/pattern.ts";
import { type Bus, busName, type Rule, type Target } from "./buses.ts";
import { EventsError } from "./errors.ts";
import type { EventsContext } from "./route.ts";

type Input = Readonly<Record<string, unknown>>;
type Operation = (context: EventsContext, input: Input) => object;

const busOf = (context: EventsContext, input: Input, key = "EventBusName"): Bus => {
  const name = busName(input[key]);
  const bus = context.buses.get(name);
  if (!bus) throw new EventsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
  return bus;
};

const ruleOf = (context: EventsContext, input: Input, key = "Name"): Rule => {
  const bus = busOf(context, input);
  const name = String(input[key]);
  const rule = bus.rules.get(name);
  if (!rule)
    throw new EventsError(
      "ResourceNotFoundException",
      `Rule ${name} does not exist on EventBus ${bus.name}.`,
    );
  return rule;
};

const showRule = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  ...(rule.pattern === undefined ? {} : { EventPattern: rule.pattern }),
  ...(rule.schedule === undefined ? {} : { ScheduleExpression: rule.schedule }),
  ...(rule.description === undefined ? {} : { Description: rule.description }),
  State: rule.enabled ? "ENABLED" : "DISABLED",
  EventBusName: rule.bus,
});

const showTarget = ({ id, arn, change, retry, deadLetterArn, messageGroupId }: Target) => ({
  Id: id,
  Arn: arn,
  ...(change.input === undefined ? {} : { Input: change.input }),
  ...(change.inputPath === undefined ? {} : { InputPath: change.inputPath }),
  ...(change.transformer
    ? {
        InputTransformer: {
          InputPathsMap: change.transformer.paths,
          InputTemplate: change.transformer.template,
        },
      }
    : {}),
  RetryPolicy: {
    MaximumRetryAttempts: retry.maxAttempts,
    MaximumEventAgeInSeconds: retry.maxAgeMs / 1000,
  },
  ...(deadLetterArn ? { DeadLetterConfig: { Arn: deadLetterArn } } : {}),
  ...(messageGroupId ? { SqsParameters: { MessageGroupId: messageGroupId } } : {}),
});

const showBus = ({ name, arn, description }: Bus) => ({
  Name: name,
  Arn: arn,
  ...(description === undefined ? {} : { Description: description }),
});

const startsWith = (prefix: unknown) => (name: string) =>
  typeof prefix !== "string" || name.startsWith(prefix);

// Lists are short here: a page is everything from the token on, up to the limit.
const page = <T>(input: Input, items: readonly T[]): { items: readonly T[]; token: object } => {
  const from = typeof input.NextToken === "string" ? Number(input.NextToken) : 0;
  const limit = typeof input.Limit === "number" ? input.Limit : 100;
  const next = from + limit;
  return {
    items: items.slice(from, next),
    token: next < items.length ? { NextToken: String(next) } : {},
  };
};

const switchRule =
  (enabled: boolean): Operation =>
  (context, input) => {
    ruleOf(context, input).enabled = enabled;
    return {};
  };

const parse = (text: unknown, failure: () => EventsError): unknown => {
  try {
    return JSON.parse(String(text));
  } catch {
    throw failure();
  }
};

const testEventPattern: Operation = (_context, input) => {
  const invalid = (reason: string) =>
    new EventsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
  const pattern = parse(input.EventPattern, () => invalid("Invalid JSON"));
  const badEvent = () => new EventsError("ValidationException", "Parameter Event is not valid.");
  const event = parse(input.Event, badEvent) as Record<string, unknown> | null;
  const missing = ["id", "account", "source", "time", "region", "detail-type"].find(
    (name) => event?.[name] === undefined,
  );
  if (missing !== undefined) throw badEvent();
  try {
    return { Result: compilePattern(pattern)(event) };
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
};

/** Everything but PutEvents. */
export const operations: Readonly<Record<string, Operation>> = {
  TestEventPattern: testEventPattern,
  DescribeRule: (context, input) => showRule(ruleOf(context, input)),
  ListRules: (context, input) => {
    const rules = [...busOf(context, input).rules.values()].filter((rule) =>
      startsWith(input.NamePrefix)(rule.name),
    );
    const { items, token } = page(input, rules);
    return { Rules: items.map(showRule), ...token };
  },
  ListTargetsByRule: (context, input) => {
    const { items, token } = page(input, ruleOf(context, input, "Rule").targets);
    return { Targets: items.map(showTarget), ...token };
  },
  ListRuleNamesByTarget: (context, input) => {
    const rules = [...busOf(context, input).rules.values()].filter((rule) =>
      rule.targets.some((target) => target.arn === input.TargetArn),
    );
    const { items, token } = page(input, rules);
    return { RuleNames: items.map((rule) => rule.name), ...token };
  },
  ListEventBuses: (context, input) => {
    const buses = [...context.buses.values()].filter((bus) => startsWith(input.NamePrefix)(bus.name));
    const { items, token } = page(input, buses);
    return { EventBuses: items.map(showBus), ...token };
  },
  DescribeEventBus: (context, input) => showBus(busOf(context, input, "Name")),
  EnableRule: switchRule(true),
  DisableRule: switchRule(false),
};
