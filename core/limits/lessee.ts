import type { Decision, Take } from "./decision.schema.ts";
import type { GiveBack, Pocket, Pockets } from "./pockets.ts";
import type { LimitStore } from "./store.ts";

/** A queue tells each request how long to wait: places in it cannot be taken ahead. */
export const leaseOf = ({ params, lease = 0, cost }: Take): number =>
  params.algorithm === "leaky-queue" || cost === 0 ? 0 : Math.min(lease, params.burst);

// decided with others the same moment, an end may be told some milliseconds early
const windowOf = ({ endsAt, params }: Pocket) => Math.floor((endsAt - 1) / params.windowMs);

/** What fills pockets and empties them. */
export const createLessee = (store: LimitStore, pockets: Pockets, giveBack: GiveBack) => {
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
    if (windowed && (!pocket || windowOf(pocket) !== windowOf(from))) return from;
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
  /** Takes a cost out of its pocket, which it fills first if need be: one call at a time. Undefined: there is no lease to be had. */
  const reserve = async (take: Take, now: number): Promise<Pocket | undefined> => {
    for (;;) {
      const pocket = spend(take, now);
      if (pocket) return pocket;
      const flight = flights.get(take.key) ?? acquire(take, now).finally(() => flights.delete(take.key));
      flights.set(take.key, flight);
      if (!(await flight)) return undefined;
    }
  };
  return { spend, reserve, putBack };
};

const filled = (
  { key, params }: Take,
  mine: Pocket | undefined,
  units: number,
  { remaining, resetMs }: Decision,
  now: number,
): Pocket => {
  const endsAt = now + (params.algorithm === "fixed-window" ? resetMs : params.windowMs);
  return {
    key,
    params,
    remaining,
    askedAt: now,
    resetAt: now + resetMs,
    units: (mine?.units ?? 0) + units,
    endsAt: mine ? Math.min(mine.endsAt, endsAt) : endsAt,
  };
};
