import type { User } from "#core/identity/user.schema.ts";
import { Problem } from "#core/kit/problem.ts";
import { limitsApi } from "./api.schema.ts";
import { freshBookOf } from "./book.ts";
import { levelsOf } from "./guards.ts";
import type { Who } from "./judgement.ts";
import type { Listed } from "./listed.schema.ts";
import { type Entry, holds, type ListName, spelled, verdictOn } from "./listed.ts";
import { ownerFor } from "./ownership.ts";
import { APP, MAX_LISTED } from "./policies.schema.ts";
import { addEntry, changeEntry, nameFor, removeEntry } from "./rule.model.ts";

type Whose = "you" | "app";

const entryName = (list: ListName, { kind, value }: Pick<Listed, "kind" | "value">) =>
  nameFor(`${list} ${kind} ${value}`);

const toListed = ({ kind, value, until }: Listed): Listed => ({ kind, value, ...(until && { until }) });

/** Who is on a list now, by kind and value. */
export const listed = async (user: User, whose: Whose, list: ListName): Promise<Listed[]> => {
  const { entries } = await freshBookOf(ownerFor(user, whose));
  return entries
    .filter((entry) => entry.list === list && holds(entry))
    .map(toListed)
    .sort((a, b) => (`${a.kind} ${a.value}` < `${b.kind} ${b.value}` ? -1 : 1));
};

/** Puts somebody on a list, or changes until when. It holds in this process at once, everywhere within `RULES_TTL_MS`. */
export const enlist = async (
  user: User,
  whose: Whose,
  list: ListName,
  input: Listed,
  caller: Who = {},
): Promise<{ readonly listed: Listed; readonly created: boolean }> => {
  const owner = ownerFor(user, whose);
  const entry = spelled(input);
  const name = entryName(list, entry);
  const stored = { ...toListed(entry), list };
  if (owner === APP && list === "deny")
    refuseSelf({ ...stored, name, revision: 0 }, { ...caller, user: user.id });
  // Each list is bounded for itself, and they share an item: the bound of both is what its writes count.
  const created = (await changeEntry(owner, "LISTS", name, stored)) === undefined;
  if (created) await add(owner, list, name, stored);
  await freshBookOf(owner);
  return { listed: toListed(entry), created };
};

const add = async (owner: string, list: ListName, name: string, stored: Listed & { list: ListName }) => {
  if ((await addEntry(owner, "LISTS", name, stored, 2 * MAX_LISTED)) !== undefined) return;
  // Full: those whose time is over make room, each only as it was read.
  const { entries } = await freshBookOf(owner);
  if (entries.some((entry) => entry.name === name)) return; // another request was first, with the same
  const over = entries.filter((entry) => !holds(entry));
  for (const entry of over) await removeEntry(owner, "LISTS", entry.name, entry.revision);
  if ((await addEntry(owner, "LISTS", name, stored, 2 * MAX_LISTED)) !== undefined) return;
  throw new Problem(
    "too-many-rules",
    `The lists hold ${2 * MAX_LISTED} entries: take some off ${list}, or name a range`,
  );
};

/** Takes somebody off a list. */
export const delist = async (
  user: User,
  whose: Whose,
  list: ListName,
  input: Pick<Listed, "kind" | "value">,
): Promise<void> => {
  const owner = ownerFor(user, whose);
  const removed = await removeEntry(owner, "LISTS", entryName(list, spelled(input)));
  await freshBookOf(owner);
  if (!removed) throw new Problem("not-found", `That is not on the list “${list}”`);
};

/** An admin who denies themselves could not take it back: the API would be closed to them, and to all if everybody's key is named. */
const refuseSelf = (entry: Entry, { ip = "", user = "" }: Who) => {
  const keys = levelsOfLists(ip, user);
  if (!keys.some((key) => verdictOn([entry], { ip, user, key }))) return;
  const message = "This would shut you out yourself";
  throw new Problem("invalid-request", `/value: ${message}`, {
    issues: [{ in: "body", pointer: "/value", message }],
  });
};

const levelsOfLists = (ip: string, user: string): string[] =>
  [limitsApi.enlist, limitsApi.delist].flatMap(({ method, path, limit }) =>
    levelsOf({ limit, route: `${method} ${path}`, ip, user }).map(({ key }) => key),
  );
