import { randomUUID } from "node:crypto";
import type { Cloud } from "../../kit/cloud.ts";
import type { Ledger, Table } from "../../kit/ledger.ts";
import { newSpanId, newTraceId, parseTraceHeader, traceHeader } from "../../kit/recorder.ts";
import { type Bus, busName, type Rule, type Target } from "./buses.ts";
import { bury, DeliveryError, handOver, tryDelivery } from "./retry.ts";
import { type Event, payloadFor } from "./transform.ts";

/** What every operation and delivery works on. */
export interface EventsContext {
  readonly cloud: Cloud;
  readonly buses: ReadonlyMap<string, Bus>;
  /** Epoch ms that rates of rules count from. */
  readonly startedAt: number;
  readonly ledger: Ledger;
  /** Events that were accepted, and that some target has neither taken nor given up. */
  readonly accepted: Table<Accepted>;
}

/** An event as it is kept. */
export interface Accepted {
  readonly bus: string;
  readonly arrival: Arrival;
}

/** An event on a bus, and how it came there. */
export interface Arrival {
  readonly event: Event;
  readonly trace?: string;
  /** Set for an event that another bus sent: it goes to no third bus. */
  readonly forwarded?: boolean;
}

/** The envelope EventBridge puts around a detail. */
export const envelope = (
  cloud: Cloud,
  parts: {
    source: unknown;
    detailType: unknown;
    detail: unknown;
    resources?: readonly string[];
    atMs?: number;
  },
): Event => ({
  version: "0",
  id: randomUUID(),
  "detail-type": parts.detailType,
  source: parts.source,
  account: cloud.graph.accountId,
  time: isoSeconds(parts.atMs ?? cloud.clock.now()),
  region: cloud.graph.region,
  resources: parts.resources ?? [],
  detail: parts.detail,
});

/** ISO 8601 without fractions, as AWS writes times. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** Gives an event to every enabled rule of a bus that matches it. Resolves once all targets took it or gave up. */
export const route = async (context: EventsContext, bus: Bus, arrival: Arrival): Promise<void> => {
  const matching = [...bus.rules.values()].filter((rule) => rule.enabled && rule.matches(arrival.event));
  await Promise.all(matching.map((rule) => runRule(context, bus, rule, arrival)));
};

/**
 * Keeps an event, and routes it without waiting: once the ledger has committed, a process that ends before all its targets are
 * through leaves it to the next, which tells all of them again. What even the dead-letter queue cannot take (an event nested too
 * deeply to be read) is named and lost.
 */
export const routeLater = (
  context: EventsContext,
  bus: Bus,
  arrival: Arrival,
  key: string = randomUUID(),
): void => {
  const { accepted, cloud } = context;
  const lost = (error: unknown) =>
    cloud.print(`✗ ${bus.arn}: event ${arrival.event.id} is lost: ${String(error)}`);
  try {
    if (!accepted.has(key)) accepted.set(key, { bus: bus.name, arrival });
  } catch (error) {
    lost(error);
    return;
  }
  const through = () => void accepted.delete(key);
  setImmediate(() => void route(context, bus, arrival).catch(lost).finally(through));
};

/** Goes on with what an earlier process left. */
export const resume = (context: EventsContext): void => {
  for (const [key, { bus: name, arrival }] of [...context.accepted.entries()]) {
    const bus = context.buses.get(name);
    if (bus) routeLater(context, bus, arrival, key);
    else context.accepted.delete(key);
  }
};

/** Gives an event to every target of a rule. */
export const runRule = async (
  context: EventsContext,
  bus: Bus,
  rule: Rule,
  arrival: Arrival,
): Promise<void> => {
  const { clock, recorder } = context.cloud;
  const { traceId = newTraceId(clock.now()), parentId } = parseTraceHeader(arrival.trace);
  const id = newSpanId();
  recorder.record({
    traceId,
    id,
    ...(parentId ? { parentId } : {}),
    kind: "deliver",
    node: rule.arn,
    from: bus.arn,
    name: `events:Match ${rule.name}`,
    start: clock.now(),
    durationMs: 0,
    detail: { eventId: arrival.event.id },
  });
  const traced = { ...arrival, trace: traceHeader(traceId, id) };
  await Promise.all(rule.targets.map((target) => reach(context, rule, target, traced)));
};

const reach = async (context: EventsContext, rule: Rule, target: Target, arrival: Arrival): Promise<void> => {
  const { cloud } = context;
  const { event, trace } = arrival;
  const ingestionTime = isoSeconds(cloud.clock.now());
  const failure = await tryDelivery(cloud, target.retry, async () => {
    if (target.arn.includes(":event-bus/")) return forward(context, target, arrival);
    const body = payloadFor(target.change, event, { arn: rule.arn, name: rule.name, ingestionTime });
    await handOver(cloud, target.arn, {
      body,
      sourceArn: rule.arn,
      ...(trace ? { trace } : {}),
      ...(target.messageGroupId ? { messageGroupId: target.messageGroupId } : {}),
    });
  });
  if (!failure) return;
  await bury(
    cloud,
    target.deadLetterArn,
    { body: JSON.stringify(event), sourceArn: rule.arn, targetArn: target.arn, ...(trace ? { trace } : {}) },
    failure,
    { RULE_ARN: rule.arn, TARGET_ARN: target.arn },
  );
};

// From bus to bus once: AWS sends a forwarded event to no third bus, which also ends every loop.
const forward = async (context: EventsContext, target: Target, arrival: Arrival): Promise<void> => {
  if (arrival.forwarded)
    throw new DeliveryError(
      "THIRD_ACCOUNT_HOP_DETECTED",
      "An event goes from one bus to one other, no further.",
    );
  const bus = context.buses.get(busName(target.arn));
  if (bus?.arn !== target.arn) throw new DeliveryError("NO_RESOURCE", `Event bus not found: ${target.arn}`);
  routeLater(context, bus, { ...arrival, forwarded: true });
};
