import type { Decision, Take } from "./decision.schema.ts";
import { createPockets, type Pocket } from "./pockets.ts";
import type { LimitStore } from "./store.ts";

/** A store whose units are spent in this process. */
export interface LeasingStore extends LimitStore {
  /** Units of a key that lie here. */
  held(key: string): number;
  /** Gives everything back: before a process ends. */
  giveBackAll(now: number): Promise<void>;
}

/** A queue tells each request how long to wait: places in it cannot be taken ahead. */
const leaseOf = ({ params, lease = 0, cost }: Take): number =>
  params.algorithm === "leaky-queue" || cost === 0 ? 0 : Math.min(lease, params.burst);

/**
 * A store that takes `lease` units of a key at once and spends them here: a decision costs a call in `lease`, and none while
 * there are units. The store counts them when they are taken, so all processes together never pass more than the limit; of it
 * at most `lease` a process lie unused, until they are given back: after ten idle seconds, or by a window's end. What is near
 * its limit is leased in smaller parts, at last by the exact cost. In a window that slides a unit may be spent up to a window
 * after it was counted: as many more than the limit, at most `lease` a process, can pass in one.
 */
export const leases = (store: LimitStore): LeasingStore => {
  let clock = 0;
  const underWay = new Set<Promise<void>>();
  // Nobody waits for it. One that fails leaves the units taken: fewer pass, never more.
  const giveBack = (take: Take) => {
    const work: Promise<void> = store
      .refund(take, clock)
      .catch(() => undefined)
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
  const pockets = createPockets(giveBack);
  const flights = new Map<string, Promise<boolean>>();

  /** The pocket after it. */
  const spend = (take: Take, now: number): Pocket | undefined => {
    const pocket = pockets.at(take, now);
    if (!pocket || pocket.units < take.cost) return undefined;
    const left = { ...pocket, units: pocket.units - take.cost, askedAt: now };
    pockets.put(left);
    return left;
  };
  /** Into the pocket it came from, which holds no more than a lease: what is beyond goes back. */
  const putBack = (take: Take, from: Pocket, now: number): Pocket => {
    const pocket = pockets.at(take, now);
    const windowed = take.params.algorithm === "fixed-window";
    // units of a window that has ended are worth nothing
    if (windowed && pocket?.endsAt !== from.endsAt) return from;
    const units = (pocket?.units ?? 0) + take.cost;
    const kept = pocket ? Math.min(units, Math.max(leaseOf(take), pocket.units)) : 0;
    if (units > kept) giveBack({ ...take, cost: units - kept });
    const back = { ...(pocket ?? from), units: kept };
    if (pocket) pockets.put(back);
    return back;
  };
  /** False: not even this cost is to be had as a lease. */
  const acquire = async (take: Take, now: number): Promise<boolean> => {
    const pocket = pockets.at(take, now);
    const units = pocket?.units ?? 0;
    let want = Math.max(leaseOf(take), take.cost) - units;
    for (const again of [true, false]) {
      const [decision] = await store.take([{ ...take, cost: want }], now);
      if (!decision) return false;
      if (decision.allowed) {
        const pocket = filled(take, pockets.at(take, now), want, decision, now);
        // others may have put theirs back meanwhile
        const kept = Math.min(pocket.units, Math.max(leaseOf(take), take.cost));
        pockets.put({ ...pocket, units: kept });
        if (pocket.units > kept) giveBack({ ...take, cost: pocket.units - kept });
        return true;
      }
      want = Math.min(want - 1, decision.remaining);
      if (!again || want < 1 || want + units < take.cost) return false;
    }
    return false;
  };
  const reserve = async (take: Take, now: number): Promise<Pocket | undefined> => {
    for (;;) {
      const pocket = spend(take, now);
      if (pocket) return pocket;
      const flight = flights.get(take.key) ?? acquire(take, now).finally(() => flights.delete(take.key));
      flights.set(take.key, flight);
      if (!(await flight)) return undefined;
    }
  };

  const takeLeased = async (takes: readonly Take[], now: number): Promise<readonly Decision[]> => {
    const spent = new Map<Take, Pocket>();
    const undo = () => {
      for (const [take, from] of spent) spent.set(take, putBack(take, from, now));
    };
    try {
      for (const take of takes) {
        const pocket = leaseOf(take) > 0 ? await reserve(take, now) : undefined;
        if (pocket) spent.set(take, pocket);
      }
      const rest = takes.filter((take) => !spent.has(take));
      const others = rest.length > 0 ? await store.take(rest, now) : [];
      if (others.some(({ allowed }) => !allowed)) undo();
      const answers = new Map(rest.map((take, index) => [take, others[index]]));
      return takes.flatMap((take) => {
        const pocket = spent.get(take);
        return (pocket ? told(pocket, now) : answers.get(take)) ?? [];
      });
    } catch (error) {
      undo();
      throw error;
    }
  };

  return {
    name: store.name,
    take: async (takes, now) => {
      clock = Math.max(clock, now);
      pockets.sweep(now);
      return takes.some((take) => leaseOf(take) > 0) ? takeLeased(takes, now) : store.take(takes, now);
    },
    peek: async (take, now) => {
      const units = pockets.at(take, now)?.units ?? 0;
      if (units === 0) return store.peek(take, now);
      const here = await store.peek({ ...take, cost: Math.max(0, take.cost - units) }, now);
      const spared = Math.max(0, units - take.cost);
      return take.cost <= units
        ? { ...here, allowed: true, retryAfterMs: 0, remaining: here.remaining + spared }
        : here;
    },
    refund: (take, now) => store.refund(take, now),
    reset: async (take, now) => {
      pockets.drop(take.key);
      await store.reset(take, now);
    },
    held: (key) => pockets.all().find((pocket) => pocket.key === key)?.units ?? 0,
    giveBackAll: async (now) => {
      clock = Math.max(clock, now);
      for (const { key, params, units } of pockets.all()) {
        pockets.drop(key);
        if (units > 0) giveBack({ key, params, cost: units });
      }
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};

const told = ({ units, remaining, resetAt }: Pocket, now: number): Decision => ({
  ...{ allowed: true, retryAfterMs: 0, waitMs: 0, by: "lease" },
  remaining: units + remaining,
  resetMs: Math.max(0, resetAt - now),
});

const filled = (
  { key, params }: Take,
  mine: Pocket | undefined,
  units: number,
  { remaining, resetMs }: Decision,
  now: number,
): Pocket => {
  const endsAt = now + (params.algorithm === "fixed-window" ? resetMs : params.windowMs);
  return {
    ...{ key, params, remaining, askedAt: now, resetAt: now + resetMs },
    units: (mine?.units ?? 0) + units,
    endsAt: mine ? Math.min(mine.endsAt, endsAt) : endsAt,
  };
};
