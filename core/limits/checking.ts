import type * as v from "valibot";
import type { User } from "#core/identity/user.schema.ts";
import { now } from "#core/kit/clock.ts";
import { Problem } from "#core/kit/problem.ts";
import { toAddress } from "./address.ts";
import type { Check, Checked, Usage } from "./api.schema.ts";
import { type Asked, resolve } from "./asked.ts";
import { pardon } from "./bans.ts";
import type { JudgedLevel } from "./judgement.ts";
import { judge, refund } from "./limiter.ts";
import { inStore } from "./stores.ts";
import { usageBy } from "./usage.ts";

type Asks = v.InferOutput<typeof Check>;

const whole = (ms: number) => (Number.isFinite(ms) ? Math.ceil(ms) : null);

const toChecked = ({ rule, decision, decidedBy }: JudgedLevel, allowed: boolean, retry: number): Checked => ({
  allowed,
  rule: rule.name,
  limit: rule.limit,
  decided_by: decidedBy,
  // A list says nothing of what was counted: by the rule alone the request would have been counted like any other.
  within_limit: decision.allowed || decidedBy === "deny-list",
  remaining: decision.remaining,
  reset_ms: Math.ceil(decision.resetMs),
  retry_after_ms: allowed ? 0 : whole(retry),
  wait_ms: Math.ceil(decision.waitMs),
});

/**
 * Decides on a request of one of the user's own clients by one of their rules. Whoever the key names is looked for on the user's
 * lists under every kind: as a user, an address, an API key.
 */
export const check = async (user: User, { rule, key, cost }: Asks): Promise<Checked> => {
  const who = { user: key, ip: key, apiKey: key };
  const level = await own(user, rule, key);
  const { levels, allowed, retryAfterMs } = await judge([level], who, cost);
  const [judged] = levels;
  if (!judged) throw new Error("A level that was asked says nothing");
  return toChecked(judged, allowed, retryAfterMs);
};

/** Gives back what a check took, and says what is then left. */
export const giveBack = async (user: User, { rule, key, cost }: Asks): Promise<Usage> => {
  const level = await own(user, rule, key);
  await inStore(() => refund([level], cost));
  return usageBy(await only(user, rule, key));
};

/** Forgets what a key has used, and its ban. */
export const forget = async (user: User, { rule, key }: Omit<Asks, "cost">): Promise<Usage> => {
  await own(user, rule, key);
  const asked = await only(user, rule, key);
  await inStore((store) => Promise.all([store.reset(asked.take, now()), pardon(store, asked)]));
  return usageBy(asked);
};

const only = async (user: User, rule: string, key: string): Promise<Asked> => {
  const [asked] = await resolve([{ owner: user.id, rule, key }], 0);
  if (!asked) throw new Error("A level was asked for and none was found");
  return asked;
};

/** A level of the user's own. A rule that counts by address takes no other key: garbage would never meet its limit. */
const own = async (user: User, rule: string, key: string) => {
  const asked = await only(user, rule, key);
  if (asked.rule.scope === "ip" && toAddress(key) === undefined) {
    const message = `The rule “${rule}” counts by address: this is no IPv4 or IPv6 address`;
    throw new Problem("invalid-request", `/key: ${message}`, {
      issues: [{ in: "body", pointer: "/key", message }],
    });
  }
  return { owner: user.id, rule, key };
};
