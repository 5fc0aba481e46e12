import type { Decision, Params } from "#core/limits/decision.schema.ts";
import { type AlgorithmName, bucketAlgorithms } from "#core/limits/rule.schema.ts";
import { type Arrival, spanOf } from "./arrivals.ts";
import { createMachine, type Machine } from "./machine.ts";

/** A request, and what became of it. */
export interface Mark extends Arrival {
  readonly allowed: boolean;
  readonly waitMs: number;
  readonly retryAfterMs: number;
  readonly remaining: number;
}

/** A point of a line: milliseconds, units. */
export type Point = readonly [at: number, value: number];

/** One algorithm over one load. */
export interface Run {
  readonly algorithm: AlgorithmName;
  readonly marks: readonly Mark[];
  /** What is taken of what there is at most, by client. */
  readonly used: readonly (readonly Point[])[];
  readonly capacity: number;
  /** What was served within the window that ends at each instant, by client. */
  readonly served: readonly (readonly Point[])[];
  readonly most: number;
}

/** Windows of the clock begin at multiples of their length since the epoch; so does the simulated time. */
const epochOf = ({ windowMs }: Pick<Params, "windowMs">) => windowMs * 1_000;
const SAMPLES = 240;

/** What is taken: of a bucket to the millisecond by when it is empty again, of a window by what remains. */
const takenOf = ({ algorithm, limit, windowMs, burst }: Params, { resetMs, remaining }: Decision): number =>
  bucketAlgorithms.includes(algorithm)
    ? Math.min(burst, (resetMs * limit) / windowMs)
    : Math.max(0, limit - remaining);

/** Units served in the window before each instant: up at each service, down a window later. */
export const slidingSum = (services: readonly Point[], windowMs: number, spanMs: number): Point[] => {
  const changes = services
    .flatMap(([at, units]): Point[] => [
      [at, units],
      [at + windowMs, -units],
    ])
    // What leaves goes first: a window of exactly `windowMs` does not hold both its ends.
    .toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const line: Point[] = [[0, 0]];
  let sum = 0;
  for (const [at, units] of changes) {
    if (at > spanMs) break;
    line.push([at, sum]);
    sum += units;
    line.push([at, sum]);
  }
  line.push([spanMs, sum]);
  return line;
};

const clientsOf = (arrivals: readonly Arrival[]): readonly number[] =>
  [...new Set(arrivals.map(({ client }) => client))].sort();

/** Looks at what every client has taken, at even steps and around each arrival. */
const sampler = (params: Params, machine: Machine, clients: readonly number[]) => {
  const span = spanOf(params);
  const used: Point[][] = clients.map(() => []);
  let sample = 0;
  const look = (at: number) => {
    clients.forEach((client, i) => {
      used[i]?.push([at, takenOf(params, machine.peek(client, epochOf(params) + at))]);
    });
  };
  const lookUntil = (at: number) => {
    for (; sample <= SAMPLES && (sample * span) / SAMPLES < at; sample += 1)
      look(Math.round((sample * span) / SAMPLES));
  };
  return { used, look, lookUntil };
};

/** What was served within a window, by client. */
const servedBy = (params: Params, marks: readonly Mark[], clients: readonly number[], apart: boolean) =>
  clients.map((client) =>
    slidingSum(
      marks
        .filter((mark) => mark.allowed && (!apart || mark.client === client))
        .map((mark) => [mark.at + mark.waitMs, mark.cost]),
      params.windowMs,
      spanOf(params),
    ),
  );

/** Runs an algorithm over arrivals, by the very functions the stores decide with; clients are counted apart, or as one. */
export const simulate = (params: Params, arrivals: readonly Arrival[], apart = true): Run => {
  const machine = createMachine(params);
  const clients = apart ? clientsOf(arrivals) : [0];
  const { used, look, lookUntil } = sampler(params, machine, clients);
  const marks: Mark[] = [];
  for (const arrival of arrivals) {
    const { at, client, cost } = arrival;
    lookUntil(at);
    look(at);
    const decision = machine.take(apart ? client : 0, cost, epochOf(params) + at);
    const { allowed, waitMs, retryAfterMs, remaining } = decision;
    marks.push({ ...arrival, allowed, waitMs, retryAfterMs, remaining });
    look(at);
  }
  lookUntil(spanOf(params) + 1);
  const served = servedBy(params, marks, clients, apart);
  const most = Math.max(0, ...served.flat().map(([, value]) => value));
  return { algorithm: params.algorithm, marks, used, capacity: capacityOf(params), served, most };
};

const capacityOf = ({ algorithm, burst, limit }: Params) =>
  bucketAlgorithms.includes(algorithm) ? burst : limit;
