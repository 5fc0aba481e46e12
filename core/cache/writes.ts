import { now } from "#core/kit/clock.ts";
import { StoreDown } from "./breaker.ts";
import { encode } from "./codec.ts";
import { begin, type Context, remember, supersede } from "./context.ts";
import type { Token } from "./l1.ts";
import { lifeOf } from "./life.ts";
import type { Marks } from "./marks.ts";
import { unavailable } from "./reads.ts";
import { type Draft, FENCE_MS } from "./store.ts";
import { type Held, hold } from "./value.ts";

/** How an entry is written, with all that was left to defaults. Milliseconds. */
export interface Keep {
  readonly ttl: number;
  readonly grace: number;
  readonly tags: readonly string[];
  readonly dirty: boolean;
  /** Asks for the marks, however lately they were asked for. */
  readonly strong: boolean;
}

interface Prepared {
  readonly held: Held;
  readonly draft: Draft;
}

/** Writes entries, or, with no time to live, drops them. Answers their versions. All are refused, or none. */
export const write = async (
  context: Context,
  values: ReadonlyMap<string, unknown>,
  keep: Keep,
): Promise<ReadonlyMap<string, number>> => {
  context.tell();
  const keys = [...values.keys()];
  const token = begin(context);
  if (keep.ttl <= 0) return dropAll(context, values);
  // All are encoded before any is written: one that is too large changes nothing.
  const bodies = new Map([...values].map(([key, value]) => [key, encodeFor(context, value)]));
  return attempt(context, keys, async () => {
    const marks = await currentMarks(context, keep, token);
    const drafts = new Map(
      [...bodies].map(([key, one]) => [key, { ...one, draft: draftOf(one.body, keep, marks) }]),
    );
    const versions = await put(context, drafts);
    for (const [key, version] of versions) keepWritten(context, key, version, drafts.get(key), token);
    return versions;
  });
};

/** Writes one entry: as `write`, without the books of many. */
export const writeOne = async (
  context: Context,
  key: string,
  value: unknown,
  keep: Keep,
): Promise<number> => {
  if (keep.ttl <= 0) return drop(context, key);
  context.tell();
  const token = begin(context);
  const { body, held } = encodeFor(context, value);
  const { link, names, nextVersion } = context;
  try {
    const marks = marksNow(context, keep) ?? (await currentMarks(context, keep, token));
    const draft = draftOf(body, keep, marks);
    const version = link ? await link.store.set(names.key(key), draft) : nextVersion();
    keepWritten(context, key, version, { held, draft }, token);
    return version;
  } catch (error) {
    throw lost(context, [key], error);
  }
};

/** As far as they are known; undefined: they must be asked for. */
const marksNow = ({ marks, names, link }: Context, { tags, strong }: Keep): Marks | undefined => {
  const wanted = names.marks(tags);
  if (link && (strong || marks.unsure(wanted).length > 0)) return undefined;
  return marks.current(wanted);
};

const encodeFor = ({ link, encoding, options }: Context, value: unknown) => {
  const body = link && encode(value, encoding);
  const unkept = link !== undefined && options.l1 === false;
  return { body: body ?? null, held: unkept ? NOTHING : hold(value, body, encoding) };
};

const NOTHING: Held = { shared: undefined, body: undefined, size: 0 };

const draftOf = (body: Uint8Array | null, { ttl, grace, dirty }: Keep, marks: Marks): Draft => {
  const draft = { body, ...lifeOf(ttl, grace), marks, loadMs: 0 };
  return dirty ? { ...draft, dirty: true as const } : draft;
};

/** As they are before the write: one that was bumped since, and not heard of, voids it. */
const currentMarks = async ({ marks, names, link }: Context, keep: Keep, token: Token): Promise<Marks> => {
  const wanted = names.marks(keep.tags);
  const unsure = keep.strong ? wanted : marks.unsure(wanted);
  if (link && unsure.length > 0) marks.learn(await link.store.marks(unsure, true), token);
  return marks.current(wanted);
};

const put = async (
  { link, names, nextVersion }: Context,
  drafts: ReadonlyMap<string, Prepared>,
): Promise<ReadonlyMap<string, number>> => {
  if (!link) return new Map([...drafts.keys()].map((key) => [key, nextVersion()]));
  const [one] = drafts;
  if (one && drafts.size === 1) {
    const [key, { draft }] = one;
    return new Map([[key, await link.store.set(names.key(key), draft)]]);
  }
  const named = new Map([...drafts].map(([key, { draft }]) => [names.key(key), draft]));
  const versions = await link.store.setMany(named);
  return new Map([...drafts.keys()].map((key) => [key, versions.get(names.key(key)) ?? 0]));
};

const keepWritten = (
  context: Context,
  key: string,
  version: number,
  prepared: Prepared | undefined,
  token: Token,
) => {
  // Replaced in place: lru-cache is slow to delete its only entry.
  context.l1.fence(key, version, true);
  supersede(context, key);
  if (!prepared || !remember(context, key, token, writtenOf(prepared, version)))
    context.l1.fence(key, version);
};

const writtenOf = ({ held, draft }: Prepared, version: number) => ({
  held,
  tier: "l1" as const,
  fresh: true,
  loaded: false,
  version,
  freshUntil: draft.freshUntil,
  keptUntil: draft.keptUntil,
  loadMs: draft.loadMs,
  marks: draft.marks,
  dirty: draft.dirty === true,
});

const dropAll = async (context: Context, values: ReadonlyMap<string, unknown>) => {
  const versions = new Map<string, number>();
  for (const key of values.keys()) versions.set(key, await drop(context, key));
  return versions;
};

/** Drops an entry. The deletion has a version, which a late fill does not have. */
export const drop = (context: Context, key: string): Promise<number> =>
  attempt(context, [key], async () => {
    const { link, names, l1, nextVersion } = context;
    context.tell();
    const version = link ? await link.store.delete(names.key(key), now() + FENCE_MS) : nextVersion();
    l1.fence(key, version);
    supersede(context, key);
    return version;
  });

/**
 * A write that failed may have happened or not: memory keeps nothing of its keys, and the caller is told. What others keep is
 * then old for as long as their memory believes it, or until it is done again.
 */
export const attempt = async <T>(
  context: Context,
  keys: readonly string[],
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw lost(context, keys, error);
  }
};

const lost = (context: Context, keys: readonly string[], error: unknown) => {
  for (const key of keys) {
    context.l1.drop(key);
    supersede(context, key);
  }
  return failed(context, error);
};

/** What the caller is told. */
export const failed = ({ figures }: Context, error: unknown) => {
  if (!(error instanceof StoreDown)) return error;
  figures.storeErrors++;
  return unavailable(error);
};
