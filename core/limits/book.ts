import { LRUCache } from "lru-cache";
import * as v from "valibot";
import { now } from "#core/kit/clock.ts";
import { log } from "#core/kit/log.ts";
import { Problem } from "#core/kit/problem.ts";
import { count } from "#core/kit/tally.ts";
import { type Entry, StoredListed } from "./listed.ts";
import { APP, policies, RULES_TTL_MS } from "./policies.schema.ts";
import { readParts, type StoredParts } from "./rule.model.ts";
import { Rule } from "./rule.schema.ts";

/** A rule, and how often its owner's rules had been changed when it last was. 0: as the code states it. */
export interface Standing {
  readonly rule: Rule;
  readonly revision: number;
}

/** Rules and lists of an owner, as this process knows them. */
export interface Book {
  readonly rules: ReadonlyMap<string, Standing>;
  readonly entries: readonly Entry[];
}

interface Kept {
  readonly book: Book;
  readonly readAt: number;
}

// A book is a few KB, 75 at the most: owners who ask often stay. The app's is asked for by every request and never goes.
const MAX_OWNERS = 500;
/** While there is an older book to go by, the table is not waited for longer. */
const PATIENCE_MS = 2_000;

const kept = new LRUCache<string, Kept>({ max: MAX_OWNERS });
const reading = new Map<string, Promise<Book>>();

const stated = (): Map<string, Standing> =>
  new Map([...policies].map(([name, rule]) => [name, { rule, revision: 0 }]));

const asStated = (owner: string): Book | undefined =>
  owner === APP ? { rules: stated(), entries: [] } : undefined;

/** Rules and lists of an owner, at most `RULES_TTL_MS` old: one call a process in as long, none in between. */
export const bookOf = (owner: string): Promise<Book> | Book => {
  const known = kept.get(owner);
  if (known && now() - known.readAt < RULES_TTL_MS) return known.book;
  // Of many requests that find it too old, one reads and all wait for that.
  const under = reading.get(owner);
  if (under) return under;
  const read = refresh(owner, known).finally(() => reading.delete(owner));
  reading.set(owner, read);
  return read;
};

/** As the table has it now: after a change of one's own, and before it is said that a rule does not exist. */
export const freshBookOf = (owner: string): Promise<Book> => refresh(owner, kept.get(owner), true);

/** Forgets everything: as a new process. For tests. */
export const forgetBooks = (): void => kept.clear();

const refresh = async (owner: string, known: Kept | undefined, strong = false): Promise<Book> => {
  const before = known?.book ?? asStated(owner);
  const startedAt = now();
  try {
    const signal = before && AbortSignal.timeout(PATIENCE_MS);
    const book = toBook(owner, await readParts(owner, { strong, ...(signal && { signal }) }));
    // A read that began before another one ended may be the older: a change of this process's own is never unlearnt.
    const since = kept.get(owner);
    if (!since || strong || since.readAt < startedAt) kept.set(owner, { book, readAt: startedAt });
    return book;
  } catch (error) {
    count("LimitRulesUnread");
    log.error("rules could not be read", error instanceof Error ? error : new Error(String(error)));
    if (!before) throw new Problem("unavailable", "The rules could not be read: try again", { cause: error });
    kept.set(owner, { book: before, readAt: startedAt }); // stale is better than none; asked again after as long
    return before;
  }
};

const toBook = (owner: string, { RULES, LISTS }: StoredParts): Book => {
  const rules = owner === APP ? stated() : new Map<string, Standing>();
  for (const [name, { body, revision }] of RULES) {
    const { success, output } = v.safeParse(Rule, body);
    // A rule of an older schema, or of somebody else's hand, is none: the app's then stands as the code states it.
    if (success && output.name === name) rules.set(name, { rule: output, revision });
    else log.error("a stored rule is none", { owner, name });
  }
  const entries = [...LISTS].flatMap(([name, { body, revision }]): Entry[] => {
    const { success, output } = v.safeParse(StoredListed, body);
    return success ? [{ ...output, name, revision }] : [];
  });
  return { rules, entries };
};
