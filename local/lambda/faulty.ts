import { latencyOf, wait } from "../faults/latency.ts";
import type { Point } from "../faults/match.ts";
import { namesOf } from "../faults/names.ts";
import type { FunctionSpec } from "../graph/graph.ts";
import type { Clock } from "../kit/clock.ts";
import type { Environment, Outcome } from "./environment.ts";
import { exited, timedOut } from "./errors.ts";
import type { RuntimeError } from "./protocol.ts";
import type { LambdaDeps } from "./types.ts";

// Where faults strike a function: `Queue` an event for its asynchronous queue, `Init` a cold start, `Run` one attempt at an event.

type Deps = Pick<LambdaDeps, "graph" | "faults">;

/** A function as rules see it. */
export const pointOf = (
  { graph }: Pick<LambdaDeps, "graph">,
  spec: FunctionSpec,
  operation: "Queue" | "Init" | "Run",
  from?: string,
  invocation?: string,
): Point => {
  const names = namesOf(graph, spec.arn);
  return {
    service: "lambda",
    operation: [operation],
    function: names,
    target: names,
    key: from === undefined ? [] : [from],
    ...(invocation === undefined ? {} : { invocation }),
  };
};

/** What befalls an event before it has an environment. */
export interface Refused {
  readonly cold: boolean;
  readonly end?: "throttle" | "error";
  readonly note?: string;
}

/** Asks for what strikes before an environment is found. */
export const strikeSubmit = (deps: Deps, spec: FunctionSpec, from: string | undefined): Refused => {
  if (!deps.faults.active()) return { cold: false };
  const hits = deps.faults.strike(pointOf(deps, spec, "Run", from), ["cold", "throttle", "error"]);
  const cold = hits.filter(({ fault }) => fault.kind === "cold");
  for (const { note } of cold) note();
  const first = hits.find(({ fault }) => fault.kind !== "cold");
  if (!first || first.fault.kind === "cold") return { cold: cold.length > 0 };
  return { cold: cold.length > 0, end: first.fault.kind, note: first.note() };
};

/** What befalls one attempt at an event in its environment. */
export interface Struck {
  readonly delayMs: number;
  readonly skewMs: number;
  readonly end?: { readonly kind: "crash" | "timeout"; readonly before: boolean };
  /** As a span shows it. */
  readonly note?: string;
}

/** Asks for what strikes within an environment. */
export const strikeRun = (
  deps: Deps,
  spec: FunctionSpec,
  job: { readonly requestId: string; readonly options: { readonly from?: string } },
): Struck => {
  if (!deps.faults.active()) return { delayMs: 0, skewMs: 0 };
  const point = pointOf(deps, spec, "Run", job.options.from, job.requestId);
  let [delayMs, skewMs] = [0, 0];
  let end: Struck["end"];
  const notes: string[] = [];
  for (const { fault, draw, note } of deps.faults.strike(point, ["latency", "skew", "crash", "timeout"])) {
    if (fault.kind === "latency") delayMs += latencyOf(fault, draw);
    else if (fault.kind === "skew") skewMs += fault.ms;
    else if (end) continue;
    else end = { kind: fault.kind, before: (fault.effect ?? "after") === "before" };
    notes.push(note());
  }
  return {
    delayMs,
    skewMs,
    ...(end ? { end } : {}),
    ...(notes.length > 0 ? { note: notes.join(", ") } : {}),
  };
};

interface Attempt {
  readonly environment: Environment;
  readonly spec: FunctionSpec;
  readonly requestId: string;
  readonly clock: Clock;
  /** Milliseconds left of the function's timeout. */
  readonly limitMs: number;
  /** Gives the event to the handler, with what is left of its time. */
  readonly invoke: (remainingMs: number) => Promise<Outcome>;
}

/** The environment is lost, as on Lambda, where its runtime process exits: a cold one replaces it. */
const lose = (attempt: Attempt, error: RuntimeError, durationMs: number, heapMb = 0): Outcome => {
  void attempt.environment.stop();
  return { error, heapMb, durationMs };
};

/** Runs an attempt as it was struck. */
export const runStruck = async (attempt: Attempt, { delayMs, end }: Struck): Promise<Outcome> => {
  const { clock, environment, limitMs, requestId, spec } = attempt;
  const timeout = () => timedOut(requestId, spec.timeoutSeconds);
  const held = end?.kind === "timeout" && end.before ? limitMs : Math.min(delayMs, limitMs);
  if (held > 0) await wait(clock, held, environment.ended);
  if (held >= limitMs) return lose(attempt, timeout(), limitMs);
  if (end?.kind === "crash" && end.before) return lose(attempt, exited(requestId, 1), held);
  const outcome = await attempt.invoke(limitMs - held);
  const durationMs = outcome.durationMs + held;
  if (!end || outcome.error) return { ...outcome, durationMs };
  if (end.kind === "crash") return lose(attempt, exited(requestId, 1), durationMs, outcome.heapMb);
  await wait(clock, limitMs - durationMs, environment.ended);
  return lose(attempt, timeout(), limitMs, outcome.heapMb);
};

/** What befalls a cold start: undefined when all went well, and after what time. */
export const strikeInit = async (
  deps: Deps & Pick<LambdaDeps, "clock">,
  spec: FunctionSpec,
  limitMs: number,
  ended: Promise<void>,
): Promise<RuntimeError | undefined> => {
  if (!deps.faults.active()) return undefined;
  let delayMs = 0;
  let crash = false;
  for (const { fault, draw, note } of deps.faults.strike(pointOf(deps, spec, "Init"), ["latency", "crash"])) {
    note();
    if (fault.kind === "latency") delayMs += latencyOf(fault, draw);
    else crash = true;
  }
  if (delayMs > 0) await wait(deps.clock, Math.min(delayMs, limitMs), ended);
  if (delayMs >= limitMs) return timedOut("init", limitMs / 1_000);
  return crash ? exited("init", 1) : undefined;
};
