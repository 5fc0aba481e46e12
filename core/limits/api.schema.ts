import * as v from "valibot";
import { defineApi } from "../kit/api.schema.ts";
import { Listed } from "./listed.schema.ts";
import { LimitKey, Rule, RuleName } from "./rule.schema.ts";

/** Units a request costs. 0 asks whether anything is left. */
const Cost = v.pipe(v.number(), v.integer(), v.minValue(0, "A cost is 0 or more"), v.maxValue(1_000_000));

export const Check = v.strictObject({ rule: RuleName, key: LimitKey, cost: v.optional(Cost, 1) });

/** What a check answers; seconds are rounded up, milliseconds exact. */
export const Checked = v.object({
  allowed: v.boolean(),
  rule: RuleName,
  /** What the rule itself said: differs from `allowed` in shadow mode, and for who is on a list. */
  within_limit: v.boolean(),
  limit: v.number(),
  remaining: v.number(),
  reset_ms: v.number(),
  /** null: never, for the cost is more than there ever is. */
  retry_after_ms: v.nullable(v.number()),
  /** A leaky queue's: hold the request this long before serving it. */
  wait_ms: v.number(),
  /** Who decided: the store, a lease, the denial remembered here, a list, a ban, this process alone, or nobody as the store failed. */
  decided_by: v.picklist([
    "store",
    "lease",
    "memory",
    "allow-list",
    "deny-list",
    "ban",
    "local",
    "open",
    "closed",
  ]),
});
export type Checked = v.InferOutput<typeof Checked>;

/** A rule as it stands: the app's own, which guard this API, or one of the caller's. */
export const StandingRule = v.object({
  ...Rule.pipe[0].entries,
  owner: v.picklist(["app", "you"]),
  /** Grows with each change. 0: as the code states it, never changed. */
  revision: v.number(),
});
export type StandingRule = v.InferOutput<typeof StandingRule>;

const Usage = v.object({
  rule: RuleName,
  key: v.string(),
  limit: v.number(),
  remaining: v.number(),
  reset_ms: v.number(),
  /** Milliseconds a ban lasts yet; 0: none. */
  banned_ms: v.number(),
});
export type Usage = v.InferOutput<typeof Usage>;

const onList = {
  path: "/api/v1/limits/lists/{list}",
  params: v.strictObject({ list: v.picklist(["allow", "deny"]) }),
} as const;
/** Whose rules and lists: one's own, or the app's, which admins alone may change. */
const Owner = v.optional(v.picklist(["you", "app"]), "you");
const ofOwner = v.strictObject({ owner: Owner });

/** The HTTP API of the rate limiter. Each caller has rules, keys and lists of their own. */
export const limitsApi = defineApi({
  check: {
    method: "POST",
    path: "/api/v1/limits/check",
    handler: "limits/check",
    summary:
      "Decide on one request by one of the own rules. Needs the API key of the usage plan as well (`x-api-key`).",
    auth: "required",
    apiKey: true,
    limit: "write",
    body: Check,
    replies: { 200: Checked },
    problems: ["not-found"],
  },
  refund: {
    method: "POST",
    path: "/api/v1/limits/refund",
    handler: "limits/refund",
    summary: "Give back what a check took: the request was not served after all.",
    auth: "required",
    limit: "write",
    body: Check,
    replies: { 200: Usage },
    problems: ["not-found"],
  },
  reset: {
    method: "POST",
    path: "/api/v1/limits/reset",
    handler: "limits/reset",
    summary: "Forget what a key has used, and its ban.",
    auth: "required",
    limit: "write",
    body: v.strictObject({ rule: RuleName, key: LimitKey }),
    replies: { 200: Usage },
    problems: ["not-found"],
  },
  usage: {
    method: "GET",
    path: "/api/v1/limits/usage",
    handler: "limits/usage",
    summary:
      "What a key has left by each of the own rules, or by one. Without a key: what the app's own rules leave to the caller. Costs nothing of any limit.",
    auth: "optional",
    limit: "read",
    query: v.strictObject({ key: v.optional(LimitKey), rule: v.optional(RuleName) }),
    replies: { 200: v.object({ usage: v.array(Usage) }) },
    problems: ["not-found"],
  },
  rules: {
    method: "GET",
    path: "/api/v1/limits/rules",
    handler: "limits/rules",
    summary: "The app's rules and, signed in, one's own.",
    auth: "optional",
    limit: "read",
    replies: { 200: v.object({ rules: v.array(StandingRule) }) },
  },
  define: {
    method: "PUT",
    path: "/api/v1/limits/rules",
    handler: "limits/define",
    summary: "Make a rule or change it; it holds everywhere within seconds. The app's rules: admins only.",
    auth: "required",
    limit: "write",
    query: ofOwner,
    body: Rule,
    replies: { 200: StandingRule, 201: StandingRule },
    problems: ["forbidden", "too-many-rules"],
  },
  drop: {
    method: "DELETE",
    path: "/api/v1/limits/rules/{name}",
    handler: "limits/drop",
    summary: "Delete a rule. One of the app's returns to what the code states.",
    auth: "required",
    limit: "write",
    params: v.strictObject({ name: RuleName }),
    query: ofOwner,
    replies: { 204: null },
    problems: ["not-found", "forbidden"],
  },
  lists: {
    ...onList,
    method: "GET",
    handler: "limits/list",
    summary: "Who is on the list.",
    auth: "required",
    limit: "read",
    query: ofOwner,
    replies: { 200: v.object({ listed: v.array(Listed) }) },
    problems: ["forbidden"],
  },
  enlist: {
    ...onList,
    method: "PUT",
    handler: "limits/enlist",
    summary:
      "Put a user, an address, a range, an API key or any key on the list: allowed without limit, or denied.",
    auth: "required",
    limit: "write",
    query: ofOwner,
    body: Listed,
    replies: { 200: Listed, 201: Listed },
    problems: ["forbidden", "too-many-rules"],
  },
  delist: {
    ...onList,
    method: "DELETE",
    handler: "limits/delist",
    summary: "Take somebody off the list.",
    auth: "required",
    limit: "write",
    query: v.strictObject({ owner: Owner, kind: Listed.entries.kind, value: Listed.entries.value }),
    replies: { 204: null },
    problems: ["not-found", "forbidden"],
  },
  apiKey: {
    method: "GET",
    path: "/api/v1/limits/api-key",
    handler: "limits/api-key",
    summary:
      "The key of the usage plan: a courtesy limit of API Gateway that names who calls. It protects nothing.",
    auth: "required",
    limit: "read",
    replies: {
      200: v.object({ api_key: v.string(), rate: v.number(), burst: v.number(), quota: v.number() }),
    },
  },
});
