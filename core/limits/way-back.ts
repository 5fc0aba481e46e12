import { Problem } from "#core/kit/problem.ts";
import { asStated, policies, wayBack } from "./policies.schema.ts";
import type { Rule } from "./rule.schema.ts";

const HOUR = 3_600;
/** Of what the code states: less of a rule that all share, and a few callers keep everybody out. */
const LEAST_SHARE = 0.01;

const perHour = ({ limit, window }: Rule) => (limit * HOUR) / window;
const atOnce = ({ limit, burst }: Rule) => burst ?? limit;

/** What is wrong with a rule of the app: a member, and why. Undefined: it may stand. */
const faultOf = (rule: Rule, stated: Rule): readonly [pointer: string, message: string] | undefined => {
  if (rule.scope !== stated.scope) return ["/scope", `This rule counts by ${stated.scope}`];
  if (asStated.has(rule.name))
    return ["/name", "This rule stands as the code states it: no table is asked for it"];
  if (!wayBack.has(rule.name)) return undefined;
  const shared = rule.scope === "global" || rule.scope === "route";
  if (rule.ban && shared) return ["/ban", "All share this rule: a ban would shut everybody out, you too"];
  if (rule.ban && rule.ban.for > HOUR)
    return ["/ban/for", "Whoever sets rules may be banned for an hour at most"];
  const least = shared ? Math.ceil(LEAST_SHARE * perHour(stated)) : 1;
  if (perHour(rule) < least)
    return ["/limit", `Nobody could change it back: grant at least ${least} an hour`];
  const leastAtOnce = shared ? Math.ceil(LEAST_SHARE * atOnce(stated)) : 1;
  if (atOnce(rule) < leastAtOnce)
    return [rule.burst === undefined ? "/limit" : "/burst", `Grant at least ${leastAtOnce} at once`];
  return undefined;
};

/**
 * The app's rules are asked for by name, and with keys made for their scope: neither can be anything else. And none may shut out
 * those who set them: a rule that lets nobody write, or sign in, could not be taken back.
 */
export const refuseUnfit = (rule: Rule): void => {
  const stated = policies.get(rule.name);
  const fault = stated
    ? faultOf(rule, stated)
    : (["/name", `The app asks for no such rule. It has ${[...policies.keys()].join(", ")}`] as const);
  if (!fault) return;
  const [pointer, message] = fault;
  throw new Problem("invalid-request", `${pointer}: ${message}`, {
    issues: [{ in: "body", pointer, message }],
  });
};
