import { now } from "#core/kit/clock.ts";
import {
  begin,
  type Context,
  fromMemory,
  inBackground,
  isServable,
  isValid,
  type Outcome,
  type Shared,
  storeFailed,
} from "./context.ts";
import { heed } from "./heed.ts";
import type { Kept } from "./l1.ts";
import type { Link } from "./link.ts";
import { type Ask, type Before, isLeased, loadAndFill, loadLeased, takeLease } from "./load.ts";
import { judge, readLower, type Seen, toOutcome } from "./lower.ts";
import type { Marks } from "./marks.ts";
import { isEarly } from "./xfetch.ts";

/** Memory, then the store, then the origin; many who ask at once are one. */
export const getOrLoad = async (context: Context, ask: Ask): Promise<Outcome> => {
  context.tell();
  if (ask.strong || !ask.protect) return fly(context, ask);
  if (context.link?.feed.isDue(now())) await heed(context, ask.key);
  const kept = context.l1.get(ask.key);
  if (kept && isServable(context, kept, now())) return hit(context, ask, kept);
  context.figures.l1.misses++;
  return join(context, context.flights, ask.key, () => fly(context, ask));
};

/** Joins who is at it already, if that began late enough, or begins. */
export const join = async <T extends Outcome | undefined>(
  context: Context,
  shared: Map<string, Shared>,
  key: string,
  work: () => Promise<T>,
): Promise<T> => {
  const under = shared.get(key);
  if (under && (context.link?.feed.covers(under.token) ?? true)) {
    const outcome = await under.promise;
    if (outcome?.loaded) context.figures.waited++;
    if (outcome?.fresh === false) context.figures.staleServed++;
    return (outcome && { ...outcome, loaded: false }) as T;
  }
  const mine = { token: begin(context), promise: work() };
  shared.set(key, mine);
  try {
    return await mine.promise;
  } finally {
    if (shared.get(key) === mine) shared.delete(key);
  }
};

/** A hit in memory; it may be time to load anew. */
export const hit = (context: Context, ask: Ask, kept: Kept): Outcome => {
  context.figures.l1.hits++;
  if (isTime(context, ask, kept)) refresh(context, ask, { version: kept.version });
  return fromMemory(kept, true);
};

/** XFetch. What is dirty is newer than its origin. */
export const isTime = (
  context: Context,
  { beta }: Pick<Ask, "beta">,
  { freshUntil, loadMs, dirty }: { freshUntil: number; loadMs: number; dirty?: boolean },
): boolean => beta > 0 && !dirty && isEarly(now(), freshUntil, loadMs, 1 - context.random(), beta);

const fly = async (context: Context, ask: Ask): Promise<Outcome> => {
  const token = begin(context);
  const { link } = context;
  if (!link) return flyAlone(context, ask);
  let seen: Seen;
  try {
    seen = await readLower(context, link, ask.key, { ...ask, token });
  } catch (error) {
    storeFailed(context, error);
    return flyAlone(context, ask);
  }
  const outcome = toOutcome(context, ask.key, seen);
  if (!outcome || !seen.entry) return loadOnce(context, link, ask, seen);
  if (seen.state === "stale") {
    context.figures.staleServed++;
    if (!isLeased(context, ask.key, seen.entry)) refresh(context, ask, seen);
  } else if (isTime(context, ask, seen.entry)) refresh(context, ask, seen);
  return outcome;
};

/** Nothing but memory and the origin: there is no store, or it is down. */
const flyAlone = async (context: Context, ask: Ask): Promise<Outcome> => {
  const { l1, link, marks, names, nextVersion } = context;
  const kept = l1.get(ask.key);
  const graceful = kept !== undefined && !ask.strong && now() < kept.keptUntil && isValid(context, kept);
  const stale = graceful ? kept : undefined;
  const version = link ? Math.max(l1.floor(ask.key), kept?.version ?? 0) : nextVersion();
  const before = { version, marks: marks.current(names.marks(ask.tags)), token: begin(context) };
  // Without a store nobody else refreshes it; with one that is down nobody knows whether it was dropped: the origin comes first.
  if (stale && !link) {
    refresh(context, ask, before);
    return servedStale(context, stale);
  }
  try {
    failIfFailed(context, ask.key);
    return await loadAndFill(context, undefined, ask, before);
  } catch (error) {
    if (stale) return servedStale(context, stale);
    throw error;
  }
};

const servedStale = ({ figures }: Context, kept: Kept) => {
  figures.staleServed++;
  return fromMemory(kept, false);
};

/** The error of a load that failed lately, again. */
const failIfFailed = ({ failures }: Context, key: string) => {
  const failure = failures.get(key);
  if (failure && now() < failure.until) throw failure.error;
};

/**
 * One load, for all who found the same: a strong reader joins a load that began after what it saw, since both saw the same
 * version and marks.
 */
const loadOnce = async (context: Context, link: Link, ask: Ask, seen: Seen): Promise<Outcome> => {
  failIfFailed(context, ask.key);
  if (!ask.protect) return loadAndFill(context, link, ask, seen);
  const { loads, figures } = context;
  const under = loads.get(ask.key);
  if (under && under.version === seen.version && isSame(under.marks, seen.marks)) {
    const outcome = await under.promise;
    figures.waited++;
    if (outcome) return { ...outcome, loaded: false };
  }
  // What is not kept is nothing to wait for.
  const work = ask.ttl > 0 ? loadLeased(context, link, ask, seen) : loadAndFill(context, link, ask, seen);
  const promise = work.catch((error: unknown) => {
    storeFailed(context, error);
    return loadAndFill(context, undefined, ask, seen);
  });
  const mine = { token: seen.token, version: seen.version, marks: seen.marks, promise };
  loads.set(ask.key, mine);
  try {
    return await promise;
  } finally {
    if (loads.get(ask.key) === mine) loads.delete(ask.key);
  }
};

const isSame = (one: Marks, other: Marks) => {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
};

/** Loads anew in the background, where nobody does: in this process, or, by the lease, in another. */
const refresh = (context: Context, ask: Ask, found: Partial<Before> & { readonly version: number }): void => {
  const { refreshing, failures, link } = context;
  const failure = failures.get(ask.key);
  if (refreshing.has(ask.key) || (failure && now() < failure.until)) return;
  refreshing.add(ask.key);
  inBackground(context, async () => {
    try {
      if (link) await refreshLeased(context, link, ask, found.version);
      else await loadAndFill(context, undefined, ask, beforeAlone(context, ask));
    } finally {
      refreshing.delete(ask.key);
    }
  });
};

const beforeAlone = (context: Context, { tags }: Ask): Before => ({
  version: context.nextVersion(),
  marks: context.marks.current(context.names.marks(tags)),
  token: begin(context),
});

const refreshLeased = async (context: Context, link: Link, ask: Ask, version: number) => {
  const { marks, names } = context;
  const token = begin(context);
  const wanted = names.marks(ask.tags);
  const unsure = marks.unsure(wanted);
  if (unsure.length > 0) marks.learn(await link.store.marks(unsure), token);
  const before = { version, marks: marks.current(wanted), token };
  const { taken, entry } = await takeLease(context, link, ask, version);
  if (taken) await loadAndFill(context, link, ask, before);
  // Somebody was quicker.
  else toOutcome(context, ask.key, await judge(context, link, entry, { ...ask, token }));
};
