import { now } from "#core/kit/clock.ts";
import { count } from "#core/kit/tally.ts";
import { type Asked, resolve } from "./asked.ts";
import { bannedFor, strike } from "./bans.ts";
import { type Decided, decideAll } from "./decide.ts";
import type { DecidedBy, Judge, JudgedLevel, Judgement, Refund, Who } from "./judgement.ts";
import { verdictOn } from "./listed.ts";
import { scopes } from "./rule.schema.ts";
import { hereStore, isResting, noteFailure, sharedStore } from "./stores.ts";
import { assertTakes } from "./takes.ts";

const isShadow = ({ rule }: Asked) => rule.mode === "shadow";

/**
 * Judges a request by all levels or none: lists first, then bans, then counts, from wide to narrow. Rules in shadow mode are
 * asked one by one, after the others have let the request through, and deny nothing.
 */
export const judge: Judge = async (levels, who, cost = 1) => {
  const at = now();
  const asked = [...(await resolve(levels, cost))].sort(
    (a, b) => scopes.indexOf(a.rule.scope) - scopes.indexOf(b.rule.scope),
  );
  assertTakes(asked.map(({ take }) => take));
  const { denied, allowed, rest } = byLists(asked, who, at);
  if (denied.length > 0) return tell(denied);
  const banned = await byBans(rest.filter((one) => !isShadow(one)));
  if (banned.length > 0) return tell(banned);
  const decided = await decideAll(
    rest.filter((one) => !isShadow(one)),
    at,
  );
  const refused = decided.filter(({ decision }) => !decision.allowed);
  if (refused.length > 0) {
    const struck = await Promise.all(refused.map(punish));
    return tell(decided.map((one) => struck.find(({ asked: other }) => other === one.asked) ?? one));
  }
  const shadows = await Promise.all(rest.filter(isShadow).map((one) => decideAll([one], at)));
  return tell([...allowed, ...decided, ...shadows.flat()]);
};

const listed = (asked: Asked, allows: boolean, ms: number): Decided => ({
  asked,
  decidedBy: allows ? "allow-list" : "deny-list",
  decision: {
    allowed: allows,
    resetMs: 0,
    waitMs: 0,
    retryAfterMs: ms,
    remaining: allows ? asked.take.params.burst : 0,
  },
});

/** Who is on a list of the rule's owner: whoever is denied by one is denied, whoever is allowed is counted by none of theirs. */
const byLists = (asked: readonly Asked[], who: Who, at: number) => {
  const denied: Decided[] = [];
  const allowed: Decided[] = [];
  const rest: Asked[] = [];
  for (const one of asked) {
    const entry = one.entries.length > 0 ? verdictOn(one.entries, { ...who, key: one.key }) : undefined;
    const ms = entry?.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(entry.until) - at;
    if (entry?.list === "deny") denied.push(listed(one, false, ms));
    else if (entry) allowed.push(listed(one, true, 0));
    else rest.push(one);
  }
  return { denied, allowed, rest };
};

const ban = (asked: Asked, ms: number): Decided => ({
  asked,
  decidedBy: "ban",
  decision: { allowed: false, remaining: 0, resetMs: ms, retryAfterMs: ms, waitMs: 0 },
});

const storeOf = ({ here }: Asked) => (here ? Promise.resolve(hereStore()) : sharedStore());

// A ban that cannot be read is none: the rule itself says what a failing store means.
const orNone = async (work: () => Promise<number>): Promise<number> => {
  if (isResting()) return 0;
  try {
    return await work();
  } catch (error) {
    noteFailure(error);
    return 0;
  }
};

const byBans = async (asked: readonly Asked[]): Promise<Decided[]> => {
  const policed = asked.filter(({ rule }) => rule.ban !== undefined);
  const lasting = await Promise.all(policed.map((one) => orNone(() => bannedFor(() => storeOf(one), one))));
  return policed.flatMap((one, index) => {
    const ms = lasting[index] ?? 0;
    return ms > 0 ? [ban(one, ms)] : [];
  });
};

/** A denial may be the one that bans. */
const punish = async (refused: Decided): Promise<Decided> => {
  const { asked, decidedBy } = refused;
  if (!asked.rule.ban || decidedBy === "closed") return refused;
  const ms = await orNone(async () => strike(await storeOf(asked), asked));
  return ms > refused.decision.retryAfterMs ? ban(asked, ms) : refused;
};

const TALLIES: Partial<Record<DecidedBy, string>> = {
  store: "LimitByStore",
  lease: "LimitByLease",
  memory: "LimitByMemory",
  local: "LimitByLocal",
};

const tell = (decided: readonly Decided[]): Judgement => {
  const levels = decided.map(
    ({ asked: { rule, key }, decision, decidedBy }): JudgedLevel => ({ rule, key, decision, decidedBy }),
  );
  const binding = levels.filter(({ rule, decidedBy }) => rule.mode !== "shadow" || decidedBy === "deny-list");
  const refusing = binding.filter(({ decision }) => !decision.allowed);
  for (const { rule, decision, decidedBy } of levels) {
    if (rule.mode === "shadow" && !decision.allowed) count("LimitShadowDenied");
    const tally = TALLIES[decidedBy];
    if (tally) count(tally);
  }
  count(refusing.length > 0 ? "LimitDenied" : "LimitAllowed");
  return {
    allowed: refusing.length === 0,
    levels,
    retryAfterMs: Math.max(0, ...refusing.map(({ decision }) => decision.retryAfterMs)),
    waitMs: Math.max(0, ...binding.map(({ decision }) => decision.waitMs)),
  };
};

/** Gives back what a judgement of these levels took: by the store, or while it failed by this process. */
export const refund: Refund = async (levels, cost = 1) => {
  const at = now();
  const asked = await resolve(levels, cost);
  await Promise.all(
    asked.map(async (one) => {
      const store = isResting() ? hereStore() : await storeOf(one);
      await store.refund(one.take, at);
    }),
  );
};
