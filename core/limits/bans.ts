// A ban needs no storage of its own. To be banned is to have used up a bucket of 1 that refills in the time of the ban; the
// denials that lead there are admissions of another count, of which one more than may be is the ban.
import { LRUCache } from "lru-cache";
import { now } from "#core/kit/clock.ts";
import { count } from "#core/kit/tally.ts";
import type { Asked } from "./asked.ts";
import type { Params, Take } from "./decision.schema.ts";
import { RULES_TTL_MS } from "./policies.schema.ts";
import type { Rule } from "./rule.schema.ts";
import type { LimitStore } from "./store.ts";

type BanPolicy = NonNullable<Rule["ban"]>;

/** Up to so many denials are logged one by one, in 1 KB; of more, the weighted count of two windows is exact enough. */
const LOGGED = 100;

const ban = ({ key }: Take, policy: BanPolicy): Take => ({
  key: `ban/${key}`,
  cost: 1,
  params: { algorithm: "gcra", limit: 1, burst: 1, windowMs: policy.for * 1_000 },
});

const strikes = ({ key }: Take, { after, within }: BanPolicy): Take => {
  const before = Math.max(1, after - 1); // the last one is the ban
  const algorithm = before <= LOGGED ? "sliding-window-log" : "sliding-window-counter";
  const params: Params = { algorithm, limit: before, burst: before, windowMs: within * 1_000 };
  return { key: `strikes/${key}`, cost: 1, params };
};

// What this process knows, for as long as rules are believed: another may have given a ban, or lifted it.
const known = new LRUCache<string, { readonly until: number; readonly askedAt: number }>({ max: 5_000 });

/** Forgets the bans this process knows of: as a new process. For tests. */
export const forgetBans = (): void => known.clear();

const remember = (key: string, until: number) => void known.set(key, { until, askedAt: now() });

/**
 * Milliseconds a ban lasts yet; 0: none. One read for a key in a process, and again every few seconds: a ban given or lifted
 * elsewhere is one here within `RULES_TTL_MS`.
 */
export const bannedFor = async (store: () => Promise<LimitStore>, { rule, take }: Asked): Promise<number> => {
  if (!rule.ban) return 0;
  const at = now();
  const last = known.get(take.key);
  if (last && at - last.askedAt < RULES_TTL_MS) return Math.max(0, last.until - at);
  const { retryAfterMs } = await (await store()).peek(ban(take, rule.ban), at);
  remember(take.key, at + retryAfterMs);
  return retryAfterMs;
};

/** Counts a denial. Answers how long the ban lasts that follows from it; 0: none. One call, two for the one that bans. */
export const strike = async (store: LimitStore, { rule, take }: Asked): Promise<number> => {
  if (!rule.ban) return 0;
  const at = now();
  if (rule.ban.after > 1) {
    const [counted] = await store.take([strikes(take, rule.ban)], at);
    if (counted?.allowed) return 0;
  }
  const [begun] = await store.take([ban(take, rule.ban)], at);
  const lasts = begun?.allowed ? rule.ban.for * 1_000 : (begun?.retryAfterMs ?? 0);
  if (begun?.allowed) count("LimitBanned");
  remember(take.key, at + lasts);
  return lasts;
};

/** Lifts a ban, and forgets what led to it. */
export const pardon = async (store: LimitStore, { rule, take }: Asked): Promise<void> => {
  if (!rule.ban) return;
  const at = now();
  await Promise.all([store.reset(ban(take, rule.ban), at), store.reset(strikes(take, rule.ban), at)]);
  known.delete(take.key);
};
