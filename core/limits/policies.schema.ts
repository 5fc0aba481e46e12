/**
 * The app's own rules, as the code states them: the one home of its limits. A stored rule of the same name, which admins write
 * by the API, stands in its place within `RULES_TTL_MS` everywhere. Pure data: stacks, the web app and the docs read it too.
 */
import * as v from "valibot";
import type { Operation } from "../kit/api.schema.ts";
import { type NewRule, Rule } from "./rule.schema.ts";

/** Whose the app's rules, keys and lists are. No user has this id: theirs are UUIDs. */
export const APP = "app";

/** Within this time a changed rule or list, a ban, a refund and a reset hold in every process: each asks once in as long, and not more often. */
export const RULES_TTL_MS = 5_000;

/** Rules of one owner; of one list, entries of one owner. */
export const MAX_RULES = 50;
export const MAX_LISTED = 100;

export type LimitClass = Operation["limit"];

/** Requests a second and burst that API Gateway lets through a route by its class, whoever asks: what is beyond reaches no function. */
export const stageRates: Readonly<Record<LimitClass, { readonly rate: number; readonly burst: number }>> = {
  redirect: { rate: 10_000, burst: 5_000 },
  read: { rate: 2_000, burst: 2_000 },
  write: { rate: 1_200, burst: 1_200 },
  probe: { rate: 500, burst: 500 },
};

/** Requests a second, burst and requests a day that the usage plan grants its key. */
export const usagePlan = { rate: 50, burst: 100, perDay: 10_000 } as const;

/** A bucket over minutes. `lease` units are taken at once by a process: at most as many are stranded when it ends. */
const perMinute = (name: string, scope: Rule["scope"], limit: number, burst: number, lease = 0): NewRule => ({
  name,
  scope,
  algorithm: "token-bucket",
  limit,
  window: 60,
  burst,
  lease,
});

const MINUTES_15 = 900;

const stated: readonly NewRule[] = [
  // Reads: a call to the store every hundredth request of a caller.
  perMinute("read-global", "global", 120_000, 20_000, 1_000),
  perMinute("read-user", "user", 12_000, 4_000, 100),
  perMinute("read-ip", "ip", 12_000, 4_000, 100),
  perMinute("read-route", "route", 120_000, 10_000, 1_000),
  // Writes cost ten times as much: small leases.
  perMinute("write-global", "global", 72_000, 12_000, 400),
  perMinute("write-user", "user", 6_000, 3_000, 20),
  perMinute("write-ip", "ip", 6_000, 3_000, 20),
  perMinute("write-route", "route", 60_000, 10_000, 400),
  // A redirect is counted in its process alone, without a call: what floods from one address is stopped where it floods.
  perMinute("redirect-ip", "ip", 30_000, 5_000),
  // Whether the app is there, and what it says of itself, is told whatever becomes of the table.
  perMinute("probe-ip", "ip", 6_000, 2_000),
  // Links that nobody owns can be made by anybody: by an address, five a second over time.
  perMinute("anonymous-creation", "ip", 300, 600),
  // Passwords are guessed slowly: by one address, and by all of a botnet together. A store that fails opens no door.
  {
    name: "password-tries",
    scope: "ip",
    algorithm: "sliding-window-log",
    limit: 10,
    window: MINUTES_15,
    onFailure: "closed",
    ban: { after: 20, within: 3_600, for: 3_600 },
  },
  {
    name: "password-tries-link",
    scope: "route",
    algorithm: "sliding-window-counter",
    limit: 200,
    window: MINUTES_15,
    onFailure: "closed",
  },
  // The user pool locks an account by itself; an address that tries many accounts is stopped here.
  { name: "sign-in-tries", scope: "ip", algorithm: "gcra", limit: 300, window: MINUTES_15, burst: 100 },
  {
    name: "sign-in-tries-account",
    scope: "user",
    algorithm: "gcra",
    limit: 60,
    window: MINUTES_15,
    burst: 30,
  },
];

/** The app's rules by name. */
export const policies: ReadonlyMap<string, Rule> = new Map(
  stated.map((rule) => [rule.name, v.parse(Rule, rule)]),
);

/** Rules whose counts live in the deciding process alone: they cost no call, and each process admits as much. */
export const countedHere: ReadonlySet<string> = new Set(["redirect-ip", "probe-ip"]);

/** Rules that nobody changes, and no list excepts from: what they guard costs no call at all, and works without the table. */
export const asStated: ReadonlySet<string> = new Set(["probe-ip"]);

/** The rules that guard each route of a class, from wide to narrow. A rule by user guards those who have signed in. */
export const guards: Readonly<Record<LimitClass, readonly string[]>> = {
  redirect: ["redirect-ip"],
  probe: ["probe-ip"],
  read: ["read-global", "read-user", "read-ip", "read-route"],
  write: ["write-global", "write-user", "write-ip", "write-route"],
};

/** Rules that an admin passes who signs in and changes a rule: what they ask for has to stay possible. */
export const wayBack: ReadonlySet<string> = new Set([
  ...guards.write,
  "sign-in-tries",
  "sign-in-tries-account",
]);
