import type { Decision, Take } from "./decision.schema.ts";
import { createLessee, leaseOf } from "./lessee.ts";
import { createPockets, type Pocket } from "./pockets.ts";
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
  const { reserve, putBack } = createLessee(store, pockets, giveBack);

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
