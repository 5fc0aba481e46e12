import type { Decision, Take } from "./decision.schema.ts";
import { createLessee, leaseOf } from "./lessee.ts";
import { createPockets, type Pocket, type Pockets } from "./pockets.ts";
import type { LimitStore } from "./store.ts";

/** A store whose units are spent in this process. */
export interface LeasingStore extends LimitStore {
  /** Units of a key that lie here. */
  held(key: string): number;
  /** Gives everything back: before a process ends. */
  giveBackAll(now: number): Promise<void>;
}

/**
 * A store that takes `lease` units of a key at once and spends them here: a decision costs a call in `lease`, and none while
 * there are units. The store counts them when they are taken, so all processes together never pass more than the limit; of it
 * at most `lease` a process lie unused, until they are given back: after ten idle seconds, or by a window's end; never more of
 * them than the store still counts, for what has leaked or left is not this process's to give. What is near its limit is leased in smaller parts, at last by the exact cost. In a window that slides a unit may be spent up to a window
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
  const lend = createLender(store, pockets, createLessee(store, pockets, giveBack));

  return {
    name: store.name,
    take: async (takes, now) => {
      clock = Math.max(clock, now);
      pockets.sweep(now);
      return lend(takes, now);
    },
    peek: async (take, now) => {
      const units = pockets.at(take, now)?.units ?? 0;
      if (units === 0) return store.peek(take, now);
      const here = await store.peek({ ...take, cost: Math.max(0, take.cost - units) }, now);
      if (take.cost > units) return here;
      const remaining = Math.min(here.remaining + units - take.cost, take.params.burst);
      return { ...here, allowed: true, retryAfterMs: 0, remaining };
    },
    refund: (take, now) => store.refund(take, now),
    reset: async (take, now) => {
      pockets.drop(take.key);
      await store.reset(take, now);
    },
    held: (key) => pockets.unitsOf(key),
    giveBackAll: async (now) => {
      clock = Math.max(clock, now);
      pockets.empty(now);
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};

type Lessee = ReturnType<typeof createLessee>;

/** Decides on levels of which some are leased. */
const createLender = (store: LimitStore, pockets: Pockets, { spend, reserve, putBack }: Lessee) => {
  /** Who only asks is told of what lies here. */
  const look = (take: Take, now: number): Pocket | undefined => {
    const pocket = take.cost === 0 ? pockets.at(take, now) : undefined;
    return pocket && pocket.units > 0 ? pocket : undefined;
  };
  /** All at once: a process that holds nothing yet waits for one lease, not for each in turn. */
  const leaseAll = async (missing: readonly Take[], spent: Map<Take, Pocket>, now: number) => {
    const reserved = await Promise.allSettled(missing.map((take) => reserve(take, now)));
    for (const [index, take] of missing.entries()) {
      const one = reserved[index];
      if (one?.status === "fulfilled" && one.value) spent.set(take, one.value);
    }
    const failed = reserved.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  };

  return async (takes: readonly Take[], now: number): Promise<readonly Decision[]> => {
    if (!takes.some((take) => leaseOf(take) > 0 || look(take, now))) return store.take(takes, now);
    const spent = new Map<Take, Pocket>();
    const missing: Take[] = [];
    for (const take of takes) {
      const pocket = leaseOf(take) > 0 ? spend(take, now) : look(take, now);
      if (pocket) spent.set(take, pocket);
      else if (leaseOf(take) > 0) missing.push(take);
    }
    const undo = () => {
      for (const [take, from] of spent) spent.set(take, putBack(take, from, now));
    };
    try {
      if (missing.length > 0) await leaseAll(missing, spent, now);
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
};

// Units that were leased a while ago have leaked since, and came back to the store: together they are no more than a burst.
const told = ({ units, remaining, resetAt, params }: Pocket, now: number): Decision => ({
  allowed: true,
  retryAfterMs: 0,
  waitMs: 0,
  by: "lease",
  remaining: Math.min(units + remaining, params.burst),
  resetMs: Math.max(0, resetAt - now),
});
