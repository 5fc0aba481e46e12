import type { MapNode } from "../map/map-data.ts";
import { called, tables } from "./break-called.ts";

/** Something that can be done to a resource. */
export interface Breakage {
  readonly id: string;
  readonly label: string;
  /** What a person will see of it. */
  readonly effect: string;
  /** What of the resource is struck, beside its name. */
  readonly on: { readonly service?: string; readonly operation?: string | readonly string[] };
  readonly fault: { readonly kind: string; readonly [setting: string]: unknown };
}

const RUN = { service: "lambda", operation: "Run" };

const functions: readonly Breakage[] = [
  {
    id: "crash-after",
    label: "Dies after its work",
    effect: "The work is done, its answer is lost; whoever waits asks again.",
    on: RUN,
    fault: { kind: "crash", effect: "after" },
  },
  {
    id: "crash-before",
    label: "Dies before its work",
    effect: "The event comes again where its source retries; a visitor is told 502.",
    on: RUN,
    fault: { kind: "crash", effect: "before" },
  },
  {
    id: "throttle",
    label: "Throttled",
    effect: "No environment is to be had: callers hear 429, queues wait.",
    on: RUN,
    fault: { kind: "throttle" },
  },
  {
    id: "slow",
    label: "Slow, up to 3 s",
    effect: "Each event takes longer, by a pareto distribution.",
    on: RUN,
    fault: { kind: "latency", ms: 150, distribution: "pareto", max: 3_000 },
  },
  {
    id: "cold",
    label: "Never warm",
    effect: "Every event finds a cold environment.",
    on: RUN,
    fault: { kind: "cold" },
  },
  {
    id: "twice",
    label: "Events come twice",
    effect: "Its asynchronous events are delivered once more a second later.",
    on: { service: "lambda", operation: "Queue" },
    fault: { kind: "duplicate", delays: [1_000] },
  },
  {
    id: "skew",
    label: "Clock ten minutes slow",
    effect: "Its signatures are refused until the SDK corrects itself.",
    on: RUN,
    fault: { kind: "skew", ms: -600_000 },
  },
];

const messages: readonly Breakage[] = [
  {
    id: "twice",
    label: "Messages come twice",
    effect: "A message that was done is handed out again, as when its deletion is lost.",
    on: { service: "sqs", operation: ["Consume", "Deliver"] },
    fault: { kind: "duplicate" },
  },
  {
    id: "order",
    label: "Out of order",
    effect: "Messages overtake one another; a FIFO queue keeps its order.",
    on: { service: "sqs", operation: "Receive" },
    fault: { kind: "reorder", window: 10 },
  },
];

const requests: readonly Breakage[] = [
  {
    id: "slow",
    label: "Slow, up to 5 s",
    effect: "Each request waits before it is let in.",
    on: { service: "apigateway" },
    fault: { kind: "latency", ms: 300, distribution: "pareto", max: 5_000 },
  },
  {
    id: "error",
    label: "Fails with 500",
    effect: "The API answers for itself; no function is asked.",
    on: { service: "apigateway" },
    fault: { kind: "error" },
  },
  {
    id: "throttle",
    label: "Throttled",
    effect: "Clients are told 429.",
    on: { service: "apigateway" },
    fault: { kind: "throttle" },
  },
  {
    id: "unheard",
    label: "Answers are lost",
    effect: "The request takes effect and the connection is cut.",
    on: { service: "apigateway" },
    fault: { kind: "drop" },
  },
];

const byKind: Readonly<Record<string, readonly Breakage[]>> = {
  function: functions,
  api: requests,
  queue: [...messages, ...called],
  table: tables,
  bus: called,
  topic: called,
  bucket: called,
  users: called,
};

/** What can be done to a resource; nothing where nothing can. */
export const breakagesOf = (node: Pick<MapNode, "type">): readonly Breakage[] => byKind[node.type] ?? [];

/** How often a fault strikes. */
export const strengths = {
  once: ["Once", { times: 1 }],
  rarely: ["1 in 20", { probability: 0.05 }],
  often: ["1 in 5", { probability: 0.2 }],
  mostly: ["1 in 2", { probability: 0.5 }],
  always: ["Always", {}],
} as const;

/** The name of one. */
export type Strength = keyof typeof strengths;

const nameOf = (arn: string): string => arn.split(/[/:]/).at(-1) ?? arn;

/** The rule that does this to that resource. */
export const toRule = (
  node: Pick<MapNode, "id" | "type">,
  breakage: Breakage,
  strength: Strength,
): object => ({
  on: {
    ...breakage.on,
    ...(node.type === "function" ? { function: node.id } : { target: nameOf(node.id) }),
  },
  when: strengths[strength][1],
  fault: breakage.fault,
});
