import type { Params } from "./decision.schema.ts";
import { type Family, type Known, whole } from "./dynamo-family.ts";
import { type Change, num } from "./dynamo-item.ts";
import { slidingOf, windowOf } from "./limit.keys.ts";
import { type Counted, countedAt, fixed, sliding } from "./window.schema.ts";

const startOf = (at: number, { windowMs }: Params) => Math.floor(at / windowMs) * windowMs;

/** Fixed window: it is in the key, so that 1 call and 1 WCU are always enough, and nobody has to turn a page. */
export const fixedWindow: Family<Counted> = {
  sk: (params, at) => windowOf(params.windowMs, startOf(at, params)),
  parse: (item, params, at) => ({
    start: startOf(at, params),
    count: whole(item, "used") ?? 0,
    previous: 0,
  }),
  encode: ({ count }) => ({ used: num(count) }),
  identity: ["used"],
  take: fixed.take,
  // of a window that has ended there is nothing to give back
  refund: (params, state, cost, now) =>
    state && state.count > 0 && state.start <= now
      ? (fixed.refund(state, params, cost, now) ?? { ...state, count: 0 })
      : undefined,
  endsAt: ({ windowMs }, now) => now + windowMs,
  blind: true,
  add: ({ limit }, { item }, total) =>
    item?.used && whole(item, "used") === undefined
      ? undefined
      : {
          set: ["used = if_not_exists(used, :zero) + :total"],
          condition: "attribute_not_exists(used) OR used <= :room",
          values: { ":zero": num(0), ":total": num(total), ":room": num(limit - total) },
        },
  before: (_params, state, total) => ({ ...state, count: state.count - total }),
};

// Who takes states the earlier count as it knows it: so no late write can change what others reckon with.
const add = (params: Params, { state }: Known<Counted>, total: number, now: number): Change | undefined => {
  if (state === undefined) return undefined;
  const { start, previous } = countedAt(state, params, now);
  if (start !== state.start) return undefined;
  const { limit, windowMs } = params;
  const weighed = previous * (windowMs - Math.max(now - start, 0));
  return {
    set: ["used = used + :total"],
    condition: "#start = :start AND previous = :previous AND used <= :room",
    names: { "#start": "start" },
    values: {
      ":total": num(total),
      ":start": num(start),
      ":previous": num(previous),
      ":room": num(Math.floor((limit * windowMs - weighed) / windowMs) - total),
    },
  };
};

/** Sliding window counter: one item of this window's and the last one's count. 1 call, 1 WCU; a read more for each new window. */
export const slidingWindow: Family<Counted> = {
  sk: ({ windowMs }) => slidingOf(windowMs),
  parse: (item) => {
    const [start, count, previous] = ["start", "used", "previous"].map((name) => whole(item, name));
    return start === undefined || count === undefined || previous === undefined
      ? undefined
      : { start, count, previous };
  },
  encode: ({ start, count, previous }) => ({
    start: num(start),
    used: num(count),
    previous: num(previous),
  }),
  identity: ["start", "used", "previous"],
  take: sliding.take,
  refund: (params, state, cost, now) => {
    const at = countedAt(state, params, now);
    return at.count + at.previous > 0
      ? (sliding.refund(state, params, cost, now) ?? { ...at, count: 0, previous: 0 })
      : undefined;
  },
  endsAt: ({ windowMs }, now) => now + 2 * windowMs,
  blind: false,
  isStale: (state, params, now) => state.start < startOf(now, params),
  add,
  before: (_params, state, total) => ({ ...state, count: state.count - total }),
};
