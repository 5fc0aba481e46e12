import type { Around, AwsCall } from "../gateway/gateway.ts";
import type { Graph } from "../graph/graph.ts";
import type { Clock } from "../kit/clock.ts";
import type { AwsRequest, AwsResponse } from "../kit/cloud.ts";
import { describe, type KeyNames, keyNamesOf } from "./describe.ts";
import type { Faults, Hit } from "./faults.ts";
import { latencyOf, wait } from "./latency.ts";
import type { Point } from "./match.ts";
import { namesOf } from "./names.ts";
import { answerPartly, canBePartial } from "./partial.ts";
import { errorOf, faultAnswer, throttleResponse } from "./words.ts";

/** What striking calls needs of the local cloud. */
export interface CallDeps {
  readonly graph: Graph;
  readonly clock: Clock;
  /** Ends the execution environment that calls, as if its runtime had exited. */
  readonly crash: (environmentId: string) => Promise<void>;
  /** The invocation that runs in an environment. */
  readonly invocationOf: (environmentId: string) => string | undefined;
}

/** A caller that never hears gives up by itself; this bounds those that never do, ms. */
const HELD_MS = 300_000;

const KINDS = ["latency", "throttle", "error", "timeout", "drop", "partial", "crash", "outage"] as const;
type CallHit = Hit<(typeof KINDS)[number]>;

const pointOf = (call: AwsCall, deps: CallDeps, keyNames: KeyNames): Point => {
  const { caller } = call.request;
  const { operation, target, key } = describe(call, keyNames);
  const invocation = caller?.environmentId && deps.invocationOf(caller.environmentId);
  return {
    service: call.service,
    operation,
    function: namesOf(deps.graph, caller?.functionArn),
    target,
    key,
    ...(invocation ? { invocation } : {}),
  };
};

const tableArn = ({ graph }: CallDeps, { target }: Point) =>
  target.map((name) =>
    name.startsWith("arn:") ? name : `arn:aws:dynamodb:${graph.region}:${graph.accountId}:table/${name}`,
  );

/** ARN of the resource a call was for, so that a call that never reached its service still lights it up. */
const nodeOf = ({ graph }: CallDeps, { service, target }: Point): string | undefined => {
  const stated = target.find((name) => name.startsWith("arn:"));
  const named = graph.resources.find(({ outputs: { arn, name } }) => {
    const ours = typeof arn === "string" && arn.startsWith(`arn:aws:${service}:`);
    return ours && typeof name === "string" && target.includes(name);
  });
  return stated ?? (named && String(named.outputs.arn));
};

const lost: AwsResponse = { status: 500, drop: true };

/** Nothing is heard: until the caller goes, or the rule's time is over. */
const silence = async (call: AwsCall, deps: CallDeps, ms = HELD_MS): Promise<AwsResponse> => {
  await wait(deps.clock, ms, call.gone());
  return lost;
};

const end = async (call: AwsCall, { crash }: CallDeps): Promise<AwsResponse> => {
  const environmentId = call.request.caller?.environmentId;
  if (environmentId) await crash(environmentId);
  return lost;
};

/** Instead of the call; undefined for what strikes after it. */
const before = (call: AwsCall, hit: CallHit, point: Point, deps: CallDeps) => {
  const { fault } = hit;
  if (fault.kind === "throttle") return async () => throttleResponse(call, tableArn(deps, point));
  if (fault.kind === "error") return async () => faultAnswer(call, errorOf(call.service, fault));
  if (fault.kind === "outage") return async () => lost;
  if ("effect" in fault && fault.effect === "before") {
    if (fault.kind === "drop") return async () => lost;
    if (fault.kind === "crash") return () => end(call, deps);
    if (fault.kind === "timeout") return () => silence(call, deps, fault.ms);
  }
  return undefined;
};

/** After the call took effect: its answer, or what becomes of it. */
const after = async (call: AwsCall, hit: CallHit, answer: AwsResponse, deps: CallDeps) => {
  const { detail, node } = answer;
  const kept = { ...(detail ? { detail } : {}), ...(node ? { node } : {}) };
  if (hit.fault.kind === "timeout") return { ...(await silence(call, deps, hit.fault.ms)), ...kept };
  if (hit.fault.kind === "crash") return { ...(await end(call, deps)), ...kept };
  return { ...lost, ...kept };
};

const marked = (answer: AwsResponse, notes: readonly string[]): AwsResponse =>
  notes.length === 0 ? answer : { ...answer, detail: { ...answer.detail, fault: notes.join(", ") } };

/** Latency first; then the first rule that ends the matter. A rule that comes later has not struck. */
const strike = async (
  call: AwsCall,
  next: (changed?: AwsRequest) => Promise<AwsResponse>,
  faults: Faults,
  point: Point,
  deps: CallDeps,
): Promise<AwsResponse> => {
  // what could never have been partial is no occurrence of it
  const kinds = canBePartial(call) ? KINDS : KINDS.filter((kind) => kind !== "partial");
  const hits: readonly CallHit[] = faults.strike(point, kinds);
  const notes: string[] = [];
  for (const { fault, draw, note } of hits) {
    if (fault.kind !== "latency") continue;
    notes.push(note());
    await wait(deps.clock, latencyOf(fault, draw), call.gone());
  }
  const first = hits.find(({ fault }) => fault.kind !== "latency");
  if (!first) return marked(await next(), notes);
  notes.push(first.note());
  const instead = before(call, first, point, deps);
  if (instead) {
    const [answer, node] = [await instead(), nodeOf(deps, point)];
    return marked(node ? { ...answer, node } : answer, notes);
  }
  const { fault, draw } = first;
  if (fault.kind === "partial") return marked(await answerPartly(call, fault, draw, next), notes);
  return marked(await after(call, first, await next(), deps), notes);
};

/** Faults between every caller and the AWS endpoint. */
export const faultyCalls = (faults: Faults, deps: CallDeps): Around => {
  const keyNames = keyNamesOf(deps.graph);
  return (call, next) =>
    faults.active() ? strike(call, next, faults, pointOf(call, deps, keyNames), deps) : next();
};
