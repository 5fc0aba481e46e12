import type { User } from "#core/identity/user.schema.ts";
import { now } from "#core/kit/clock.ts";
import { Problem } from "#core/kit/problem.ts";
import { addressKey } from "./address.ts";
import type { Usage } from "./api.schema.ts";
import { type Asked, resolve } from "./asked.ts";
import { bannedFor } from "./bans.ts";
import { freshBookOf } from "./book.ts";
import type { Level } from "./judgement.ts";
import { APP, countedHere, policies } from "./policies.schema.ts";
import { inStore } from "./stores.ts";

/** What is asked: a key by the own rules, or without one the caller by the app's. */
export interface UsageQuery {
  readonly key?: string | undefined;
  readonly rule?: string | undefined;
}

/** What a level has left: a read, and another where its rule bans. Takes nothing. */
export const usageBy = async (asked: Asked): Promise<Usage> => {
  const { rule, key, take } = asked;
  const [{ remaining, resetMs }, banned] = await inStore((store) =>
    Promise.all([store.peek({ ...take, cost: 0 }, now()), bannedFor(async () => store, asked)]),
  );
  return {
    rule: rule.name,
    key,
    limit: rule.limit,
    // Units leased to this process and a bucket that has filled meanwhile are more than may be taken at once.
    remaining: banned > 0 ? 0 : Math.min(remaining, take.params.burst),
    reset_ms: Math.ceil(resetMs),
    banned_ms: Math.ceil(banned),
  };
};

/** What a key has left by each of the user's rules, or what the app's rules leave to the caller. */
export const usageOf = async (
  user: User | undefined,
  ip: string,
  { key, rule }: UsageQuery,
): Promise<Usage[]> => {
  const levels = key === undefined ? ofCaller(user, ip) : await ofKey(user, key);
  const asked = rule === undefined ? levels : levels.filter((level) => level.rule === rule);
  if (rule !== undefined && asked.length === 0)
    throw new Problem("not-found", `There is no rule “${rule}” to ask: GET /api/v1/limits/rules names them`);
  return Promise.all((await resolve(asked, 0)).map(usageBy));
};

const ofKey = async (user: User | undefined, key: string): Promise<Level[]> => {
  if (!user) throw new Problem("unauthenticated", "Sign in to ask about a key of your own");
  const { rules } = await freshBookOf(user.id);
  return [...rules.keys()].sort().map((rule) => ({ owner: user.id, rule, key }));
};

// Of the app's rules those that count the caller alone: by user or address, and by nothing else. What is left of the whole
// service is nobody's business, and what a process counts by itself the others cannot tell.
const notByCallerAlone = new Set(["password-tries", "sign-in-tries-account"]);

const ofCaller = (user: User | undefined, ip: string): Level[] =>
  [...policies.values()].flatMap(({ name, scope }): Level[] => {
    if (countedHere.has(name) || notByCallerAlone.has(name)) return [];
    if (scope === "user") return user ? [{ owner: APP, rule: name, key: user.id }] : [];
    return scope === "ip" ? [{ owner: APP, rule: name, key: addressKey(ip) }] : [];
  });
