import { type Decision, decisionOf, type Params } from "./decision.schema.ts";

/**
 * Counts of a window and of the one before it. Windows are aligned to the epoch: a minute begins with the minute. The fixed
 * window heeds `count` alone, and so may let through twice its limit around an edge: that is the algorithm.
 *
 * The sliding counter weighs the window before by what of it is still within one window's length back from now, as Cloudflare
 * does ("How we built rate limiting capable of scaling to millions of domains", 2017): previous x (w - elapsed) / w + count.
 * Computed in integers, multiplied by w: nothing is rounded. It takes the previous window's requests as spread evenly. At an
 * edge after a full window nothing is free, and `limit x d / w` is after d: no double burst; over a whole window's length that
 * begins with a burst at the end of one, up to twice the limit may pass, evenly spread. The log is the one that never does.
 *
 * A change of the rule: counts stay, the new limit is compared with them. A new length says anew which window they belong to.
 */
export interface Counted {
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly count: number;
  readonly previous: number;
}

/** Counts as they stand at `nowMs`. A clock that went back stays in the window that was counted last. */
export const countedAt = (state: Counted | undefined, { windowMs }: Params, nowMs: number): Counted => {
  const index = Math.floor(nowMs / windowMs);
  const was = state ? Math.floor(state.start / windowMs) : 0;
  if (!state || was < index - 1) return { start: index * windowMs, count: 0, previous: 0 };
  if (was < index) return { start: index * windowMs, count: 0, previous: state.count };
  // mostly the very same: nothing is made anew
  if (state.start === was * windowMs) return state;
  return { start: was * windowMs, count: state.count, previous: state.previous };
};

const judgeFixed = (
  { start, count }: Counted,
  { limit, windowMs }: Params,
  cost: number,
  nowMs: number,
): Decision => {
  const allowed = count + Math.max(cost, 1) <= limit;
  const after = allowed ? count + cost : count;
  const left = start + windowMs - nowMs;
  const retryMs = cost > limit ? Number.POSITIVE_INFINITY : left;
  return decisionOf(allowed, Math.max(limit - after, 0), after > 0 ? left : 0, allowed ? 0 : retryMs, 0);
};

// The largest product: (2 x 10^6 + 10^6) units x 31 days in ms = 8.1 x 10^15, below 2^53 = 9.007 x 10^15.
const judgeSliding = (counted: Counted, params: Params, cost: number, nowMs: number): Decision => {
  const { start, count, previous } = counted;
  const { limit, windowMs } = params;
  const weighed = previous * (windowMs - Math.max(nowMs - start, 0)) + count * windowMs;
  const room = limit * windowMs - weighed;
  const allowed = Math.max(cost, 1) * windowMs <= room;
  const after = allowed ? room - cost * windowMs : room;
  const counts = count + (allowed ? cost : 0);
  const free = counts > 0 ? start + 2 * windowMs : previous > 0 ? start + windowMs : nowMs;
  const retryMs = allowed ? 0 : slidingRetry(counted, params, Math.max(cost, 1)) - nowMs;
  return decisionOf(allowed, Math.max(Math.floor(after / windowMs), 0), free - nowMs, retryMs, 0);
};

/** The first millisecond at which previous x (w - elapsed) <= (limit - count - cost) x w: in this window, else in the next. */
const slidingRetry = ({ start, count, previous }: Counted, { limit, windowMs }: Params, cost: number) => {
  if (cost > limit) return Number.POSITIVE_INFINITY;
  const spare = limit - count - cost;
  // a quotient of integers below 2^53 never rounds up to the next integer, so floor is exact
  if (spare > 0) return start + windowMs - Math.floor((spare * windowMs) / previous);
  const later = limit - cost;
  return start + windowMs + (later < count ? windowMs - Math.floor((later * windowMs) / count) : 0);
};

const take = (judge: typeof judgeFixed) => ({
  peek: (state: Counted | undefined, params: Params, cost: number, nowMs: number) =>
    judge(countedAt(state, params, nowMs), params, cost, nowMs),
  take: (state: Counted | undefined, params: Params, cost: number, nowMs: number) => {
    const counted = countedAt(state, params, nowMs);
    const decision = judge(counted, params, cost, nowMs);
    if (!decision.allowed || cost === 0) return { state, decision };
    return {
      state: { start: counted.start, count: counted.count + cost, previous: counted.previous },
      decision,
    };
  },
  /** From this window first, the rest from the one before: of a window that is gone, nothing. */
  refund: (state: Counted | undefined, params: Params, cost: number, nowMs: number) => {
    const { start, count, previous } = countedAt(state, params, nowMs);
    const left = Math.max(count - cost, 0);
    const before = Math.max(previous - Math.max(cost - count, 0), 0);
    return left + before > 0 ? { start, count: left, previous: before } : undefined;
  },
});

/** Fixed window. */
export const fixed = {
  family: "fixed" as const,
  ...take(judgeFixed),
  restsAt: ({ start }: Counted, { windowMs }: Params) => (Math.floor(start / windowMs) + 1) * windowMs,
};

/** Sliding window counter. */
export const sliding = {
  family: "sliding" as const,
  ...take(judgeSliding),
  restsAt: ({ start, count }: Counted, { windowMs }: Params) =>
    (Math.floor(start / windowMs) + (count > 0 ? 2 : 1)) * windowMs,
};
