import type { Checked, StandingRule } from "#core/limits/api.schema.ts";

/** Who decided, in words that need no reading of the API. */
export const decidedBy: Readonly<Record<Checked["decided_by"], string>> = {
  store: "the table",
  lease: "a lease, without asking the table",
  memory: "a denial remembered, without asking the table",
  "allow-list": "the list of those always let through",
  "deny-list": "the list of those always denied",
  ban: "a ban",
  local: "one process by itself, as the table failed",
  open: "nobody, as the table failed: open lets through",
  closed: "nobody, as the table failed: closed refuses",
};

/** Whom a rule counts, each by itself. */
export const countsBy: Readonly<Record<StandingRule["scope"], string>> = {
  global: "all together",
  tenant: "each tenant",
  user: "each user",
  ip: "each address",
  route: "each route",
};
