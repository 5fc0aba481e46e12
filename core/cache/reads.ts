import { now } from "#core/kit/clock.ts";
import { Problem } from "#core/kit/problem.ts";
import { begin, type Context, fromMemory, isServable, type Outcome, storeFailed } from "./context.ts";
import { join } from "./flight.ts";
import { heed } from "./heed.ts";
import type { Link } from "./link.ts";
import { readLower, seenAs, toOutcome } from "./lower.ts";
import type { ReadOptions } from "./options.ts";

/** Memory, then the store. Undefined: nothing fresh is there. */
export const read = async (
  context: Context,
  key: string,
  options: ReadOptions,
): Promise<Outcome | undefined> => {
  context.tell();
  const strong = options.consistency === "strong";
  const tags = options.tags ?? [];
  if (strong) return readStore(context, key, tags, true);
  if (context.link?.feed.isDue(now())) await heed(context, key);
  const outcome = fromL1(context, key);
  return outcome ?? join(context, context.reads, key, () => readStore(context, key, tags, false));
};

const fromL1 = (context: Context, key: string): Outcome | undefined => {
  const { l1, figures } = context;
  const kept = l1.get(key);
  if (kept && isServable(context, kept, now())) {
    figures.l1.hits++;
    return fromMemory(kept, true);
  }
  figures.l1.misses++;
  return undefined;
};

const readStore = async (
  context: Context,
  key: string,
  tags: readonly string[],
  strong: boolean,
): Promise<Outcome | undefined> => {
  const { link } = context;
  // Without a store memory is the primary copy.
  if (!link) return strong ? fromL1(context, key) : undefined;
  try {
    const seen = await readLower(context, link, key, { tags, strong, token: begin(context) });
    const outcome = toOutcome(context, key, seen);
    return outcome?.fresh ? outcome : undefined;
  } catch (error) {
    return missedFor(context, error, strong);
  }
};

/** A store that is down is a miss, save for who must know. */
const missedFor = (context: Context, error: unknown, strong: boolean): undefined => {
  storeFailed(context, error);
  if (strong) throw unavailable(error);
};

/** What cannot be told, or may not have been done, while the store is down. */
export const unavailable = (cause: unknown): Problem =>
  new Problem("unavailable", "The store of the cache does not answer", { cause });

/** Memory, then all others in as few calls as the store allows; one more for tags that nobody told of. */
export const readMany = async (
  context: Context,
  keys: readonly string[],
  options: ReadOptions,
): Promise<ReadonlyMap<string, Outcome>> => {
  context.tell();
  const strong = options.consistency === "strong";
  const found = new Map<string, Outcome>();
  const { link } = context;
  const wanted = [...new Set(keys)];
  if (!strong || !link) {
    const [held] = wanted.filter((key) => context.l1.get(key));
    if (held !== undefined) await heed(context, held);
    for (const key of wanted) {
      const outcome = fromL1(context, key);
      if (outcome) found.set(key, outcome);
    }
  }
  const missing = wanted.filter((key) => !found.has(key));
  if (!link || missing.length === 0) return found;
  try {
    const lower = await readManyLower(context, link, missing, options.tags ?? [], strong);
    for (const [key, outcome] of lower) found.set(key, outcome);
  } catch (error) {
    missedFor(context, error, strong);
  }
  return found;
};

const readManyLower = async (
  context: Context,
  link: Link,
  keys: readonly string[],
  tags: readonly string[],
  strong: boolean,
): Promise<ReadonlyMap<string, Outcome>> => {
  const { names, marks, l1, figures } = context;
  const started = performance.now();
  const token = begin(context);
  const wanted = names.marks(tags);
  const asked = strong ? wanted : marks.unsure(wanted);
  const found = await link.store.getMany(keys.map(names.key), { marks: asked, strong });
  marks.learn(found.marks, token);
  const borne = new Set(found.entries.flatMap((entry) => Object.keys(entry?.marks ?? {})));
  const others = [...borne].filter((name) => !wanted.includes(name));
  const unsure = strong ? others : marks.unsure(others);
  if (unsure.length > 0) marks.learn(await link.store.marks(unsure, strong), token);
  const outcomes = new Map<string, Outcome>();
  const behind: string[] = [];
  for (const [index, key] of keys.entries()) {
    const entry = found.entries[index];
    if ((entry?.version ?? 0) < l1.floor(key)) {
      behind.push(key);
      continue;
    }
    const outcome = toOutcome(context, key, seenAs(context, entry, { tags, strong, token }));
    if (outcome?.fresh) outcomes.set(key, outcome);
  }
  figures.l2.readMs += performance.now() - started;
  figures.l2.hits += outcomes.size;
  figures.l2.misses += keys.length - behind.length - outcomes.size;
  // This process knows of newer versions: a replica lags, or the store forgot the key. The primary copy knows.
  for (const key of behind) {
    const seen = await readLower(context, link, key, { tags, strong: true, token: begin(context) });
    const outcome = toOutcome(context, key, seen);
    if (outcome?.fresh) outcomes.set(key, outcome);
  }
  return outcomes;
};
