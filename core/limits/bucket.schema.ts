import { type Decision, decisionOf, type Params } from "./decision.schema.ts";

/**
 * One timestamp a key: the theoretical arrival time (TAT), the moment at which all that was taken has leaked away, in whole
 * microseconds since the epoch. What is held at `now` is TAT - now; a unit holds one interval, window / limit; a request passes
 * if what is held with it is no more than `burst` intervals.
 *
 * Three names of this one arithmetic: token bucket (tokens = burst - held), leaky bucket as a meter (level = held; J. Turner,
 * "New Directions in Communications", IEEE Communications 24(10), 1986) and GCRA (ATM Forum TM 4.0, section 4.4.2, and ITU-T
 * I.371, annex A: virtual scheduling and continuous-state leaky bucket are shown to be the same; here tau = (burst - 1)
 * intervals). The leaky queue is the meter whose level is a line: who comes waits until the line before is served.
 *
 * Rounding: the interval is rounded up to a microsecond, so a unit takes at most 1 us longer than stated and never more is
 * admitted than stated; capacity and the moment of a retry are exact. Above 10,000 units a second that is more than 1 %.
 *
 * A change of the rule: what is held is a time, and stays. The new interval says how many units that is: half full stays half
 * full where limit and burst change alike.
 */
export type Bucket = number;

/** Microseconds that a unit holds. */
export const interval = ({ windowMs, limit }: Params): number => Math.ceil((windowMs * 1_000) / limit);

/** Units held, with their fraction: the level of a leaky bucket. `burst` less this is the tokens of a token bucket. */
export const levelAt = (tat: Bucket | undefined, params: Params, nowMs: number): number =>
  Math.max((tat ?? 0) - nowMs * 1_000, 0) / interval(params);

const judge = (
  tat: Bucket | undefined,
  params: Params,
  cost: number,
  nowMs: number,
  queue: boolean,
): Decision => {
  const unit = interval(params);
  const full = params.burst * unit;
  // a clock that went back finds more held than there was: nothing is refilled
  const held = Math.max((tat ?? 0) - nowMs * 1_000, 0);
  const asked = held + Math.max(cost, 1) * unit;
  const allowed = asked <= full;
  const after = allowed ? held + cost * unit : held;
  const retryMs = cost > params.burst ? Number.POSITIVE_INFINITY : Math.ceil((asked - full) / 1_000);
  return decisionOf(
    allowed,
    Math.max(Math.floor((full - after) / unit), 0),
    Math.ceil(after / 1_000),
    allowed ? 0 : retryMs,
    queue && allowed ? Math.ceil(held / 1_000) : 0,
  );
};

const bucket = (queue: boolean) => ({
  family: "bucket" as const,
  peek: (tat: Bucket | undefined, params: Params, cost: number, nowMs: number) =>
    judge(tat, params, cost, nowMs, queue),
  take: (tat: Bucket | undefined, params: Params, cost: number, nowMs: number) => {
    const decision = judge(tat, params, cost, nowMs, queue);
    if (!decision.allowed || cost === 0) return { state: tat, decision };
    return { state: Math.max(tat ?? 0, nowMs * 1_000) + cost * interval(params), decision };
  },
  refund: (tat: Bucket | undefined, params: Params, cost: number, nowMs: number) => {
    const left = (tat ?? 0) - cost * interval(params);
    return left > nowMs * 1_000 ? left : undefined;
  },
  restsAt: (tat: Bucket) => Math.ceil(tat / 1_000),
});

/** Token bucket, leaky bucket as a meter, GCRA. */
export const meter = bucket(false);
/** Leaky bucket as a queue: `waitMs` is the time until all that came before is served, up to 1 ms more. */
export const queue = bucket(true);
