import type { User } from "#core/identity/user.schema.ts";
import { Problem } from "#core/kit/problem.ts";
import type { StandingRule } from "./api.schema.ts";
import { bookOf, freshBookOf, type Standing } from "./book.ts";
import { ownerFor } from "./ownership.ts";
import { APP, MAX_RULES, policies } from "./policies.schema.ts";
import { addEntry, changeEntry, removeEntry } from "./rule.model.ts";
import type { Rule } from "./rule.schema.ts";
import { refuseUnfit } from "./way-back.ts";

type Whose = "you" | "app";

const toStanding = ({ rule, revision }: Standing, owner: Whose): StandingRule => ({
  ...rule,
  owner,
  revision,
});

/** The app's rules and those of the user, by name. */
export const standingRules = async (user: User | undefined): Promise<StandingRule[]> => {
  const [app, own] = await Promise.all([bookOf(APP), user && freshBookOf(user.id)]);
  const sorted = (book: typeof app, owner: Whose) =>
    [...book.rules.values()]
      .map((standing) => toStanding(standing, owner))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...sorted(app, "app"), ...(own ? sorted(own, "you") : [])];
};

/**
 * Makes a rule or changes it: in this process it holds at once, everywhere within `RULES_TTL_MS`. What was counted by it goes on
 * to count, under the new limit, unless its algorithm changed.
 */
export const define = async (
  user: User,
  whose: Whose,
  rule: Rule,
): Promise<{ readonly standing: StandingRule; readonly created: boolean }> => {
  const owner = ownerFor(user, whose);
  if (owner === APP) refuseUnfit(rule);
  const { revision, created } = await write(owner, rule);
  await freshBookOf(owner);
  return { standing: toStanding({ rule, revision }, whose), created: created && owner !== APP };
};

// Two calls where a rule is new. Of two that make the same one at once, the later changes it.
const write = async (
  owner: string,
  rule: Rule,
  again = 2,
): Promise<{ revision: number; created: boolean }> => {
  const changed = await changeEntry(owner, "RULES", rule.name, rule);
  if (changed !== undefined) return { revision: changed, created: false };
  const added = await addEntry(owner, "RULES", rule.name, rule, MAX_RULES);
  if (added !== undefined) return { revision: added, created: true };
  if (again > 0 && (await freshBookOf(owner)).rules.has(rule.name)) return write(owner, rule, again - 1);
  throw new Problem("too-many-rules", `There are ${MAX_RULES} rules already: delete one first`);
};

/** Deletes a rule; one of the app's is again what the code states. */
export const drop = async (user: User, whose: Whose, name: string): Promise<void> => {
  const owner = ownerFor(user, whose);
  const removed = await removeEntry(owner, "RULES", name);
  await freshBookOf(owner);
  if (!removed) {
    const detail = policies.has(name) && owner === APP ? "stands as the code states it" : "is not there";
    throw new Problem("not-found", `The rule “${name}” ${detail}`);
  }
};
