import { now } from "#core/kit/clock.ts";
import { PoisonedEntry } from "./codec.ts";
import { type Context, type Outcome, remember } from "./context.ts";
import type { Token } from "./l1.ts";
import type { Link } from "./link.ts";
import type { Marks } from "./marks.ts";
import type { Stored } from "./store.ts";
import { type Held, holdBody } from "./value.ts";

/** What the store said of a key. */
export interface Seen {
  /** Stale: past its time and within its grace. Missing: gone, dropped by a mark, or no bytes of ours. */
  readonly state: "fresh" | "stale" | "missing";
  /** Undefined where it is missing. */
  readonly held: Held | undefined;
  readonly entry: Stored | undefined;
  /** What a fill must find: 0, where nothing is. */
  readonly version: number;
  /** Marks asked for, as they are now: what is loaded from here on is valid as long as they stand. */
  readonly marks: Marks;
  readonly token: Token;
}

/** How the store is asked. */
export interface How {
  readonly tags: readonly string[];
  readonly strong: boolean;
  readonly token: Token;
}

/** One call: the entry and those marks that are not known well enough. One more for tags that nobody told of. */
export const readLower = async (context: Context, link: Link, key: string, how: How): Promise<Seen> => {
  const { names, marks, l1, figures } = context;
  const wanted = names.marks(how.tags);
  const asked = how.strong ? wanted : marks.unsure(wanted);
  const started = performance.now();
  const read = async (strong: boolean) => {
    const found = await link.store.get(names.key(key), { marks: asked, strong });
    marks.learn(found.marks, how.token);
    return found.entry;
  };
  let floor = l1.floor(key);
  let entry = await read(how.strong);
  // This process knows of a newer version: a replica lags, and the primary copy has it.
  if (!how.strong && isBelow(entry, l1.floor(key))) {
    floor = l1.floor(key);
    entry = await read(true);
    if (!isBelow(entry, floor)) context.lagMs = now() - how.token.at;
  }
  // Known before the primary copy was asked, which has less: it forgot the key, and counts its versions anew.
  if (isBelow(entry, floor) && l1.floor(key) === floor) l1.restart(key);
  const seen = await judge(context, link, entry, how);
  figures.l2.readMs += performance.now() - started;
  if (seen.state === "missing") figures.l2.misses++;
  else figures.l2.hits++;
  return seen;
};

const isBelow = (entry: Stored | undefined, floor: number) => (entry?.version ?? 0) < floor;

/** Whether an entry may be served. */
export const judge = async (
  context: Context,
  link: Link,
  entry: Stored | undefined,
  how: How,
): Promise<Seen> => {
  const { names, marks } = context;
  const wanted = names.marks(how.tags);
  const borne = Object.keys(entry?.marks ?? {}).filter((name) => !wanted.includes(name));
  await ask(context, link, how.strong ? borne : marks.unsure(borne), how);
  return seenAs(context, entry, how);
};

const ask = async ({ marks }: Context, link: Link, names: readonly string[], how: How) => {
  if (names.length > 0) marks.learn(await link.store.marks(names, how.strong), how.token);
};

/** As `judge`, where all marks are known. */
export const seenAs = (context: Context, entry: Stored | undefined, { tags, token }: How): Seen => {
  const { marks, names } = context;
  const state = stateOf(context, entry);
  const held = state === "missing" ? undefined : heldOf(context, entry);
  return {
    state: held ? state : "missing",
    held,
    entry,
    version: entry?.version ?? 0,
    marks: marks.current(names.marks(tags)),
    token,
  };
};

const stateOf = ({ marks, names }: Context, entry: Stored | undefined): Seen["state"] => {
  if (!entry || entry.body === null) return "missing";
  if (entry.dirty) return "fresh";
  if (!marks.holds(entry.marks, names.mark(""))) return "missing";
  const at = now();
  if (at < entry.freshUntil) return "fresh";
  return at < entry.keptUntil ? "stale" : "missing";
};

const heldOf = ({ figures }: Context, entry: Stored | undefined): Held | undefined => {
  if (!entry?.body) return undefined;
  try {
    return holdBody(entry.body);
  } catch (error) {
    if (!(error instanceof PoisonedEntry)) throw error;
    figures.poisoned++;
    return undefined;
  }
};

/** What was found, kept in memory too. Undefined: it is missing. */
export const toOutcome = (context: Context, key: string, seen: Seen): Outcome | undefined => {
  const { held, entry, state, token } = seen;
  if (!held || !entry) return undefined;
  const { version, freshUntil, keptUntil, loadMs, marks } = entry;
  const outcome = {
    held,
    tier: "l2" as const,
    fresh: state === "fresh",
    loaded: false,
    dirty: entry.dirty === true,
    version,
    freshUntil,
    keptUntil,
    loadMs,
    marks,
  };
  remember(context, key, token, outcome);
  return outcome;
};
