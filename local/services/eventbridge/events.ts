import { join } from "node:path";
import type { AwsRequest, AwsResponse, AwsService, Cloud, Delivery } from "../../kit/cloud.ts";
import { openLedger } from "../../kit/ledger.ts";
import { served } from "../../kit/served.ts";
import { nextRun, parseExpression } from "../scheduler/expression.ts";
import { type Bus, busesOf, busName, type Rule } from "./buses.ts";
import { eventsActions, eventsViews } from "./console.ts";
import { EventsError } from "./errors.ts";
import { operations } from "./operations.ts";
import { putEvents } from "./put-events.ts";
import { type EventsContext, envelope, resume, routeLater, runRule } from "./route.ts";

/** EventBridge from the graph's buses, rules and targets. */
export const events = (cloud: Cloud): AwsService => {
  const ledger = openLedger(cloud.dataDir && join(cloud.dataDir, "events", "log.jsonl"));
  const context: EventsContext = {
    cloud,
    buses: busesOf(cloud.graph),
    startedAt: cloud.clock.now(),
    ledger,
    accepted: ledger.table("accepted"),
  };
  const cancels = new Map<Rule, () => void>();
  return {
    name: "events",
    accepts: "arn:aws:events:",
    handle: (request) => handle(context, request),
    operations: served("events", { ...operations, PutEvents: putEvents }),
    views: eventsViews(context),
    actions: eventsActions(context),
    deliver: (arn, delivery) => deliver(context, arn, delivery),
    async start() {
      resume(context);
      for (const bus of context.buses.values())
        for (const rule of bus.rules.values()) if (rule.schedule) keepTime(context, bus, rule, cancels);
    },
    async stop() {
      for (const cancel of cancels.values()) cancel();
      await ledger.committed();
    },
  };
};

const handle = async (context: EventsContext, request: AwsRequest): Promise<AwsResponse> => {
  const action = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  const headers = { "content-type": "application/x-amz-json-1.1" };
  try {
    const input = readInput(request.body);
    const output = run(context, action, input, request);
    await context.ledger.committed();
    return { status: 200, headers, body: JSON.stringify(output), node: nodeOf(context, input) };
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    return {
      status: error.status,
      headers,
      body: JSON.stringify({ __type: error.code, message: error.message }),
    };
  }
};

const readInput = (body: Buffer): Record<string, unknown> => {
  let input: unknown;
  try {
    input = JSON.parse(body.toString("utf8") || "{}");
  } catch {
    throw new EventsError("SerializationException", "The request body is not JSON.");
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input))
    return input as Record<string, unknown>;
  throw new EventsError("SerializationException", "Start of structure or map found where not expected.");
};

const run = (
  context: EventsContext,
  action: string,
  input: Record<string, unknown>,
  request: AwsRequest,
): object => {
  if (action === "PutEvents") return putEvents(context, input, request.headers["x-amzn-trace-id"]);
  const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
  if (operation) return operation(context, input);
  throw new EventsError(
    "NotImplemented",
    `The local cloud does not serve events:${action || "(no target)"}: buses and rules come from the stacks.`,
    501,
  );
};

// PutEvents may name a bus per entry: the call lights up the first.
const nodeOf = (context: EventsContext, input: Record<string, unknown>): string => {
  const first = (Array.isArray(input.Entries) ? input.Entries[0] : input) as
    | Record<string, unknown>
    | undefined;
  return context.buses.get(busName(first?.EventBusName))?.arn ?? "arn:aws:events:::event-bus/default";
};

// AWS services put whole events or their parts on a bus: what the envelope lacks is filled in.
const deliver = async (context: EventsContext, arn: string, delivery: Delivery): Promise<void> => {
  const bus = context.buses.get(busName(arn));
  if (bus?.arn !== arn)
    throw Object.assign(new Error(`Event bus not found: ${arn}`), { name: "ResourceNotFoundException" });
  const given = JSON.parse(delivery.body) as Record<string, unknown>;
  const defaults = envelope(context.cloud, {
    source: given.source,
    detailType: given["detail-type"],
    detail: given.detail ?? {},
    resources: [delivery.sourceArn],
  });
  const event = { ...defaults, ...given };
  routeLater(context, bus, { event, ...(delivery.trace ? { trace: delivery.trace } : {}) });
  await context.ledger.committed();
};

// A run missed while the machine slept happens once, late; those missed before it are not made up for.
const keepTime = (context: EventsContext, bus: Bus, rule: Rule, cancels: Map<Rule, () => void>): void => {
  const { clock } = context.cloud;
  const expression = parseExpression(rule.schedule ?? "", "UTC");
  const anchor = context.startedAt;
  const arm = (after: number) => {
    const due = nextRun(expression, anchor, after);
    if (due === undefined) return;
    const fire = () => {
      if (rule.enabled) {
        const event = envelope(context.cloud, {
          source: "aws.events",
          detailType: "Scheduled Event",
          detail: {},
          resources: [rule.arn],
          atMs: due,
        });
        void runRule(context, bus, rule, { event });
      }
      arm(clock.now());
    };
    cancels.set(rule, clock.after(due - clock.now(), fire));
  };
  arm(clock.now());
};
