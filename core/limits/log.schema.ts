import { type Decision, decisionOf, type Params } from "./decision.schema.ts";

/**
 * The sliding window log: every admission of the window that ends now, so that no window of that length, wherever it begins,
 * holds more than the limit. An admission at t leaves at t + window. Exact; a key costs 16 bytes an admission.
 *
 * Entries carry the sum of all that was ever taken up to them, not their own cost: what is in the window is a difference, and
 * what must leave before a cost fits is found by bisection, whatever the costs were.
 *
 * A change of the rule: the log stays, the new limit and length are compared with it; a longer window finds again only what
 * had not yet been dropped.
 */
export interface Log {
  /** The sum up to what has left or was given back. */
  readonly base: number;
  /** Milliseconds and sum, in turn, from `head` to `end`. Append only: an older state still sees what it held. */
  readonly entries: readonly number[];
  readonly head: number;
  readonly end: number;
}

const EMPTY: Log = { base: 0, entries: [], head: 0, end: 0 };

const time = (log: Log, at: number) => log.entries[at] ?? 0;
const sum = (log: Log, at: number) => log.entries[at + 1] ?? 0;
const total = (log: Log) => (log.end > log.head ? sum(log, log.end - 2) - log.base : 0);

/** The first entry from `head` for which it holds; it holds for all after. Mostly it is the very first. */
const first = (log: Log, holds: (at: number) => boolean): number => {
  if (log.head === log.end || holds(log.head)) return log.head;
  let [low, high] = [log.head / 2, log.end / 2];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (holds(middle * 2)) high = middle;
    else low = middle;
  }
  return high * 2;
};

/** The log without what has left by `nowMs`, or was given back. */
const slide = (log: Log, windowMs: number, nowMs: number): Log => {
  const horizon = nowMs - windowMs;
  const head = first(log, (at) => time(log, at) > horizon && sum(log, at) > log.base);
  if (head === log.head) return log;
  return { base: Math.max(log.base, sum(log, head - 2)), entries: log.entries, head, end: log.end };
};

const judge = (log: Log, { limit, windowMs }: Params, cost: number, nowMs: number): Decision => {
  const used = total(log);
  const asked = Math.max(cost, 1);
  const allowed = used + asked <= limit;
  const after = allowed ? used + cost : used;
  const last = log.end > log.head ? time(log, log.end - 2) : 0;
  return decisionOf(
    allowed,
    Math.max(limit - after, 0),
    after === 0 ? 0 : Math.max(last, allowed && cost > 0 ? nowMs : 0) + windowMs - nowMs,
    allowed ? 0 : retry(log, limit, windowMs, asked, used) - nowMs,
    0,
  );
};

/** When as many units have left as are too many. */
const retry = (log: Log, limit: number, windowMs: number, cost: number, used: number) => {
  if (cost > limit) return Number.POSITIVE_INFINITY;
  const bound = log.base + used + cost - limit;
  return (
    time(
      log,
      first(log, (at) => sum(log, at) >= bound),
    ) + windowMs
  );
};

/** Entries that left take no room for long: they are dropped when they are more than those that stay. */
const append = (log: Log, atMs: number, cost: number): Log => {
  const mine = log.entries.length === log.end && log.head <= log.end / 2 + 16;
  const entries = mine ? (log.entries as number[]) : log.entries.slice(log.head, log.end);
  const before = log.end > log.head ? sum(log, log.end - 2) : log.base;
  entries.push(atMs, before + cost);
  return { base: log.base, entries, head: mine ? log.head : 0, end: entries.length };
};

/** Sliding window log. */
export const log = {
  family: "log" as const,
  peek: (state: Log | undefined, params: Params, cost: number, nowMs: number) =>
    judge(slide(state ?? EMPTY, params.windowMs, nowMs), params, cost, nowMs),
  take: (state: Log | undefined, params: Params, cost: number, nowMs: number) => {
    const slid = slide(state ?? { ...EMPTY, entries: [] }, params.windowMs, nowMs);
    const decision = judge(slid, params, cost, nowMs);
    if (!decision.allowed || cost === 0) return { state, decision };
    // a clock that went back writes the time of the entry before, so that the order holds and nothing leaves early
    const last = slid.end > slid.head ? time(slid, slid.end - 2) : 0;
    return { state: append(slid, Math.max(last, nowMs), cost), decision };
  },
  /**
   * Gives back the oldest units first: as many as were given back are free at once, and what stays leaves no earlier than what
   * was truly served, whichever request it was.
   */
  refund: (state: Log | undefined, params: Params, cost: number, nowMs: number) => {
    const slid = slide(state ?? EMPTY, params.windowMs, nowMs);
    const left = total(slid) - cost;
    return left > 0 ? { ...slid, base: slid.base + cost } : undefined;
  },
  restsAt: (state: Log, { windowMs }: Params) =>
    state.end > state.head ? time(state, state.end - 2) + windowMs : 0,
};

/** What is in the window, oldest first: for a picture of it. */
export const entriesOf = (state: Log, { windowMs }: Params, nowMs: number) => {
  const slid = slide(state, windowMs, nowMs);
  let before = slid.base;
  return Array.from({ length: (slid.end - slid.head) / 2 }, (_, index) => {
    const at = slid.head + index * 2;
    const cost = sum(slid, at) - before;
    before = sum(slid, at);
    return { atMs: time(slid, at), cost };
  });
};
