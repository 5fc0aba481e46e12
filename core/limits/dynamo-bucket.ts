import { type Bucket, interval, meter, queue } from "./bucket.schema.ts";
import type { Params } from "./decision.schema.ts";
import { type Family, type Known, whole } from "./dynamo-family.ts";
import { type Change, num } from "./dynamo-item.ts";
import { BUCKET } from "./limit.keys.ts";

const US = 1_000;

// Takers of a bucket that is in use add up, whoever they are. One at rest starts from its taker's now: that needs another
// expression, and so a second call of who did not know. A process that knows nothing tries it first: most keys come back after
// a while, and those that never rest are known after one call.
const add = (
  params: Params,
  { item, state, sure }: Known<Bucket>,
  total: number,
  now: number,
): Change | undefined => {
  if (item?.tat && state === undefined) return undefined;
  const at = now * US;
  const held = total * interval(params);
  if (state === undefined ? !sure : state < at)
    return {
      set: ["tat = :after"],
      condition: "attribute_not_exists(tat) OR tat < :now",
      values: { ":after": num(at + held), ":now": num(at) },
    };
  return {
    set: ["tat = if_not_exists(tat, :now) + :held"],
    condition: "attribute_not_exists(tat) OR tat BETWEEN :now AND :latest",
    values: {
      ":held": num(held),
      ":now": num(at),
      ":latest": num(at + params.burst * interval(params) - held),
    },
  };
};

/** Token bucket, leaky bucket, GCRA, and the queue: 1 call and 1 WCU; 2 where this process does not know of an item in use. */
const family = (algorithm: typeof meter): Family<Bucket> => ({
  sk: () => BUCKET,
  parse: (item) => whole(item, "tat"),
  encode: (tat) => ({ tat: num(tat) }),
  identity: ["tat"],
  take: algorithm.take,
  refund: (params, tat, cost, now) =>
    tat === undefined || tat <= now * US ? undefined : (algorithm.refund(tat, params, cost, now) ?? now * US),
  endsAt: (params, now) => now + (params.burst * interval(params)) / US,
  blind: true,
  add,
  before: (params, tat, total) => tat - total * interval(params),
});

export const metered = family(meter);
export const queued = family(queue);
