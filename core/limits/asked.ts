import { Problem } from "#core/kit/problem.ts";
import { addressKey, toAddress } from "./address.ts";
import { type Book, bookOf, freshBookOf, type Standing } from "./book.ts";
import { paramsOf, type Take } from "./decision.schema.ts";
import type { Level } from "./judgement.ts";
import type { Entry } from "./listed.ts";
import { APP, asStated, countedHere, policies } from "./policies.schema.ts";
import type { Rule } from "./rule.schema.ts";

/** A level with its rule, and what its store is asked. */
export interface Asked {
  readonly rule: Rule;
  /** As it was named: what lists go by. */
  readonly key: string;
  readonly take: Take;
  /** Counted in this process alone. */
  readonly here: boolean;
  /** Lists of the rule's owner. */
  readonly entries: readonly Entry[];
}

/** Whom a rule counts: by address, all spellings of one and all addresses of an IPv6 site are one. */
const countedAs = ({ scope }: Rule, key: string) =>
  scope === "ip" && toAddress(key) !== undefined ? addressKey(key) : key;

// A rule's name holds no `/` and an owner's id neither: no two owners, rules or keys meet.
const storeKey = (owner: string, rule: Rule, key: string) => `${owner}/${rule.name}/${countedAs(rule, key)}`;

/** The rule of a level that nobody can change: nothing is looked up for it. */
const stands = ({ rule, owner = APP }: Level): Rule | undefined =>
  owner === APP && asStated.has(rule) ? policies.get(rule) : undefined;

/** The rules of levels, in order. Throws not-found for one that does not exist: that it does not, the table has just said. */
export const resolve = async (levels: readonly Level[], cost: number): Promise<readonly Asked[]> => {
  const owners = [...new Set(levels.filter((level) => !stands(level)).map(({ owner = APP }) => owner))];
  const books = new Map<string, Book>();
  for (const owner of owners) {
    const book = bookOf(owner);
    books.set(owner, book instanceof Promise ? await book : book);
  }
  const asked: Asked[] = [];
  for (const level of levels) {
    const { rule: name, key, owner = APP } = level;
    const stated = stands(level);
    const book = stated ? undefined : books.get(owner);
    const rule = stated ?? (book?.rules.get(name) ?? (await madeSince(owner, name))).rule;
    asked.push({
      rule,
      key,
      entries: book?.entries ?? [],
      here: owner === APP && countedHere.has(name),
      take: { key: storeKey(owner, rule, key), params: paramsOf(rule), cost, lease: rule.lease },
    });
  }
  return asked;
};

// A rule that was made a moment ago, in another process, is not known here yet: nobody is told that it is not there.
const madeSince = async (owner: string, name: string): Promise<Standing> => {
  const standing = (await freshBookOf(owner)).rules.get(name);
  if (standing) return standing;
  throw new Problem("not-found", `There is no rule “${name}”: make it by PUT /api/v1/limits/rules`);
};
