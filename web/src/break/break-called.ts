import type { Breakage } from "./break-specs.ts";

/** What can be done to whatever is called by an SDK. */
export const called: readonly Breakage[] = [
  {
    id: "throttle",
    label: "Throttled",
    effect: "Calls are refused as AWS words it; SDKs retry.",
    on: {},
    fault: { kind: "throttle" },
  },
  {
    id: "error",
    label: "Fails with 5xx",
    effect: "Nothing takes place; SDKs retry.",
    on: {},
    fault: { kind: "error" },
  },
  {
    id: "unheard",
    label: "Answers are lost",
    effect: "The effect takes place and nobody hears of it: what is tried again happens twice.",
    on: {},
    fault: { kind: "drop" },
  },
  {
    id: "caller-dies",
    label: "Callers die after their call",
    effect: "The effect takes place, and the function that asked for it ends.",
    on: {},
    fault: { kind: "crash", effect: "after" },
  },
  {
    id: "slow",
    label: "Slow, up to 2 s",
    effect: "Each call takes longer, by a pareto distribution.",
    on: {},
    fault: { kind: "latency", ms: 100, distribution: "pareto", max: 2_000 },
  },
  {
    id: "outage",
    label: "Gone for 15 s",
    effect: "Every call is cut off, then all is well again.",
    on: {},
    fault: { kind: "outage", ms: 15_000 },
  },
];

/** What can be done to a table. */
export const tables: readonly Breakage[] = [
  ...called,
  {
    id: "no-writes",
    label: "Takes no writes",
    effect: "Reads go on. A limit does what its rule says of a failing store; a cache serves what it has.",
    on: { operation: ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"] },
    fault: { kind: "error" },
  },
];
