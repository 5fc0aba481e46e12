import { now } from "#core/kit/clock.ts";
import { newId } from "#core/kit/id.ts";
import { within } from "./breaker.ts";
import { encode } from "./codec.ts";
import { begin, type Context, inBackground, type Outcome, remember, storeFailed } from "./context.ts";
import { lifeOf } from "./life.ts";
import type { Link } from "./link.ts";
import { judge, readLower, type Seen, toOutcome } from "./lower.ts";
import type { Marks } from "./marks.ts";
import type { Loader } from "./options.ts";
import type { Stored } from "./store.ts";
import { hold } from "./value.ts";

/** A value asked for, with all that was left to defaults. Milliseconds. */
export interface Ask {
  readonly key: string;
  readonly loader: Loader<unknown>;
  readonly ttl: number;
  readonly grace: number;
  readonly negativeTtl: number;
  readonly lifetime: ((value: unknown) => number) | undefined;
  readonly tags: readonly string[];
  /** Of XFetch; 0: no early refresh. */
  readonly beta: number;
  readonly timeout: number;
  readonly protect: boolean;
  readonly strong: boolean;
}

/** What a load goes by: read before it began. */
export type Before = Pick<Seen, "version" | "marks" | "token">;

const FILL_MS = 1_000; // a lease lasts as long as the load may, and this much for writing what came of it
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;

/**
 * Loads where nobody else does: of all processes one takes the lease, the others wait for what it brings, or for the lease to
 * end (its holder died), and try again. Nobody waits longer than two leases: then they load without.
 */
export const loadLeased = async (context: Context, link: Link, ask: Ask, found: Seen): Promise<Outcome> => {
  const { key, timeout, tags, strong } = ask;
  const deadline = now() + 2 * (timeout + FILL_MS);
  let seen = found;
  let waits = 0;
  while (now() < deadline) {
    if (!isLeased(context, key, seen.entry)) {
      const { taken, entry } = await takeLease(context, link, ask, seen.version);
      if (taken) return loadAndFill(context, link, ask, seen);
      const how = { tags, strong, token: seen.token };
      seen = await judge(context, link, entry, how);
    } else {
      if (waits === 0) context.figures.waited++;
      await context.sleep(waitMs(waits++, context.random()));
      seen = await readLower(context, link, key, { tags, strong, token: begin(context) });
    }
    // Stale will do as well: whoever has the lease sees to it.
    const outcome = toOutcome(context, key, seen);
    if (outcome) return outcome;
  }
  return loadAndFill(context, link, ask, seen);
};

// Growing, so that a slow load is not asked after too often; jittered, so that those who wait do not come at once.
const waitMs = (waits: number, random: number) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 1.5 ** waits) * (0.5 + random);

/**
 * Asks for the right to load. Where this process has it, for a load that a tag has voided since, it goes on to the next: as the
 * same holder.
 */
export const takeLease = async (context: Context, { store }: Link, ask: Ask, version: number) => {
  const { holders, names } = context;
  const holder = holders.get(ask.key) ?? newId("hld");
  const lease = { holder, until: now() + ask.timeout + FILL_MS };
  const answer = await store.lease(names.key(ask.key), lease, version, now());
  if (answer.taken) holders.set(ask.key, holder);
  return answer;
};

/** Whether another process loads it. */
export const isLeased = ({ holders }: Context, key: string, entry: Stored | undefined): boolean =>
  entry?.lease !== undefined && entry.lease.holder !== holders.get(key);

/** Loads, and keeps what came of it, unless something newer was written since `before`. Ends the lease, if there is one. */
export const loadAndFill = async (
  context: Context,
  link: Link | undefined,
  ask: Ask,
  before: Before,
): Promise<Outcome> => {
  const { holders, names } = context;
  const holder = ask.protect && ask.ttl > 0 ? holders.get(ask.key) : undefined;
  let kept = false;
  try {
    const { value, loadMs } = await load(context, ask);
    const outcome = await keep(context, link, ask, { ...before, holder }, value, loadMs);
    kept = outcome.version > 0;
    return outcome;
  } finally {
    if (holder !== undefined && holders.get(ask.key) === holder) {
      holders.delete(ask.key);
      // Others need not wait until it ends by itself.
      if (!kept && link) inBackground(context, () => link.store.release(names.key(ask.key), holder));
    }
  }
};

const load = async ({ figures, failures, options }: Context, { key, loader, timeout }: Ask) => {
  const started = now();
  figures.origin.loads++;
  try {
    const value = await within(timeout, loader);
    const loadMs = Math.max(0, now() - started);
    figures.origin.loadMs += loadMs;
    failures.delete(key);
    return { value, loadMs };
  } catch (error) {
    figures.origin.failures++;
    const pause = options.failureMs ?? FAILURE_MS;
    if (pause > 0) failures.set(key, { until: now() + pause, error });
    throw error;
  }
};

const FAILURE_MS = 1_000;

const keep = async (
  context: Context,
  link: Link | undefined,
  ask: Ask,
  before: Before & { readonly holder: string | undefined },
  value: unknown,
  loadMs: number,
): Promise<Outcome> => {
  const negative = value === undefined || value === null;
  const ttl = negative
    ? ask.negativeTtl
    : Math.min(ask.ttl, ask.lifetime?.(value) ?? Number.POSITIVE_INFINITY);
  const times = lifeOf(ttl, negative ? 0 : ask.grace);
  const body = link && ttl > 0 ? encode(value, context.encoding) : undefined;
  const held = hold(value, body, context.encoding);
  const { marks, token } = before;
  const outcome = {
    held,
    tier: "origin" as const,
    fresh: true,
    loaded: true,
    dirty: false,
    marks,
    loadMs,
    ...times,
  };
  if (ttl <= 0) return { ...outcome, version: 0 };
  const draft = { body: body ?? null, marks, loadMs, ...times };
  const version = link ? await fill(context, link, ask.key, draft, before) : before.version;
  if (version === LATE) {
    context.figures.lateFills++;
    return { ...outcome, version: 0 };
  }
  // Where the store is down, memory keeps it for no longer than it would without hearing of others.
  const offline = context.link !== undefined && (link === undefined || version === DOWN);
  const since = offline ? { ...token, generation: 0 } : token;
  remember(context, ask.key, since, { ...outcome, version: version === DOWN ? before.version : version });
  return { ...outcome, version: offline ? 0 : version };
};

const LATE = -1;
const DOWN = -2;

const fill = async (
  context: Context,
  { store }: Link,
  key: string,
  draft: { body: Uint8Array | null; marks: Marks; loadMs: number; freshUntil: number; keptUntil: number },
  { version, holder }: { readonly version: number; readonly holder: string | undefined },
): Promise<number> => {
  try {
    return (await store.fill(context.names.key(key), draft, version, holder)) ?? LATE;
  } catch (error) {
    storeFailed(context, error);
    return DOWN;
  }
};
